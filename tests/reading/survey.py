"""What can be said of a root before any row is looked at: refusals, hidden fields, and the most that it may return."""

from typing import Any

from graphql import FieldNode

from auth.access import Sight
from auth.rows import is_clear, reaches_none, seen
from auth.sealing.cursors import CursorSealer
from auth.viewer import ViewerKind
from domain.identity import read_public_id
from tests.reading.document import Document, snake
from tests.reading.lists import ATTRIBUTE, BY_PREFIX, LISTED, MODEL, Order, betrays, filters

MOST_LISTED = 100


class Survey:
    """`by_kind` are codes of refusals due to the viewer's kind and the question, `by_value` those due to values."""

    def __init__(self, document: Document, kind: ViewerKind, cursors: CursorSealer, nodes: list[FieldNode]) -> None:
        self.document, self.kind, self.cursors = document, kind, cursors
        self.by_kind: set[str] = set()
        self.by_value: set[str] = set()
        self.hidden: set[str] = set()
        self.most = self.root(nodes)

    @property
    def refused(self) -> set[str]:
        return self.by_kind or self.by_value

    def root(self, nodes: list[FieldNode]) -> int:
        name = nodes[0].name.value
        if name == "__typename":
            return 1
        if name == "viewer":
            members = [several for _, inner, several in self.document.below("Viewer", nodes) if inner == "staffMember"]
            return 1 + sum(1 + self.row("StaffMember", several) for several in members)
        args, type_ = self.document.args("Query", nodes[0]), self.document.inner("Query", nodes)
        if name in {"customerCounts", "ticketCounts"}:
            about = name.removesuffix("Counts").title()
            told = [args["by"].value.lower(), *(field for one in filters(args) for field in betrays(about, one))]
            if not all(is_clear(MODEL[about], field, self.kind) for field in told):
                self.by_kind.add("FORBIDDEN")
            return 1
        if type_ == "Node":
            return self.by_ids([args["id"]] if "id" in args else args["ids"], nodes)
        if type_ in LISTED:
            return self.connection(type_, args, nodes)
        return (1 if args else MOST_LISTED) * (1 + self.row(type_, nodes))

    def by_ids(self, ids: list[str], nodes: list[FieldNode]) -> int:
        asked = [BY_PREFIX.get(found[0]) for id_ in ids if (found := read_public_id(id_))]
        most = 0
        for type_ in BY_PREFIX.values():
            before = set(self.by_value)
            below = self.row(type_, nodes)
            most += asked.count(type_) * (1 + below)
            if type_ not in asked:
                self.by_value = before
        return most

    def row(self, type_: str, nodes: list[FieldNode]) -> int:
        """The most that hangs below one row."""
        return sum(self.field(type_, name, several) for _, name, several in self.document.below(type_, nodes))

    def field(self, type_: str, name: str, nodes: list[FieldNode]) -> int:
        if name in {"__typename", "viewerCan"}:
            return 0
        if seen(MODEL[type_], ATTRIBUTE.get((type_, name), snake(name)), self.kind) is Sight.HIDDEN:
            self.hidden.add(f"{type_}.{name}")
            return 0
        inner = self.document.inner(type_, nodes)
        if inner in LISTED:
            return self.connection(inner, self.document.args(type_, nodes[0]), nodes)
        if inner == "Tag":
            return MOST_LISTED * (1 + self.row(inner, nodes))
        return self.row(inner, nodes) if inner in MODEL else 0

    def connection(self, type_: str, args: dict[str, Any], nodes: list[FieldNode]) -> int:
        about = LISTED[type_]
        order = Order(about, args.get("orderBy"), self.cursors)
        # The order that nobody asked for gives nothing away where no row is in reach.
        ordered = order.fields if args.get("orderBy") or not reaches_none(MODEL[about], self.kind) else []
        betrayed = ordered + [field for name in filters(args) for field in betrays(about, name)]
        if not all(is_clear(MODEL[about], field, self.kind) for field in betrayed):
            self.by_kind.add("FORBIDDEN")
        first, last = args.get("first"), args.get("last")
        if first is not None and last is not None:
            self.by_kind.add("BAD_PAGE")
        size = next((one for one in (first, last) if one is not None), 20)
        if not 1 <= size <= 100:
            self.by_value.add("BAD_PAGE")
        return size * (
            1 + sum(self.below(about, type_, name, several) for _, name, several in self.document.below(type_, nodes))
        )

    def below(self, about: str, type_: str, name: str, nodes: list[FieldNode]) -> int:
        if name == "nodes":
            return self.row(about, nodes)
        if name != "edges":
            return 0
        edge = self.document.inner(type_, nodes)
        return sum(
            self.row(about, several) for _, inner, several in self.document.below(edge, nodes) if inner == "node"
        )
