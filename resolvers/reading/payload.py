"""Reading what an act came to: the objects of a payload, each by its id and under the caller's present rights."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from auth.viewer import ViewerKind
from resolvers.nouns import NOUNS
from resolvers.reading.level import Level
from resolvers.reading.roots import Making, judge_nodes, single_level
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Tools


class Payload:
    """The selected fields of one payload type, planned for one kind of viewer."""

    def __init__(self, field: Field, kind: ViewerKind, tools: Tools) -> None:
        self.hidden: set[str] = set()
        making = Making(kind, tools, self.hidden)
        self.fields = field.of(field.type)
        self.levels: dict[str, Level] = {
            inner.key: single_level(NOUNS[inner.type], inner.of(inner.type), making)
            for inner in self.fields
            if inner.type in NOUNS
        }

    def judge(self, request: Request) -> None:
        """Looks at every page, cursor and the number of nodes asked for. Raises Refused."""
        judge_nodes(sum(level.judge_one(request) for level in self.levels.values()))

    async def read(self, request: Request, ids: Mapping[str, UUID], facts: Mapping[str, Any]) -> dict[str, Any]:
        """The payload: objects by `ids`, everything else from `facts` by label."""
        return {inner.key: await self._value(inner, request, ids, facts) for inner in self.fields}

    async def _value(self, inner: Field, request: Request, ids: Mapping[str, UUID], facts: Mapping[str, Any]) -> Any:
        level = self.levels.get(inner.key)
        if level is None:
            return picked(facts.get(inner.label), inner.of(inner.type))
        id_ = ids.get(inner.name)
        return None if id_ is None else await level.single(request, id_)


def picked(value: Any, fields: tuple[Field, ...]) -> Any:
    """Of a finished object, or a list of them, what was selected."""
    if isinstance(value, list):
        return [picked(item, fields) for item in value]
    if not isinstance(value, dict):
        return value
    return {field.key: picked(value[field.label], field.of(field.type)) for field in fields}
