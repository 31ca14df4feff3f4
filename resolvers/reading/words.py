"""The words in which nouns write their filters and derived columns."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, Text, Uuid, any_, cast, func

from auth.access import absent, present
from domain.errors import DomainError
from domain.identity import read_public_id
from domain.word import same_as, same_in_sql
from resolvers.errors import Refused
from resolvers.reading.noun import Given

Normalise = Callable[..., str]
Narrow = Callable[[Any, Given], Any]
DOWN, UP = True, False
_UNHOLDABLE = re.compile("[\0\ud800-\udfff]")


def any_name(attribute: str) -> Narrow:
    """The column holds one of the given words or enum names.

    Enum names are few and stand in the text: a generic plan cannot choose an index for names that it does not know.
    """

    def narrow(row: Any, given: Given) -> Any:
        column = getattr(row, attribute)
        if isinstance(given.shape, frozenset):
            return column.in_(sorted(names(list(given.shape))))
        return column == any_(given.bind(ARRAY(Text()), names))

    return narrow


def any_word(attribute: str, normal: Normalise) -> Narrow:
    """The column holds one of the given words of business, in whatever width, spacing and case it is given."""
    return lambda row, given: same_in_sql(getattr(row, attribute)) == any_(given.bind(ARRAY(Text()), keys_of(normal)))


def keys_of(normal: Normalise) -> Callable[[list[str]], list[str]]:
    """What stored words share with the given ones. One that no field would take matches nothing.

    Raises Refused for a text that PostgreSQL cannot hold.
    """

    def keys(values: list[str]) -> list[str]:
        return [same_as(found) for value in values if (found := taken(text(value))) is not None]

    def taken(value: str) -> str | None:
        try:
            return normal(value, field="where")
        except DomainError:
            return None

    return keys


def any_id(attribute: str, prefix: str) -> Narrow:
    """The column holds one of the given public ids. Ids of other things match nothing."""
    return lambda row, given: getattr(row, attribute) == any_(given.bind(ARRAY(Uuid()), ids_of(prefix)))


def one_id(attribute: str, *prefixes: str) -> Narrow:
    """The column holds the given public id."""
    return lambda row, given: (
        getattr(row, attribute) == any_(given.bind(ARRAY(Uuid()), lambda v: ids_of(*prefixes)([v])))
    )


def missing(attribute: str) -> Narrow:
    """True asks for rows without a value, false for rows with one."""
    return lambda row, given: absent(getattr(row, attribute)) if given.shape else present(getattr(row, attribute))


def since(attribute: str) -> Narrow:
    """At this moment or later."""
    return lambda row, given: getattr(row, attribute) >= given.bind(DateTime(timezone=True), moment)


def before(attribute: str) -> Narrow:
    """Before this moment."""
    return lambda row, given: getattr(row, attribute) < given.bind(DateTime(timezone=True), moment)


def names(values: list[Any]) -> list[str]:
    """Words, or names of enum members. Raises Refused for a NUL, which no text holds."""
    return [text(getattr(value, "value", value)) for value in values]


def text(value: str) -> str:
    """A text that PostgreSQL can hold."""
    if _UNHOLDABLE.search(value):
        raise Refused("BAD_USER_INPUT", "文本不能含有空字符或半个字符", "A text cannot hold NUL or half a character")
    return value


def moment(value: datetime) -> datetime:
    """A moment with its time zone said."""
    if value.tzinfo is None:
        raise Refused("BAD_USER_INPUT", "时间须带时区，例如 2026-01-01T00:00:00Z", "Give times with a zone, such as …Z")
    return value


def ids_of(*prefixes: str) -> Callable[[list[str]], list[UUID]]:
    """Inner ids of those texts that are public ids with one of these prefixes."""
    return lambda texts: [
        found[1] for text_ in texts if (found := read_public_id(text_)) is not None and found[0] in prefixes
    ]


def public_id_by_kind(kind: Any, inner: Any) -> ColumnElement[str]:
    """A public id whose prefix stands in a column of its own."""
    made: ColumnElement[str] = kind + "_" + func.replace(cast(inner, Text), "-", "")
    return made
