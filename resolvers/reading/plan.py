"""Plans: selections x kind of viewer, compiled once, run for every request."""

from functools import lru_cache
from typing import Any, NamedTuple

from auth.viewer import ViewerKind
from resolvers.errors import Refused
from resolvers.reading.payload import Payload
from resolvers.reading.roots import Making, Root, Special, judge_nodes, root
from resolvers.reading.search import MAX_OPENED
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Tools

MOST_PLANS = 1_000


class Failed(NamedTuple):
    """A root that was refused; its siblings are answered all the same."""

    key: str
    error: Refused


class Plan:
    """All planned roots of an operation for one kind of viewer. Holds nothing of any request."""

    def __init__(self, fields: tuple[Field, ...], kind: ViewerKind, tools: Tools, special: dict[str, Special]) -> None:
        self.hidden: set[str] = set()
        self.roots: list[Root] = []
        self.refused: list[Failed] = []
        for field in fields:
            hidden: set[str] = set()
            try:
                self.roots.append(root(field, Making(kind, tools, hidden), special))
                self.hidden |= hidden
            except Refused as refused:
                self.refused.append(Failed(field.key, refused))

    async def run(self, request: Request) -> tuple[dict[str, Any], list[Failed]]:
        """Answers by response key. Every root is judged before the first statement; a refused one is null."""
        failed = list(self.refused)
        judged = [(one, most) for one in self.roots if (most := self._judged(one, request, failed)) is not None]
        judge_nodes(sum(most for _, most in judged))
        if scans := sum(one.scans for one, _ in judged):
            request = request._replace(opens=max(1, MAX_OPENED // scans))
        answers = {one.field.key: await self._answered(one, request, failed) for one, _ in judged}
        return answers, failed

    def _judged(self, one: Root, request: Request, failed: list[Failed]) -> int | None:
        try:
            return one.judge(request)
        except Refused as refused:
            failed.append(Failed(one.field.key, refused))
            return None

    async def _answered(self, one: Root, request: Request, failed: list[Failed]) -> Any:
        try:
            return await one.answer(request)
        except Refused as refused:
            failed.append(Failed(one.field.key, refused))
            return None


class Planner:
    """Makes plans and keeps them: the least recently used of a thousand is forgotten first."""

    def __init__(self, tools: Tools, special: dict[str, Special]) -> None:
        self.plan = lru_cache(MOST_PLANS)(lambda fields, kind: Plan(fields, kind, tools, special))
        self.payload = lru_cache(MOST_PLANS)(lambda field, kind: Payload(field, kind, tools))
        self.tools = tools
