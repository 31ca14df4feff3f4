"""The naive way to the same answer: everything is in memory, the document is walked as it stands, the page is asked of
instances. Nothing here is quick, and nothing is shared with plans but the page itself.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from graphql import FieldNode, GraphQLSchema

from auth.access import Sight, Varying, nobody
from auth.policy import PAGE
from auth.rows import may, reaches, seen
from auth.sealing.cursors import CursorSealer
from auth.viewer import Viewer
from domain.customer import Customer
from domain.identity import public_id
from domain.ticket import Ticket
from tests.reading.data import World
from tests.reading.document import Document, snake
from tests.reading.lists import ATTRIBUTE, BY_PREFIX, LISTED, MODEL, TYPE, Order, filters, passes
from tests.reading.survey import Survey

WORDS = {
    "ACCEPTED": "受理", "INVESTIGATING": "调查", "RESPONDED": "回应", "FOLLOWING_UP": "跟踪", "CLOSED": "关闭",
    "QUESTION": "咨询", "COMPLAINT": "投诉", "AFTER_SALES": "售后", "RETURN_EXCHANGE": "退换货",
    "POTENTIAL": "潜在期", "AWARENESS": "认知期", "PURCHASE": "购买期", "LOYALTY": "忠诚期", "CHURN": "流失期",
    "LOW": "低", "NORMAL": "普通", "HIGH": "高", "URGENT": "紧急",
}  # fmt: skip


def _called(prefix: str, row: Any) -> tuple[str | None, str | None]:
    return (public_id(prefix, row.id), row.name) if row else (None, None)


KEYS: dict[tuple[Any, str], Callable[[Any], tuple[str | None, str | None]]] = {
    (Customer, "STAGE"): lambda row: (row.stage, row.stage and WORDS[row.stage]),
    (Customer, "TIER"): lambda row: (row.tier.code, row.tier.name) if row.tier else (None, None),
    (Customer, "OWNER"): lambda row: _called("stf", row.owner),
    (Customer, "REGION"): lambda row: (row.region, row.region),
    (Ticket, "STATUS"): lambda row: (row.status, WORDS[row.status]),
    (Ticket, "KIND"): lambda row: (row.kind, WORDS[row.kind]),
    (Ticket, "PRIORITY"): lambda row: (row.priority, WORDS[row.priority]),
    (Ticket, "ASSIGNEE"): lambda row: _called("stf", row.assignee),
    (Ticket, "TEAM"): lambda row: _called("team", row.team),
}
"""By what rows are counted: the key of a group, and what it is called."""

MOST_NODES = 25_000


def camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


class Oracle:
    """Answers one operation for one viewer."""

    def __init__(
        self,
        world: World,
        schema: GraphQLSchema,
        cursors: CursorSealer,
        viewer: Viewer,
        text: str,
        variables: dict[str, Any],
    ) -> None:
        self.world, self.cursors, self.viewer = world, cursors, viewer
        self.document = Document(schema, text, variables)
        self.below, self.inner = self.document.below, self.document.inner

    def answer(self) -> dict[str, Any]:
        """`data`, `refused`: the codes that each refused root may have, `hidden`; or `exceeded` alone."""
        roots = self.document.roots()
        surveys = {key: Survey(self.document, self.viewer.kind, self.cursors, nodes) for key, nodes in roots.items()}
        refused = {key: survey.refused for key, survey in surveys.items() if survey.refused}
        if sum(survey.most for key, survey in surveys.items() if key not in refused) > MOST_NODES:
            return {"exceeded": True}
        data = {key: None if key in refused else self.root(nodes) for key, nodes in roots.items()}
        gone = any(roots[key][0].name.value == "nodes" for key in refused)
        hidden = {name for survey in surveys.values() if not survey.by_kind for name in survey.hidden}
        return {"data": None if gone else data, "refused": refused, "hidden": sorted(hidden)}

    # -- roots --------------------------------------------------------------------------------------------------------

    def root(self, nodes: list[FieldNode]) -> Any:  # noqa: PLR0911 - one case each
        name = nodes[0].name.value
        if name == "__typename":
            return "Query"
        args, type_ = self.document.args("Query", nodes[0]), self.inner("Query", nodes)
        match name:
            case "viewer":
                return self.me(nodes)
            case "node":
                return self.by_id(args["id"], nodes)
            case "nodes":
                return [self.by_id(id_, nodes) for id_ in args["ids"]]
            case "customer" | "interaction" | "ticket":
                return self.by_id(args["id"], nodes, type_)
            case "customerCounts":
                return self.counts(Customer, args, nodes)
            case "ticketCounts":
                return self.counts(Ticket, args, nodes)
            case "ticketRoutes" | "settings":
                listed = sorted(self.reached(self.world.rows[MODEL[type_]]), key=lambda row: row.id)
                return [self.row(row, nodes) for row in listed]
            case "tiers" | "purposes":
                listed = sorted(self.reached(self.world.rows[MODEL[type_]]), key=lambda row: row.code)
                return [self.row(row, nodes) for row in listed]
            case _:
                about = LISTED[type_]
                return self.connection(about, self.world.rows[MODEL[about]], args, nodes, type_)

    def by_id(self, text: str, nodes: list[FieldNode], only: str | None = None) -> Any:
        for prefix, type_ in BY_PREFIX.items():
            for row in self.world.rows[MODEL[type_]]:
                if only in {None, type_} and text == public_id(prefix, row.id) and reaches(row, self.viewer):
                    return self.row(row, nodes)
        return None

    def me(self, nodes: list[FieldNode]) -> dict[str, Any]:
        """`staffMember` is a row like others, everything else is told by the page."""
        plain = self.myself()
        return {
            key: self.by_id(self.viewer.public_id, several, "StaffMember")
            if name == "staffMember"
            else self.picked_one(plain, "Viewer", name, several)
            for key, name, several in self.below("Viewer", nodes)
        }

    def myself(self) -> dict[str, Any]:
        def told(model: Any, field: str) -> Any:
            rows = PAGE[model].rows[self.viewer.role]
            while hasattr(rows, "grant"):
                rows = rows.then if rows.grant in self.viewer.grants else None
            sight = seen(model, field, self.viewer.kind)
            return Sight.HIDDEN if rows in {None, nobody} else Sight.MASKED if isinstance(sight, Varying) else sight

        labels = {attribute: label for (_, label), attribute in ATTRIBUTE.items()}
        return {
            "id": public_id("vwr", self.viewer.id),
            "role": self.viewer.role,
            "name": self.viewer.name,
            "grants": sorted(self.viewer.grants),
            "access": [
                {"type": TYPE[model], "field": labels.get(field, camel(field)), "sight": told(model, field)}
                for model, page in PAGE.items()
                for field in page.fields
            ],
        }

    def picked(self, value: Any, type_: str, nodes: list[FieldNode]) -> Any:
        if isinstance(value, list):
            return [self.picked(one, type_, nodes) for one in value]
        return {key: self.picked_one(value, type_, name, several) for key, name, several in self.below(type_, nodes)}

    def picked_one(self, value: dict[str, Any], type_: str, name: str, nodes: list[FieldNode]) -> Any:
        if name == "__typename":
            return type_
        return self.picked(value[name], self.inner(type_, nodes), nodes) if nodes[0].selection_set else value[name]

    def counts(self, model: Any, args: dict[str, Any], nodes: list[FieldNode]) -> list[Any]:
        by, now, given = args["by"].value, datetime.now(UTC), filters(args).items()
        groups: dict[Any, list[tuple[str | None, str | None]]] = {}
        for row in self.reached(self.world.rows[model]):
            if all(passes(row, *one, self.world, now) for one in given):
                name, label = KEYS[model, by](row)
                groups.setdefault(name and (name.lower() if by == "REGION" else name), []).append((name, label))
        listed = sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))
        facts = [
            {
                "key": key and min(name or "" for name, _ in rows),
                "label": key and min(label or "" for _, label in rows),
                "count": len(rows),
            }
            for key, rows in listed
        ]
        return self.picked(facts, "TicketCount" if model is Ticket else "CustomerCount", nodes)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def reached(self, rows: Iterable[Any]) -> list[Any]:
        return [row for row in rows if reaches(row, self.viewer)]

    def row(self, row: Any, nodes: list[FieldNode]) -> dict[str, Any]:
        type_ = TYPE[type(row)]
        return {key: self.value(row, type_, name, several) for key, name, several in self.below(type_, nodes)}

    def value(self, row: Any, type_: str, name: str, nodes: list[FieldNode]) -> Any:
        if name == "__typename":
            return type_
        if name == "viewerCan":
            acts = {act: may(snake(act), row, self.viewer) for act in self.document.type(f"{type_}Acts").fields}
            return self.picked(acts, f"{type_}Acts", nodes)
        attribute, inner = ATTRIBUTE.get((type_, name), snake(name)), self.inner(type_, nodes)
        sight = seen(type(row), attribute, self.viewer.kind)
        if inner == "PersonalText":
            return self.picked(self.personal(row, attribute, sight), inner, nodes)
        if inner == "IdDocument":
            kind = None if sight is Sight.HIDDEN else row.document_kind
            return self.picked({"kind": kind, "number": self.personal(row, attribute, sight)}, inner, nodes)
        if sight is not Sight.CLEAR:
            return None
        return self.clear(row, type_, attribute, inner, nodes)

    def personal(self, row: Any, name: str, sight: Any) -> dict[str, Any]:
        if isinstance(sight, Varying):
            sight = Sight.CLEAR if sight.clear_when(row, self.viewer) else Sight.MASKED
        masked, sealed = getattr(row, f"{name}_masked"), getattr(row, f"{name}_sealed")
        clear = self.world.names.get(row.id) if name == "name" else masked
        alone = name not in (row.approval_fields or ())
        asks = "reveal" in PAGE[type(row)].acts and alone and may("reveal", row, self.viewer)
        return {
            "display": {Sight.CLEAR: clear, Sight.MASKED: masked, Sight.HIDDEN: None}[sight],
            "sight": sight,
            "revealable": bool(sight is Sight.MASKED and sealed is not None and asks),
        }

    def clear(self, row: Any, type_: str, name: str, inner: str, nodes: list[FieldNode]) -> Any:  # noqa: PLR0911
        match type_, name:
            case _, "id":
                return public_id(row.PREFIX, row.id)
            case "StaffMember", "team":
                return row.team and row.team.name
            case "AccessLogEntry", "viewer_id" | "subject_id":
                return public_id(getattr(row, name.replace("_id", "_kind")), getattr(row, name))
            case "Setting", "value":
                return str(row.value)
            case "Customer", "tags":
                return [self.row(tag, nodes) for tag in sorted(self.reached(row.tags), key=lambda tag: tag.name)]
        value = getattr(row, name)
        if inner in LISTED:
            return self.connection(LISTED[inner], value, self.document.args(type_, nodes[0]), nodes, inner)
        if type(value) in TYPE:
            return self.row(value, nodes) if reaches(value, self.viewer) else None
        return value.astimezone(UTC) if isinstance(value, datetime) else value

    # -- lists --------------------------------------------------------------------------------------------------------

    def connection(self, about: str, rows: list[Any], args: dict[str, Any], nodes: list[FieldNode], type_: str) -> Any:
        order = Order(about, args.get("orderBy"), self.cursors)
        kinds = set(self.document.type("CustomerChangeKind").values)
        full = order.of(self.world.rows[MODEL[about]])
        now, given = datetime.now(UTC), filters(args).items()
        kept = {id(row) for row in self.reached(rows) if all(passes(row, *one, self.world, now) for one in given)}
        whole = [(i, row) for i, row in enumerate(full) if id(row) in kept]
        listed = [one for one in whole if about != "CustomerChange" or one[1].kind.value in kinds]
        total, after, before = len(listed), args.get("after"), args.get("before")
        if after is not None or before is not None:
            places = {order.cursor(row): i for i, row in enumerate(full)}
            listed = [(i, row) for i, row in listed if after is None or i > places[after]]
            listed = [(i, row) for i, row in listed if before is None or i < places[before]]
        page = [row for _, row in listed]
        if args.get("last") is not None:
            size = args["last"]
            more, less, page = before is not None, len(page) > size, page[-size:]
        else:
            size = args.get("first") or 20
            more, less, page = len(page) > size, after is not None, page[:size]
        return self.shown(page, order, (total, more, less), nodes, type_)

    def shown(
        self, page: list[Any], order: Order, facts: tuple[int, bool, bool], nodes: list[FieldNode], type_: str
    ) -> Any:
        total, more, less = facts
        about = {
            "hasNextPage": more,
            "hasPreviousPage": less,
            "startCursor": order.cursor(page[0]) if page else None,
            "endCursor": order.cursor(page[-1]) if page else None,
        }
        made: dict[str, Any] = {}
        for key, name, several in self.below(type_, nodes):
            match name:
                case "__typename":
                    made[key] = type_
                case "totalCount":
                    made[key] = total
                case "nodes":
                    made[key] = [self.row(row, several) for row in page]
                case "pageInfo":
                    made[key] = self.picked(about, "PageInfo", several)
                case "edges":
                    made[key] = [self.edge(row, order, self.inner(type_, several), several) for row in page]
        return made

    def edge(self, row: Any, order: Order, type_: str, nodes: list[FieldNode]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, name, several in self.below(type_, nodes):
            made[key] = {"__typename": type_, "cursor": order.cursor(row)}.get(name) or self.row(row, several)
        return made
