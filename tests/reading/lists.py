"""Types, orders and filters, said a second time and in the plainest way."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import orjson

from auth.sealing.cursors import CursorSealer
from domain.access_log import AccessLogEntry
from domain.business_setting import BusinessSetting
from domain.customer import Customer
from domain.duplicate_contact import DuplicateContact
from domain.event import Event
from domain.identity import public_id
from domain.interaction import Interaction
from domain.purpose import Purpose
from domain.staff import StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute
from domain.ticket_state import TicketPriority
from domain.tier import Tier
from tests.reading.data import World

MODEL: dict[str, Any] = {
    "Customer": Customer,
    "Interaction": Interaction,
    "Ticket": Ticket,
    "TicketStep": TicketStep,
    "CustomerChange": Event,
    "StaffMember": StaffMember,
    "Team": Team,
    "TicketRoute": TicketRoute,
    "Setting": BusinessSetting,
    "Tier": Tier,
    "Tag": Tag,
    "Purpose": Purpose,
    "AccessLogEntry": AccessLogEntry,
    "DuplicateContact": DuplicateContact,
}
TYPE = {model: name for name, model in MODEL.items()}
BY_PREFIX = {model.PREFIX: name for name, model in MODEL.items() if model.PREFIX}
LISTED = {f"{name}Connection": name for name in MODEL} | {"AccessLogConnection": "AccessLogEntry"}
ATTRIBUTE = {("CustomerChange", "from"): "before", ("CustomerChange", "to"): "after"}

CUSTOMER_ORDERS = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "SCORE": "score_rank",
    "LAST_INTERACTION_AT": "last_interaction_rank",
}
TICKET_ORDERS = {
    "OPENED_AT": "opened_at",
    "DUE_AT": "due_rank",
    "PRIORITY": "priority_rank",
    "UPDATED_AT": "updated_at",
    "CLOSED_AT": "closed_rank",
}
CHOSEN = {"Customer": ("CREATED_AT", CUSTOMER_ORDERS), "Ticket": ("OPENED_AT", TICKET_ORDERS)}
"""Lists whose order may be chosen: the one that nobody asked for, newest first, and all there are."""

ORDERS: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "Interaction": ("NEWEST", ("occurred_at",), True),
    "TicketStep": ("OLDEST", ("at",), False),
    "CustomerChange": ("NEWEST", (), True),
    "StaffMember": ("JOINED", (), False),
    "Team": ("CREATED", (), False),
    "AccessLogEntry": ("NEWEST", (), True),
    "DuplicateContact": ("NEWEST", ("found_at",), True),
}
LAST = {"DuplicateContact": ("customer_id", "other_id")}
"""What tells apart rows that are alike in every other key, where it is not the id."""
ORDERED_BY = {
    "score_rank": "score",
    "last_interaction_rank": "last_interaction_at",
    "due_rank": "due_at",
    "priority_rank": "priority",
    "closed_rank": "closed_at",
}
"""Which field of the page a key of an order stands for."""

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Order:
    """How a list is ordered, and the cursors of its rows."""

    def __init__(self, type_: str, asked: dict[str, Any] | None, cursors: CursorSealer) -> None:
        self.type, self.cursors = type_, cursors
        if type_ in CHOSEN:
            first, orders = CHOSEN[type_]
            field, direction = (asked["field"].value, asked["direction"].value) if asked else (first, "DESC")
            self.name, self.keys, self.down = f"{field} {direction}", (orders[field],), direction == "DESC"
        else:
            self.name, self.keys, self.down = ORDERS[type_]

    @property
    def fields(self) -> list[str]:
        """The fields of the page that it betrays."""
        return [ORDERED_BY.get(key, key) for key in self.keys]

    def of(self, rows: Iterable[Any]) -> list[Any]:
        """Absent values lowest; what is stored for the sake of order is not asked."""
        last = LAST.get(self.type, ("id",))
        listed = sorted(rows, key=lambda row: [getattr(row, key) for key in last])
        for field in self.fields:
            least = 0.0 if field == "score" else LONG_AGO
            rank = list(TicketPriority).index if field == "priority" else (lambda value: value)
            listed.sort(key=lambda row: (getattr(row, field) is not None, rank(getattr(row, field) or least)))
        return listed[::-1] if self.down else listed

    def cursor(self, row: Any) -> str:
        values = [getattr(row, key) for key in (*self.keys, *LAST.get(self.type, ("id",)))]
        told = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
        return self.cursors.seal(orjson.dumps(told, option=orjson.OPT_UTC_Z), f"{self.type} {self.name}".encode())


BETRAYS = {
    "ownerId": ["owner"],
    "tag": ["tags"],
    "search": ["name"],
    "createdFrom": ["created_at"],
    "createdTo": ["created_at"],
    "assigneeId": ["assignee"],
    "customerId": ["customer"],
    "teamId": ["team"],
    "withoutTeam": ["team"],
    "openedFrom": ["opened_at"],
    "openedTo": ["opened_at"],
    "dueFrom": ["due_at"],
    "dueTo": ["due_at"],
    "closedFrom": ["closed_at"],
    "closedTo": ["closed_at"],
    "overdue": ["due_at", "status"],
    "subjectId": ["subject_id"],
    "viewerId": ["viewer_id"],
}
"""The fields of the page that a filter betrays, where it is not the one of its own name."""


def betrays(type_: str, name: str) -> list[str]:
    if (type_, name) == ("Ticket", "search"):
        return ["subject"]
    if name == "unassigned":
        return ["owner" if type_ == "Customer" else "assignee"]
    return BETRAYS.get(name, [name])


def filters(args: dict[str, Any]) -> dict[str, Any]:
    """All filters given, those of `where` and the plain ones."""
    paging = {"first", "last", "after", "before", "orderBy", "where", "by"}
    given = {name: value for name, value in args.items() if name not in paging} | (args.get("where") or {})
    return {name: value for name, value in given.items() if value is not None}


def passes(row: Any, name: str, value: Any, world: World, now: datetime) -> bool:  # noqa: C901, PLR0911, PLR0912 - one case each
    """Whether one filter lets the row through."""
    match name:
        case "tier":
            return row.tier is not None and row.tier.code in value
        case "ownerId":
            return row.owner_id is not None and public_id("stf", row.owner_id) in value
        case "assigneeId":
            return row.assignee_id is not None and public_id("stf", row.assignee_id) in value
        case "unassigned":
            return ((row.owner_id if isinstance(row, Customer) else row.assignee_id) is None) is value
        case "tag":
            return bool({one_form(tag.name) for tag in row.tags} & set(map(one_form, value)))
        case "region":
            return row.region is not None and one_form(row.region) in {one_form(one).rstrip("区") for one in value}
        case "industry":
            return row.industry is not None and one_form(row.industry) in set(map(one_form, value))
        case "customerId":
            return public_id("cus", row.customer_id) in value
        case "teamId":
            return row.team_id is not None and public_id("team", row.team_id) in value
        case "number":
            return normalize("NFKC", value).strip().upper() in {"", row.number}
        case "withoutTeam":
            return (row.team_id is None) is value
        case "search" if isinstance(row, Ticket):
            return one_form(value) in one_form(row.subject)
        case "search":
            return bare(value) == "" or bare(value) in bare(world.names.get(row.id, ""))
        case "createdFrom" | "openedFrom" | "dueFrom" | "closedFrom":
            at = getattr(row, name.replace("From", "_at"))
            return at is not None and bool(at >= value)
        case "createdTo" | "openedTo" | "dueTo" | "closedTo":
            at = getattr(row, name.replace("To", "_at"))
            return at is not None and bool(at < value)
        case "overdue":
            waiting = row.status.value in {"ACCEPTED", "INVESTIGATING"}
            return (row.due_at is not None and row.due_at < now and waiting) is value
        case "subjectId":
            return public_id(row.subject_kind, row.subject_id) == value
        case "viewerId":
            return public_id(row.viewer_kind, row.viewer_id) == value
    return getattr(row, name) in value


def one_form(word: str) -> str:
    """A word of business, width, spaces and case aside."""
    return " ".join(normalize("NFKC", word).lower().split())


def bare(text: str) -> str:
    """What of a name is compared: case, width, spaces and kinds of dots aside."""
    folded = "".join(normalize("NFKC", text).casefold().split())
    return re.sub("[.•‧⋅・]", "·", folded).replace("\u200b", "")
