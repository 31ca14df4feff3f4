"""The check at boot: no field without a decision, no decision without a field, no promise that the page may break.

Forgetting fails closed: a process whose schema and access page disagree does not start.
"""

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLSchema, get_named_type

from auth.access import Sight
from auth.policy import PAGE
from auth.rows import reaches_none, seen
from auth.viewer import Grant, ViewerKind
from domain.base import Base
from domain.staff import Role
from resolvers.nouns import NOUNS
from schema.binding import BOUND

UNDECIDED = frozenset(
    {
        "Query",
        "PageInfo",
        "PersonalText",
        "Viewer",
        "FieldAccess",
        "CustomerCount",
        "CustomerActs",
        "InteractionActs",
        "TicketActs",
    }
)
"""Types that hold no row of their own: what they show was decided where it came from."""


class PageGap(Exception):
    """The access page and the schema do not agree; says where."""


def check(schema: GraphQLSchema) -> None:
    """Raises PageGap at the first disagreement."""
    types = {
        name: t for name, t in schema.type_map.items() if isinstance(t, GraphQLObjectType) and not name.startswith("__")
    }
    _demand(set(BOUND) == set(NOUNS), f"Types bound {sorted(BOUND)} and nouns {sorted(NOUNS)} differ")
    _demand(set(BOUND.values()) == set(PAGE), "The page's types and the bound ones differ")
    _demand(types.keys() >= UNDECIDED, f"No longer needed as exempt: {sorted(UNDECIDED - types.keys())}")
    for name, type_ in types.items():
        if name in BOUND:
            _check_type(type_, BOUND[name])
        else:
            _demand(name in UNDECIDED or name.endswith(("Connection", "Edge")), f"Nobody decided type {name}")


def _check_type(type_: GraphQLObjectType, model: type[Base]) -> None:
    noun, page = NOUNS[type_.name], PAGE[model]
    labels = {noun.label(field): field for field in page.fields}
    there = set(type_.fields) - ({"viewerCan"} if page.acts else set())
    _demand(there == labels.keys(), f"{type_.name}: page and SDL differ in {sorted(there ^ labels.keys())}")
    if page.acts:
        _check_acts(type_, set(page.acts))
    for label, field in labels.items():
        if (
            isinstance(type_.fields[label].type, GraphQLNonNull)
            and get_named_type(type_.fields[label].type).name != "PersonalText"
        ):
            _demand_clear(type_.name, label, model, field)


def _check_acts(type_: GraphQLObjectType, acts: set[str]) -> None:
    acts_type = get_named_type(type_.fields["viewerCan"].type)
    shown = set(getattr(acts_type, "fields", {}))
    camel = {NOUNS[type_.name].label(act) for act in acts}
    _demand(shown == camel, f"{type_.name}.viewerCan: page and SDL differ in {sorted(shown ^ camel)}")


def _demand_clear(type_name: str, label: str, model: type[Base], field: str) -> None:
    for kind in kinds():
        if not reaches_none(model, kind):
            clear = seen(model, field, kind) is Sight.CLEAR
            _demand(clear, f"{type_name}.{label} is non-null but not CLEAR for {kind.role} with {sorted(kind.grants)}")


def kinds() -> list[ViewerKind]:
    """Every role; for partners with no grant, with each one alone, and with all."""
    staff = [ViewerKind(role, frozenset()) for role in Role]
    singly = [ViewerKind(Role.PARTNER, frozenset({Grant.CUSTOMERS, grant})) for grant in Grant]
    alone = [ViewerKind(Role.PARTNER, frozenset({grant})) for grant in Grant]
    return [*staff, *alone, *singly, ViewerKind(Role.PARTNER, frozenset(Grant))]


def _demand(holds: bool, gap: str) -> None:
    if not holds:
        raise PageGap(gap)
