"""Reading what an act came to: the objects of a payload, each by its id and under the caller's present rights."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from auth.viewer import ViewerKind
from resolvers.nouns import NOUNS
from resolvers.reading.bounds import refuse_excess
from resolvers.reading.level import MOST_LISTED, Level
from resolvers.reading.roots import Making, judge_nodes, keyed_level, single_level
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Tools


class Payload:
    """The selected fields of one payload type, planned for one kind of viewer."""

    def __init__(self, field: Field, kind: ViewerKind, tools: Tools) -> None:
        self.hidden: set[str] = set()
        making = Making(kind, tools, self.hidden)
        self.fields = field.of(field.type)
        self._bounded = tuple(one for inner in self.fields for one in inner.bounded())
        self.levels: dict[str, Level] = {
            inner.key: (keyed_level if inner.listed else single_level)(NOUNS[inner.type], inner.of(inner.type), making)
            for inner in self.fields
            if inner.type in NOUNS
        }

    def judge(self, request: Request) -> None:
        """Looks at every length, page, cursor and the number of nodes asked for. Raises Refused."""
        for name, slot, bound in self._bounded:
            refuse_excess(request.values[slot], bound, name)
        several = {inner.key: MOST_LISTED if inner.listed else 1 for inner in self.fields}
        judge_nodes(sum(several[key] * level.judge_one(request) for key, level in self.levels.items()))

    async def read(
        self, request: Request, ids: Mapping[str, UUID | Sequence[UUID]], facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The payload: objects by `ids`, everything else from `facts` by label. What the caller does not have in scope
        is null, and is left out of a list.
        """
        return {inner.key: await self._value(inner, request, ids.get(inner.name), facts) for inner in self.fields}

    async def _value(
        self, inner: Field, request: Request, ids: UUID | Sequence[UUID] | None, facts: Mapping[str, Any]
    ) -> Any:
        level = self.levels.get(inner.key)
        if level is None:
            return picked(facts.get(inner.label), inner.of(inner.type))
        if isinstance(ids, UUID):
            return await level.single(request, ids)
        found = await level.keyed(request, ids or ())
        return [found[id_] for id_ in ids or () if id_ in found] if inner.listed else None


def picked(value: Any, fields: tuple[Field, ...]) -> Any:
    """Of a finished object, or a list of them, what was selected."""
    if isinstance(value, list):
        return [picked(item, fields) for item in value]
    if not isinstance(value, dict):
        return value
    return {field.key: picked(value[field.label], field.of(field.type)) for field in fields}
