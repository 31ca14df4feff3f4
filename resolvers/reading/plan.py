"""Plans: selections x kind of viewer, compiled once, run for every request."""

import asyncio
from collections import OrderedDict
from typing import Any, NamedTuple

from auth.viewer import ViewerKind
from resolvers.errors import Refused
from resolvers.reading.bounds import Bound, refuse_excess, refuse_much_text
from resolvers.reading.conditions import forget
from resolvers.reading.payload import Payload
from resolvers.reading.roots import Making, Root, Special, judge_nodes, root
from resolvers.reading.search import MAX_OPENED
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Tools

MOST_FIELDS_KEPT = 20_000
"""Fields of all roots that are kept, to be part of other plans."""


class Failed(NamedTuple):
    """A root that was refused; its siblings are answered all the same."""

    key: str
    error: Refused


class Compiled(NamedTuple):
    """A root free of its place in an operation, and what of its fields may not be seen."""

    root: Root
    hidden: frozenset[str]
    bounded: tuple[tuple[str, int, Bound], ...]


class Placed(NamedTuple):
    """A root of a plan: its response key, and how many slots of the operation go before its own."""

    key: str
    before: int
    compiled: Compiled


class Roots:
    """Compiled roots. Two that differ in response key and values alone are one, in one plan and in all."""

    def __init__(self, tools: Tools, special: dict[str, Special]) -> None:
        self._tools, self._special = tools, special
        self._kept: OrderedDict[tuple[Field, ViewerKind], Compiled | Refused] = OrderedDict()
        self._weight = 0

    def placed(self, field: Field, kind: ViewerKind) -> Placed | Failed:
        """The root that a field asks for, or why it is refused."""
        shape = shape_of(field)
        found = self._kept.get((shape, kind))
        if found is None:
            found = self._compiled(shape, kind)
            self._keep((shape, kind), found)
        self._kept.move_to_end((shape, kind))
        if isinstance(found, Refused):
            return Failed(field.key, found)
        return Placed(field.key, field.first_slot, found)

    def _compiled(self, shape: Field, kind: ViewerKind) -> Compiled | Refused:
        hidden: set[str] = set()
        try:
            made = root(shape, Making(kind, self._tools, hidden), self._special)
        except Refused as refused:
            return refused.with_traceback(None)
        return Compiled(made, frozenset(hidden), tuple(shape.bounded()))

    def _keep(self, place: tuple[Field, ViewerKind], made: Compiled | Refused) -> None:
        self._kept[place] = made
        self._weight += place[0].size
        while self._weight > MOST_FIELDS_KEPT and len(self._kept) > 1:
            (forgotten, _), _ = self._kept.popitem(last=False)
            self._weight -= forgotten.size


def shape_of(field: Field) -> Field:
    """All of a root field that its compiled form depends on: without its response key, slots counted from 0."""
    return field.moved(field.first_slot)._replace(key="")


class Plan:
    """All planned roots of an operation for one kind of viewer. Holds nothing of any request."""

    def __init__(self, fields: tuple[Field, ...], kind: ViewerKind, roots: Roots) -> None:
        self.hidden: set[str] = set()
        self.roots: list[Placed] = []
        self.refused: list[Failed] = []
        for field in fields:
            placed = roots.placed(field, kind)
            if isinstance(placed, Failed):
                self.refused.append(placed)
                continue
            self.roots.append(placed)
            self.hidden |= placed.compiled.hidden

    async def run(self, request: Request) -> tuple[dict[str, Any], list[Failed]]:
        """Answers by response key. Every root is judged before the first statement; a refused one is null."""
        failed = list(self.refused)
        judged = []
        most = 0
        for one in self.roots:
            own = request.after(one.before) if one.before else request
            nodes = self._judged(one, own, failed)
            if nodes is not None:
                judged.append((one, own))
                most += nodes
        judge_nodes(most)
        refuse_much_text((own.values[slot], bound) for one, own in judged for _, slot, bound in one.compiled.bounded)
        if scans := sum(one.compiled.root.scans for one, _ in judged):
            opens = max(1, MAX_OPENED // scans)
            judged = [(one, own._replace(opens=opens)) for one, own in judged]
        answers = {one.key: await self._answered(one, own, failed) for one, own in judged}
        return answers, failed

    def _judged(self, one: Placed, request: Request, failed: list[Failed]) -> int | None:
        try:
            for name, slot, bound in one.compiled.bounded:
                refuse_excess(request.values[slot], bound, name)
            return one.compiled.root.judge(request)
        except Refused as refused:
            failed.append(Failed(one.key, refused))
            return None

    async def _answered(self, one: Placed, request: Request, failed: list[Failed]) -> Any:
        try:
            return await one.compiled.root.answer(request)
        except Refused as refused:
            failed.append(Failed(one.key, refused))
            return None


class Planner:
    """Makes plans. Whoever asks keeps them."""

    def __init__(self, tools: Tools, special: dict[str, Special]) -> None:
        forget()
        self.tools, self._roots = tools, Roots(tools, special)

    def plan(self, fields: tuple[Field, ...], kind: ViewerKind) -> Plan:
        """The plan of a query's root fields."""
        return Plan(fields, kind, self._roots)

    async def plan_in_turns(self, fields: tuple[Field, ...], kind: ViewerKind) -> Plan:
        """The same, with other requests answered between one root and the next."""
        for field in fields:
            self._roots.placed(field, kind)
            await asyncio.sleep(0)
        return self.plan(fields, kind)

    def payload(self, field: Field, kind: ViewerKind) -> Payload:
        """The plan of one payload."""
        return Payload(field, kind, self.tools)
