"""Plans: selections x kind of viewer, compiled once, run for every request."""

from typing import Any, NamedTuple

from auth.viewer import ViewerKind
from resolvers.errors import Refused
from resolvers.reading.bounds import Bound, refuse_excess, refuse_much_text
from resolvers.reading.payload import Payload
from resolvers.reading.roots import Making, Root, Special, judge_nodes, root
from resolvers.reading.search import MAX_OPENED
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Tools


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
        self._bounded: dict[str, tuple[tuple[str, int, Bound], ...]] = {}
        for field in fields:
            hidden: set[str] = set()
            try:
                self.roots.append(root(field, Making(kind, tools, hidden), special))
                self._bounded[field.key] = tuple(field.bounded())
                self.hidden |= hidden
            except Refused as refused:
                self.refused.append(Failed(field.key, refused))

    async def run(self, request: Request) -> tuple[dict[str, Any], list[Failed]]:
        """Answers by response key. Every root is judged before the first statement; a refused one is null."""
        failed = list(self.refused)
        judged = [(one, most) for one in self.roots if (most := self._judged(one, request, failed)) is not None]
        judge_nodes(sum(most for _, most in judged))
        refuse_much_text(
            (request.values[slot], bound) for one, _ in judged for _, slot, bound in self._bounded[one.field.key]
        )
        if scans := sum(one.scans for one, _ in judged):
            request = request._replace(opens=max(1, MAX_OPENED // scans))
        answers = {one.field.key: await self._answered(one, request, failed) for one, _ in judged}
        return answers, failed

    def _judged(self, one: Root, request: Request, failed: list[Failed]) -> int | None:
        try:
            for name, slot, bound in self._bounded[one.field.key]:
                refuse_excess(request.values[slot], bound, name)
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
    """Makes plans. Whoever asks keeps them."""

    def __init__(self, tools: Tools, special: dict[str, Special]) -> None:
        self.tools, self._special = tools, special

    def plan(self, fields: tuple[Field, ...], kind: ViewerKind) -> Plan:
        """The plan of a query's root fields."""
        return Plan(fields, kind, self.tools, self._special)

    def payload(self, field: Field, kind: ViewerKind) -> Payload:
        """The plan of one payload."""
        return Payload(field, kind, self.tools)
