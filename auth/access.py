"""The few words in which `policy` is written.

A *rule* says of a row whether a viewer reaches it: one function, used twice. Given an aliased class it is SQL, given an
instance a bool (`rows` does both). A *cell* says how sharply one role sees one field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar, Union

from sqlalchemy.orm import aliased

from auth.viewer import Grant, Viewer
from domain.staff import Role

T = TypeVar("T")


class Sight(StrEnum):
    """How sharply a field is seen."""

    CLEAR = "CLEAR"
    MASKED = "MASKED"
    HIDDEN = "HIDDEN"


Condition = Any
"""A bool for an instance, a SQL expression for an alias: Python and SQLAlchemy share the operators, not a type."""

Predicate = Callable[[Any, Viewer], Condition]


@dataclass(frozen=True)
class Within:
    """The row hangs below a parent: whoever reaches the parent reaches it."""

    parent: str


@dataclass(frozen=True)
class Granted(Generic[T]):
    """Holds only for a token with this grant."""

    grant: Grant
    then: T


Rule: TypeAlias = Union[Predicate, Within, "Granted[Rule]"]


@dataclass(frozen=True)
class Varying:
    """CLEAR on rows where the predicate holds, MASKED on the others. For personal texts only."""

    clear_when: Predicate


Seen: TypeAlias = Union[Sight, Varying, "Granted[Seen]"]
Column: TypeAlias = Mapping[Role, T]


def by_role(rep: T, support: T, manager: T, privacy_officer: T, admin: T, partner: T) -> Column[T]:
    """One decision per role, in the order of the page's columns. A role left out is a type error."""
    return {
        Role.REP: rep,
        Role.SUPPORT: support,
        Role.MANAGER: manager,
        Role.PRIVACY_OFFICER: privacy_officer,
        Role.ADMIN: admin,
        Role.PARTNER: partner,
    }


def rows(rep: Rule, support: Rule, manager: Rule, privacy_officer: Rule, admin: Rule, partner: Rule) -> Column[Rule]:
    """Which rows each role reaches."""
    return by_role(rep, support, manager, privacy_officer, admin, partner)


def cell(rep: Seen, support: Seen, manager: Seen, privacy_officer: Seen, admin: Seen, partner: Seen) -> Column[Seen]:
    """How sharply each role sees one field."""
    return by_role(rep, support, manager, privacy_officer, admin, partner)


def act(rep: Rule, support: Rule, manager: Rule, privacy_officer: Rule, admin: Rule, partner: Rule) -> Column[Rule]:
    """On which of the rows in reach each role may do one thing."""
    return by_role(rep, support, manager, privacy_officer, admin, partner)


class About(StrEnum):
    """Whose personal information a type holds (R01)."""

    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    NOBODY = "NOBODY"


@dataclass(frozen=True)
class TypePage:
    """What the page says of one type: whom it is about, rows, fields, acts on a row, and acts that need no row.

    `ready` says where a row must stand for an act, whoever does it. Who may not act is FORBIDDEN; a row that is not
    ready is in the WRONG_STATE.
    """

    about: About
    rows: Column[Rule]
    fields: Mapping[str, Column[Seen]]
    acts: Mapping[str, Column[Rule]] = field(default_factory=dict)
    ready: Mapping[str, Predicate] = field(default_factory=dict)
    general: Mapping[str, Column[Rule]] = field(default_factory=dict)


# Predicates that hold for every type.


def anyone(row: Any, viewer: Viewer) -> Condition:
    """Every row."""
    return True


def nobody(row: Any, viewer: Viewer) -> Condition:
    """No row."""
    return False


def named(words: str, predicate: Predicate) -> Predicate:
    """A predicate made on the spot, with the words that the printed page has for it."""
    predicate.__name__ = words
    return predicate


# Words for predicates. Each works on a value and on a SQL column alike.


def same(left: Any, right: Any) -> Condition:
    """Equal and present: unlike `==`, None equals nothing, as in SQL."""
    return left is not None and left == right


def absent(value: Any) -> Condition:
    """No value."""
    return value.is_(None) if hasattr(value, "is_") else value is None


def present(value: Any) -> Condition:
    """A value."""
    return value.is_not(None) if hasattr(value, "is_not") else value is not None


def one_of(value: Any, options: frozenset[Any]) -> Condition:
    """Among the given constants."""
    return value.in_(sorted(options)) if hasattr(value, "in_") else value in options


def some(link: Any, condition: Callable[[Any], Condition]) -> Condition:
    """At least one of the rows behind a to-many relationship satisfies the condition."""
    if isinstance(link, list):
        return any(condition(row) for row in link)
    target = aliased(link.property.mapper.class_)
    return link.of_type(target).any(condition(target))


@dataclass(frozen=True)
class Whole:
    """Nothing of this free text had to be masked when it was written (R35)."""

    text: str

    def __call__(self, row: Any, viewer: Viewer) -> Condition:
        """Holds where no sealed original stands behind the text."""
        return absent(getattr(row, f"{self.text}_sealed"))
