"""Generated operations: selections over the real schema every way of writing fields, fragments, arguments."""

import json
from datetime import timedelta, timezone
from typing import Any, NamedTuple

from graphql import GraphQLNonNull, get_named_type, is_input_object_type, is_list_type, is_non_null_type
from hypothesis import strategies as st

from auth.sealing.cursors import CursorSealer
from domain.identity import public_id
from domain.lifecycle import LifecycleStage
from domain.staff import Role
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus
from domain.tier import TierCode
from tests.reading.data import World
from tests.reading.lists import BY_PREFIX, LISTED, MODEL, Order
from tests.reading.reader import SCHEMA

TYPES: dict[str, Any] = SCHEMA._schema.type_map
NO_STEP = {"PersonalText", "IdDocument", "PageInfo", "Tag", "Tier", "FieldAccess"} | {
    name for name in TYPES if name.endswith("Acts")
}
"""Types that are no further step into the graph."""

SEARCHES = (
    "张", "三1", "李 四", "ＡＮＮ", "nn l", "nana", "司", "1", "娜欧阳娜", "艾力•", "上海知客科技有限公司", "无",
    " ", "", "订单", "INVO", "0% 退",
)  # fmt: skip
CHINA = timezone(timedelta(hours=8))


class Word(str):
    """The name of an enum value: bare in a document."""

    __slots__ = ()


class Question(NamedTuple):
    text: str
    variables: dict[str, Any]


def words(kind: Any) -> st.SearchStrategy[list[Word]]:
    return st.lists(st.sampled_from([Word(one.value) for one in kind]), max_size=3)


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def values(world: World) -> dict[str, st.SearchStrategy[Any]]:
    """What may be sent for an argument or a filter, by its name."""
    ids = [public_id(prefix, row.id) for prefix, name in BY_PREFIX.items() for row in world.rows[MODEL[name]]]
    staff = [one for one in ids if one.startswith("stf")]
    lookers = [public_id(row.viewer_kind, row.viewer_id) for row in world.rows[MODEL["AccessLogEntry"]]]
    moments = sorted({row.created_at for row in world.rows[MODEL["Customer"]]})
    moment = st.builds(
        lambda at, zone: at.astimezone(zone).isoformat(), st.sampled_from(moments), st.sampled_from([CHINA, None])
    )
    numbers = [row.number for row in world.rows[MODEL["Ticket"]][:5]]
    junk = ["", "cus_1", "ptn_" + "0" * 32, "cus_" + "0" * 32, "CUS_" + "0" * 32, "客户"]
    anything = st.sampled_from([*ids, *junk])
    return {
        "id": anything,
        "ids": st.lists(anything, max_size=5),
        "first": st.sampled_from([2, 1, 3, 5, 7, 100, 0, 101]),
        "last": st.sampled_from([2, 1, 3, 5, 7, 100, -1]),
        "role": words(Role),
        "subjectId": st.sampled_from(
            [public_id("cus", row.subject_id) for row in world.rows[MODEL["AccessLogEntry"]]] + junk
        ),
        "viewerId": st.sampled_from(lookers + junk),
        "stage": words(LifecycleStage),
        "tier": words(TierCode),
        "region": st.lists(st.sampled_from(["华东", "华东区", "east", "ＥＡＳＴ ", "nowhere", "'; --"]), max_size=2),
        "industry": st.lists(st.sampled_from(["retail", "ReTail", " 法律", "%"]), max_size=2),
        "ownerId": st.lists(st.sampled_from([*staff, *junk]), max_size=2),
        "assigneeId": st.lists(st.sampled_from([*staff, *junk]), max_size=2),
        "unassigned": st.booleans(),
        "overdue": st.booleans(),
        "tag": st.lists(st.sampled_from(["vip", "ＶＩＰ", "老客户", "no such"]), max_size=2),
        "search": st.sampled_from(SEARCHES),
        "createdFrom": moment,
        "createdTo": moment,
        "status": words(TicketStatus),
        "kind": words(TicketKind),
        "priority": words(TicketPriority),
        "customerId": st.lists(anything, max_size=2),
        "teamId": st.lists(anything, max_size=2),
        "withoutTeam": st.booleans(),
        "number": st.sampled_from([*numbers, numbers[0].lower(), f" {full_width(numbers[1])} ", "T1", "", " "]),
        **{f"{name}{end}": moment for name in ("opened", "due", "closed") for end in ("From", "To")},
        "direction": st.sampled_from([Word("ASC"), Word("DESC")]),
    }


class Asking:
    """One operation in the making."""

    def __init__(
        self, draw: Any, world: World, given: dict[str, st.SearchStrategy[Any]], cursors: CursorSealer
    ) -> None:
        self.draw, self.world, self.given, self.cursors = draw, world, given, cursors
        self.declared: list[str] = []
        self.variables: dict[str, Any] = {}
        self.fragments: list[str] = []
        self.made = 0

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(0, one_in - 1)) == one_in - 1)

    def fresh(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def question(self) -> Question:
        rich, others = self.draw(ROOTS)
        roots = [self.field("Query", name, 3, "") for name in (rich, *others)]
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        text = f"query Asked{declared} {{\n{' '.join(roots)} }} {' '.join(self.fragments)}"
        return Question(text, self.variables)

    # -- fields -------------------------------------------------------------------------------------------------------

    def selection(self, type_: str, steps: int, apart: str = "") -> str:
        """`apart` begins all keys where fields of several types stand side by side."""
        if type_ == "Node":
            kinds = self.draw(st.lists(st.sampled_from(sorted(BY_PREFIX.values())), min_size=1, max_size=3))
            return "{ __typename " + " ".join(self.fragment(kind, steps, self.fresh("k")) for kind in kinds) + " }"
        parts = [self.field(type_, name, steps, apart) for name in self.draw(_names(type_, steps > 0))]
        if self.chance(6):
            parts.append(self.fragment(type_, steps, apart))
        if type_ in BY_PREFIX.values() and self.chance(10):
            other = self.draw(st.sampled_from(sorted(BY_PREFIX.values())))
            parts.append("... on Node { id " + self.fragment(other, 0, self.fresh("k")) + " }")
        return "{ " + " ".join(parts) + " }"

    def fragment(self, type_: str, steps: int, apart: str) -> str:
        inner, directive = self.selection(type_, max(steps - 1, 0), apart), self.directive()
        match self.draw(st.integers(0, 2 if apart == "" else 1)):
            case 0:
                return f"... on {type_}{directive} {inner}"
            case 1:
                name = self.fresh("F")
                self.fragments.append(f"fragment {name} on {type_} {inner}")
                return f"...{name}{directive}"
        return f"...{directive} {inner}"

    def field(self, type_: str, name: str, steps: int, apart: str) -> str:
        if name == "__typename":
            return name
        definition = TYPES[type_].fields[name]
        inner = get_named_type(definition.type).name
        args = self.arguments(definition, inner)
        alias = f"{self.fresh(apart or 'a')}: " if args or apart or self.chance(8) else ""
        below = lambda: self.selection(inner, steps - (inner in MODEL and inner not in NO_STEP))  # noqa: E731
        composite = hasattr(TYPES[inner], "fields") or inner == "Node"
        once = f"{alias}{name}{args}"
        if not composite:
            return once + self.directive()
        again = f" {once} {below()}" if self.chance(8) else ""
        return f"{once}{self.directive()} {below()}{again}"

    def directive(self) -> str:
        if not self.chance(12):
            return ""
        name, value = self.draw(st.sampled_from(["include", "skip"])), self.draw(st.booleans())
        return f" @{name}(if: {self.placed(value, GraphQLNonNull(TYPES['Boolean']))})"

    # -- arguments ----------------------------------------------------------------------------------------------------

    def arguments(self, definition: Any, inner: str) -> str:
        chosen = {name: self.chosen(name, arg.type) for name, arg in definition.args.items() if self.wanted(name, arg)}
        if chosen.get("first") is not None and not self.chance(10):
            chosen.pop("last", None)
        if inner in LISTED:
            self.point(chosen, LISTED[inner])
        texts = [f"{name}: {self.placed(value, definition.args[name].type)}" for name, value in chosen.items()]
        return f"({', '.join(texts)})" if texts else ""

    def wanted(self, name: str, arg: Any) -> bool:
        return is_non_null_type(arg.type) or self.chance({"first": 2, "where": 2}.get(name, 4))

    def chosen(self, name: str, type_: Any) -> Any:
        if not is_non_null_type(type_) and self.chance(10):
            return None
        named = get_named_type(type_)
        if name in {"by", "field"}:
            return self.draw(st.sampled_from([Word(one) for one in named.values]))
        if is_input_object_type(named):
            return {key: self.chosen(key, field.type) for key, field in named.fields.items() if self.part(field)}
        return name if name in {"after", "before"} else self.draw(self.given[name])  # `point` brings the cursors

    def part(self, field: Any) -> bool:
        return is_non_null_type(field.type) or self.chance(5)

    def point(self, chosen: dict[str, Any], about: str) -> None:
        """Cursors of rows that exist, in the order asked for, whether or not the viewer reaches them."""
        asked = chosen.get("orderBy")
        fields = TYPES[f"{about}Order"].fields if asked else {}
        told = asked and {key: fields[key].type.of_type.parse_value(asked[key]) for key in asked}
        order = Order(about, told, self.cursors)
        for name in ("after", "before"):
            if chosen.get(name):
                chosen[name] = order.cursor(self.draw(st.sampled_from(self.world.rows[MODEL[about]])))

    def placed(self, value: Any, type_: Any) -> str:
        """The value as a literal, in a variable, in a variable's default, or in part of each."""
        match self.draw(st.integers(0, 5)):
            case 3 | 4:
                return self.variable(f"{type_}", value)
            case 5 if value is not None:
                return self.variable(f"{type_} = {literal(value)}", ...)
            case 5 if not is_non_null_type(type_):
                return self.variable(f"{type_}", ...)
        bare = type_.of_type if is_non_null_type(type_) else type_
        if isinstance(value, dict):
            return (
                "{" + ", ".join(f"{key}: {self.placed(one, bare.fields[key].type)}" for key, one in value.items()) + "}"
            )
        if isinstance(value, list) and is_list_type(bare):
            return "[" + ", ".join(self.placed(one, bare.of_type) for one in value) + "]"
        return literal(value)

    def variable(self, declared: str, value: Any) -> str:
        name = self.fresh("v")
        self.declared.append(f"${name}: {declared}")
        if value is not ...:
            self.variables[name] = value
        return f"${name}"


def literal(value: Any) -> str:
    """As it stands in a document."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return str(value) if isinstance(value, Word) else json.dumps(value, ensure_ascii=False)


def _names(type_: str, further: bool) -> st.SearchStrategy[list[str]]:
    names = ["__typename"]
    for name, field in TYPES[type_].fields.items():
        inner = get_named_type(field.type).name
        if further or inner in NO_STEP or not (inner in LISTED or inner in MODEL):
            names.append(name)
    if type_ in LISTED:
        names += ["nodes", "nodes", "edges"]
    return st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True)


RICH = ["customers", "tickets", "customer", "node", "nodes", "staffMembers", "accessLog", "ticket", "interaction"]
ROOTS = st.tuples(st.sampled_from(RICH), st.lists(st.sampled_from([*TYPES["Query"].fields, "__typename"]), max_size=2))


@st.composite
def questions(draw: Any, world: World, given: dict[str, st.SearchStrategy[Any]], cursors: CursorSealer) -> Question:
    return Asking(draw, world, given, cursors).question()
