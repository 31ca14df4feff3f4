"""How long each text and each list that a client sends may be: the one place that says so.

Every argument and input field that takes a text or a list is named here, once for all places where it stands. One that
nobody named stops the process at boot. The SDL says the maximum in the description, and every request is judged by it
before any work is done on the value. An id is not named: one of more than 64 characters names nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    get_named_type,
)

from domain.personal.text import MAX_ADDRESS, MAX_FREE_TEXT, MAX_WORD, NAME_LENGTH, SENT_PER_KEPT
from domain.ticket import LONGEST_SUBJECT
from resolvers.reading.bounds import Bound
from resolvers.reading.paging import MAX_CURSOR

Position: TypeAlias = GraphQLArgument | GraphQLInputField
"""Where a client may put a value."""

BOUND = "bound"
"""Where a position's extensions hold its `Bound`."""

TEXTS: Mapping[str, int] = {
    "address": MAX_ADDRESS,
    "after": MAX_CURSOR,
    "before": MAX_CURSOR,
    "description": MAX_FREE_TEXT,
    "device": 100,
    "deviceToken": 200,
    "email": 254,
    "externalId": MAX_WORD,
    "externalSystem": MAX_WORD,
    "idNumber": 60,
    "improvement": MAX_FREE_TEXT,
    "industry": MAX_WORD,
    "login": 100,
    "mobile": 60,
    "name": NAME_LENGTH,
    "note": MAX_FREE_TEXT,
    "number": 60,
    "otherMobile": 60,
    "password": 256,
    "purpose": 50,
    "reason": MAX_FREE_TEXT,
    "RevealPersonalDataInput.reason": 500,
    "refreshToken": 200,
    "region": MAX_WORD,
    "resolution": MAX_FREE_TEXT,
    "response": MAX_FREE_TEXT,
    "search": NAME_LENGTH,
    "TicketFilter.search": LONGEST_SUBJECT,
    "source": MAX_WORD,
    "subject": LONGEST_SUBJECT,
    "summary": MAX_FREE_TEXT,
    "tag": 50,
    "tags": 50,
    "value": 200,
    "wechatId": 40,
}
"""Characters of a text, or of each text of a list. `Type.field` goes before the mere name."""

ITEMS: Mapping[str, int] = {
    "assigneeId": 100,
    "customerId": 100,
    "fields": 20,
    "ids": 100,
    "industry": 100,
    "kind": 100,
    "ownerId": 100,
    "priority": 100,
    "region": 100,
    "role": 100,
    "stage": 100,
    "status": 100,
    "tag": 100,
    "tags": 100,
    "teamId": 100,
    "tier": 100,
}
"""Items of a list."""

SELF_BOUNDED = frozenset({"ID", "Int", "Float", "Boolean", "Date", "DateTime"})
"""Scalars that look at the length themselves before they read a text, or that take none."""

CREDENTIALS = frozenset({"login", "password", "refreshToken", "deviceToken"})
"""Judged where they are checked: too long is as wrong as any other, and the answer is the same."""

_CURSORS = frozenset({"after", "before"})


class Unbounded(Exception):
    """A text or list of the SDL without a maximum, or a maximum for what the SDL does not have; says which."""


def set_bounds(schema: GraphQLSchema) -> None:
    """Gives every argument and input field its bound, and its description the sentence that says it.

    Raises Unbounded where one is missing, and for one that nothing needs.
    """
    written = _written_by_acts(schema)
    used: set[str] = set()
    for owner, name, position in positions(schema):
        sent_per_kept = SENT_PER_KEPT if owner in written else 1
        bound = _bound(f"{owner}.{name}", name, position.type, sent_per_kept, used)
        if bound is not None:
            position.extensions = {**position.extensions, BOUND: bound}
        position.description = _with_sentence(position.description, _sentence(f"{owner}.{name}", name, position.type))
    for table, entries in (("TEXTS", TEXTS), ("ITEMS", ITEMS)):
        if idle := sorted(key for key in entries if f"{table} {key}" not in used):
            raise Unbounded(f"{table} of schema/bounds.py names what the SDL does not have: {', '.join(idle)}")


def positions(schema: GraphQLSchema) -> Iterator[tuple[str, str, Position]]:
    """Every argument and input field of the schema's own types: the type it stands on (a field's argument: the type's
    and the field's name), its name, itself. Input fields come before the arguments that use them, inner types first.
    """
    for input_type in _inner_first(schema):
        for name, input_field in input_type.fields.items():
            yield input_type.name, name, input_field
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not type_.name.startswith("__"):
            for field_name, field in type_.fields.items():
                for name, argument in field.args.items():
                    yield f"{type_.name}.{field_name}", name, argument


def bound_of(position: Position) -> Bound | None:
    """The bound of an argument or input field; None where nothing of it has a length."""
    found: Bound | None = position.extensions.get(BOUND)
    return found


def _inner_first(schema: GraphQLSchema) -> Iterator[GraphQLInputObjectType]:
    done: set[str] = set()

    def visited(type_: GraphQLInputObjectType) -> Iterator[GraphQLInputObjectType]:
        if type_.name in done:
            return
        done.add(type_.name)
        for field in type_.fields.values():
            inner = get_named_type(field.type)
            if isinstance(inner, GraphQLInputObjectType):
                yield from visited(inner)
        yield type_

    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            yield from visited(type_)


def _written_by_acts(schema: GraphQLSchema) -> frozenset[str]:
    """Input types whose texts an act brings to a normal form, which may be shorter than what was sent."""
    mutations = schema.mutation_type.fields.values() if schema.mutation_type else ()
    pending = [get_named_type(argument.type) for field in mutations for argument in field.args.values()]
    found: set[str] = set()
    while pending:
        type_ = pending.pop()
        if isinstance(type_, GraphQLInputObjectType) and type_.name not in found:
            found.add(type_.name)
            pending += [get_named_type(field.type) for field in type_.fields.values()]
    return frozenset(found)


def _bound(place: str, name: str, type_: GraphQLType, sent_per_kept: int, used: set[str]) -> Bound | None:
    items = _entry("ITEMS", ITEMS, place, name, used) if _is_list(type_) else None
    named: Any = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        fields = tuple((_attribute(key), bound) for key, field in named.fields.items() if (bound := bound_of(field)))
        return Bound(items=items, fields=fields) if fields or items else None
    characters = None
    if named.name == "String":
        most = _entry("TEXTS", TEXTS, place, name, used)
        if name not in CREDENTIALS:
            characters = most if name in _CURSORS else most * (SENT_PER_KEPT if name == "search" else sent_per_kept)
    elif not (named.name in SELF_BOUNDED or hasattr(named, "values")):
        raise Unbounded(f"{place}: say in schema/bounds.py that the scalar {named.name} bounds its texts itself")
    if characters is None and items is None:
        return None
    return Bound(characters, items, code="BAD_CURSOR" if name in _CURSORS else "BAD_USER_INPUT")


def _entry(table: str, entries: Mapping[str, int], place: str, name: str, used: set[str]) -> int:
    key = place if place in entries else name
    if key not in entries:
        raise Unbounded(f"{place} has no maximum: give it one in {table} of schema/bounds.py")
    used.add(f"{table} {key}")
    return entries[key]


def _attribute(name: str) -> str:
    return "".join(f"_{character.lower()}" if character.isupper() else character for character in name)


def _is_list(type_: GraphQLType) -> bool:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if not isinstance(inner, GraphQLList):
        return False
    if _is_list(inner.of_type):
        raise Unbounded("A list of lists has no maximum of its inner lists")
    return True


def _sentence(place: str, name: str, type_: GraphQLType) -> tuple[str, str] | None:
    text = get_named_type(type_).name == "String"
    characters = TEXTS.get(place, TEXTS.get(name)) if text else None
    items = ITEMS.get(place, ITEMS.get(name)) if _is_list(type_) else None
    if items and characters:
        return f"至多 {items} 项，每项至多 {characters} 个字符。", f"At most {items} items of {characters} characters."
    if items:
        return f"至多 {items} 项。", f"At most {items} items."
    return (f"至多 {characters:,} 个字符。", f"At most {characters:,} characters.") if characters else None


def _with_sentence(description: str | None, sentence: tuple[str, str] | None) -> str | None:
    """What the description says in Chinese and the Chinese sentence, then both in English."""
    if sentence is None:
        return description
    chinese, stop, english = (description or "").rpartition("。")
    return f"{chinese}{stop}{sentence[0]}{english} {sentence[1]}"
