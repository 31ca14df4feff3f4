"""What the planner has to know of a type beyond its mapped class: its orders, its filters, what it derives."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.sql.type_api import TypeEngine

from domain.base import Base

OrderKeys = tuple[tuple[str, bool], ...]
"""Attributes to order by, each with whether it descends; the last one is unique. All in one direction, none null."""


class Given(Protocol):
    """A filter's argument while its plan is being made: the shape is known, the value is not."""

    @property
    def shape(self) -> Any:
        """Booleans and enums as they are, anything else `...`."""
        ...

    def bind(self, type_: TypeEngine[Any], read: Callable[[Any], Any] = ...) -> ColumnElement[Any]:
        """A bind for the value; `read` turns what the client sent into what the column holds, or refuses it."""
        ...

    def bind_now(self) -> ColumnElement[Any]:
        """A bind for the moment of the request."""
        ...

    def bind_buckets(self) -> Sequence[ColumnElement[Any]]:
        """A bind for each set of buckets of a search text: all of one of them mark a candidate."""
        ...


class Filter(NamedTuple):
    """One way of narrowing a list. It stands on `fields` of the access page, which must all be CLEAR for the viewer.

    Where `opened` names a sealed text, `narrow` finds candidates only: the text is opened and compared
    (`resolvers/reading/search.py`).
    """

    fields: tuple[str, ...]
    narrow: Callable[[Any, Given], Any]
    opened: str = ""


@dataclass(frozen=True)
class Noun:
    """A type of the SDL as the planner sees it.

    `listed_as` begins the name of its connection where that is not `name`. A list has `order` unless asked otherwise;
    `orders` are the keys per order, `ranks` which field an order key stands for where it is not the field itself.
    `derived` are columns computed from the row, `through` plain values taken from a to-one relation, `labels` SDL names
    that are not the attribute's. `only` narrows the mapped class for good.
    """

    name: str
    model: type[Base]
    order: str = ""
    listed_as: str = ""
    orders: Mapping[str, OrderKeys] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    derived: Mapping[str, Callable[[Any], ColumnElement[Any]]] = field(default_factory=dict)
    ranks: Mapping[str, str] = field(default_factory=dict)
    through: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    only: Callable[[Any], ColumnElement[bool]] | None = None

    def label(self, attribute: str) -> str:
        """The field's name in the SDL."""
        return self.labels.get(attribute) or _CAMEL.sub(lambda found: found[1].upper(), attribute)


_CAMEL = re.compile("_([a-z])")
