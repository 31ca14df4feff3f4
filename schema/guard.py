"""The check at boot: no field without a decision, no decision without a field, no promise that the page may break.

Forgetting fails closed: a process whose schema and access page disagree does not start.
"""

import re

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
)

from auth.access import Column, Granted, Seen, Sight, Varying, Whole
from auth.door.scope_columns import ScopeUnknown, scope_columns
from auth.free_text.inputs import TEXT_INPUTS
from auth.masks import MASKS, RebuildableIdError, called, refuse_rebuildable
from auth.policy import PAGE
from auth.rows import reaches_none, seen
from auth.viewer import Grant, ViewerKind
from domain.access_log import PersonalField
from domain.base import Base
from domain.business_setting import SETTINGS, SettingName
from domain.customer import EDITABLE, PERSONAL, Customer
from domain.sealed import sealed_fields
from domain.staff import Role
from domain.ticket import Ticket
from resolvers.acts.customers import FILLED
from resolvers.following import StreamUndecided, scope_events
from resolvers.nouns import BY_CONNECTION, NOUNS
from resolvers.reading.noun import Noun
from schema.binding import BOUND

PERSONAL_TYPES = frozenset({"PersonalText", "IdDocument"})
"""Types whose values are sealed: what is seen of them is decided by the field that gives them."""

UNDECIDED = frozenset(
    {
        "Query",
        "PageInfo",
        "PersonalText",
        "IdDocument",
        "Viewer",
        "FieldAccess",
        "CustomerCount",
        "TicketCount",
        "CustomerActs",
        "InteractionActs",
        "TicketActs",
        "TicketStepActs",
        "Mutation",
        "Subscription",
        "TicketChange",
        "UserError",
        "RevealedValue",
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
    pages = BY_CONNECTION.keys() | {f"{name.removesuffix('Connection')}Edge" for name in BY_CONNECTION}
    for name, type_ in types.items():
        if name in BOUND:
            _check_type(type_, BOUND[name])
        else:
            _demand(name in UNDECIDED | pages | _roots_and_payloads(schema), f"Nobody decided type {name}")
    for noun in NOUNS.values():
        _check_lists(noun)
        _check_sealed(noun.model)
    _check_personal_lists()
    _check_inputs(schema)
    _check_text_inputs(schema)
    _demand(
        SETTINGS.keys() == set(SettingName), f"Settings without bounds: {sorted(set(SettingName) ^ SETTINGS.keys())}"
    )
    for kind in kinds():
        _check_rebuildable(kind)
        _check_scope(kind)


def _roots_and_payloads(schema: GraphQLSchema) -> set[str]:
    """Types that only hold what is decided elsewhere: the roots, and what the acts give back."""
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    payloads = roots[1].fields.values() if schema.mutation_type else ()
    return {root.name for root in roots} | {get_named_type(field.type).name for field in payloads}


def _check_type(type_: GraphQLObjectType, model: type[Base]) -> None:
    noun, page = NOUNS[type_.name], PAGE[model]
    labels = {noun.label(field): field for field in page.fields}
    there = set(type_.fields) - ({"viewerCan"} if page.acts else set())
    _demand(there == labels.keys(), f"{type_.name}: page and SDL differ in {sorted(there ^ labels.keys())}")
    if page.acts:
        _check_acts(type_, set(page.acts))
    for label, field in labels.items():
        if get_named_type(type_.fields[label].type).name in PERSONAL_TYPES:
            _check_personal(type_.name, label, model, field)
        else:
            _check_plain(type_.name, label, model, field, type_.fields[label])


def _check_personal_lists() -> None:
    """A customer's personal field is sealed, edited and masked, or it is none."""
    sealed = set(sealed_fields(Customer))
    _demand(sealed == set(PERSONAL), f"Sealed and editable fields differ in {sorted(sealed ^ set(PERSONAL))}")
    _demand(sealed <= MASKS.keys(), f"Sealed without a mask: {sorted(sealed - MASKS.keys())}")


def _check_sealed(model: type[Base]) -> None:
    """What is sealed can be revealed; else an original would be kept that nobody ever reads."""
    sealed, revealed = set(sealed_fields(model)), {field.value.lower() for field in PersonalField}
    _demand(sealed <= revealed, f"{model.__name__}: sealed, but never revealed: {sorted(sealed - revealed)}")
    acts = PAGE[model].acts
    _demand(not sealed or "reveal" in acts, f"{model.__name__}: {sorted(sealed)} is sealed, but no act reveals it")


def _check_inputs(schema: GraphQLSchema) -> None:
    """What an input asks for is what its act takes: nothing given is lost."""
    wanted = {
        "CreateCustomerInput": FILLED | {"kind", "basis", "external_id", "external_system", "tags", "owner_id"},
        "EditCustomerInput": EDITABLE | {"customer_id", "expected_version"},
    }
    for name, taken in wanted.items():
        asked = {_SNAKE.sub(r"_\1", field).lower() for field in getattr(schema.type_map.get(name), "fields", {})}
        _demand(asked <= taken, f"{name} asks for {sorted(asked - taken)}, which its act does not take")


def _check_text_inputs(schema: GraphQLSchema) -> None:
    """Every text that a mutation takes has its treatment, else something personal in it might be kept in clear."""
    acts = schema.mutation_type.fields.values() if schema.mutation_type else ()
    arguments = [argument for act in acts for argument in act.args.values()]
    typed = {name for argument in arguments for name in _texts_in(get_named_type(argument.type))}
    _demand(
        typed <= TEXT_INPUTS.keys(), f"Nobody decided what becomes of the texts {sorted(typed - TEXT_INPUTS.keys())}"
    )
    _demand(typed >= TEXT_INPUTS.keys(), f"No input takes the texts {sorted(TEXT_INPUTS.keys() - typed)}")


def _texts_in(type_: GraphQLNamedType) -> set[str]:
    """The names of the texts of an input object and of those inside it. None of ours holds itself."""
    if not isinstance(type_, GraphQLInputObjectType):
        return set()
    inner = {name: get_named_type(field.type) for name, field in type_.fields.items()}
    texts = {name for name, named in inner.items() if named is GraphQLString}
    return texts.union(*(_texts_in(named) for named in inner.values()))


_SNAKE = re.compile("([A-Z])")


def _check_personal(type_name: str, label: str, model: type[Base], field: str) -> None:
    """Only what is stored in three forms can be masked; only free text has clear rows and masked ones, those where
    something was found in it. A free text is CLEAR for nobody: of a text in which nothing was found no original is
    kept, and where there is one, it is seen by the act of revealing alone.
    """
    sealed = sealed_fields(model).get(field)
    _demand(sealed is not None, f"{type_name}.{label} is a PersonalText, but {field} is not sealed")
    is_free = sealed is not None and sealed.free
    for cell in _plain_cells(PAGE[model].fields[field]):
        if isinstance(cell, Varying):
            _demand(is_free, f"{type_name}.{label} varies, but is no free text")
            _demand(cell.clear_when == Whole(field), f"{type_name}.{label} is said to be clear where it may be masked")
        _demand(not (is_free and cell is Sight.CLEAR), f"{type_name}.{label} is free text and CLEAR for somebody")


def _check_plain(type_name: str, label: str, model: type[Base], field: str, shown: GraphQLField) -> None:
    """A field that is no PersonalText is seen or not; where somebody sees it not, it is null."""
    whole = set(_plain_cells(PAGE[model].fields[field])) <= {Sight.CLEAR, Sight.HIDDEN}
    _demand(whole, f"{type_name}.{label} is masked for somebody, but no PersonalText")
    _demand(field not in sealed_fields(model), f"{type_name}.{label} is sealed, but no PersonalText")
    if isinstance(shown.type, GraphQLNonNull):
        _demand_clear(type_name, label, model, field)


def _plain_cells(line: Column[Seen]) -> list[Sight | Varying]:
    return [_ungranted(cell) for cell in line.values()]


def _ungranted(cell: Seen) -> Sight | Varying:
    return _ungranted(cell.then) if isinstance(cell, Granted) else cell


def _check_lists(noun: Noun) -> None:
    """What lists are narrowed and ordered by stands on decided fields, else nobody would be refused it (R05)."""
    decided = PAGE[noun.model].fields.keys()
    for name, narrowing in noun.filters.items():
        _demand(bool(narrowing.fields) and decided >= set(narrowing.fields), f"{noun.name}: filter {name} is undecided")
    for name, keys in noun.orders.items():
        told = {noun.ranks.get(attribute, attribute) for attribute, _ in keys} - {"id"}
        _demand(decided >= told, f"{noun.name}: order {name} is undecided")


def _check_scope(kind: ViewerKind) -> None:
    """Of every row rule it is known which columns it stands on, and of a followed type's which events move its rows."""
    try:
        for model in PAGE:
            scope_columns(model, kind)
        scope_events(Ticket, kind)
    except (ScopeUnknown, StreamUndecided) as gap:
        raise PageGap(f"{kind.role} with {sorted(kind.grants)}: {gap}") from None


def _check_rebuildable(kind: ViewerKind) -> None:
    """No kind of viewer rebuilds identity numbers out of what it sees of a number and a birth date (R38)."""
    try:
        refuse_rebuildable(_shown("id_number", kind), _shown("birth_date", kind))
    except RebuildableIdError as error:
        raise PageGap(f"{kind.role} with {sorted(kind.grants)}: {error}") from None


def _shown(field: str, kind: ViewerKind) -> str:
    sight = seen(Customer, field, kind)
    return called(MASKS[field]) if sight is Sight.MASKED else str(sight)


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
    granted = [
        *({grant} for grant in Grant),
        *({Grant.CUSTOMERS, grant} for grant in Grant),
        set(Grant),
    ]
    machines = [ViewerKind(role, frozenset(grants)) for role in Role if role.is_machine for grants in granted]
    return [*staff, *machines]


def _demand(holds: bool, gap: str) -> None:
    if not holds:
        raise PageGap(gap)
