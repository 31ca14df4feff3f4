"""The few words in which `policy` is written.

A *rule* says of a row whether a viewer reaches it: one function, used twice. Given an aliased class it is SQL, given an
instance a bool (`rows` does both). A *cell* says how sharply one role sees one field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar, Union

from sqlalchemy import Integer, Select, any_, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased

from auth.viewer import Grant, Viewer
from domain.base import Base
from domain.business_setting import SETTINGS, BusinessSetting, SettingName
from domain.staff import Role
from domain.ticket_columns import FAR

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
    """The row hangs below a parent: whoever reaches the parent reaches it.

    `only` names the parents that count, where these are fewer than the parent's own row rule gives.
    """

    parent: str
    only: Predicate | None = None


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
    ready is in the WRONG_STATE. `approval` says on which rows an act needs somebody's approval: APPROVAL_REQUIRED.
    `added` says where each role may add rows, where that is not where it reads them.
    `handed_on` names scope columns that an act may set although the row leaves the actor's scope by it; by any other a
    row never leaves it.
    """

    about: About
    rows: Column[Rule]
    fields: Mapping[str, Column[Seen]]
    acts: Mapping[str, Column[Rule]] = field(default_factory=dict)
    ready: Mapping[str, Predicate] = field(default_factory=dict)
    approval: Mapping[str, Predicate] = field(default_factory=dict)
    general: Mapping[str, Column[Rule]] = field(default_factory=dict)
    added: Column[Rule] | None = None
    handed_on: frozenset[str] = frozenset()


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


def is_so(value: Any) -> Condition:
    """True, neither false nor unknown."""
    return value.is_(True) if hasattr(value, "is_") else value is True


def is_not_so(value: Any) -> Condition:
    """False, neither true nor unknown."""
    return value.is_(False) if hasattr(value, "is_") else value is False


def listed_in(name: str, names: Any) -> Condition:
    """The constant is in a list of words that may be absent."""
    if hasattr(names, "is_"):
        return names.is_not(None) & (literal(name) == any_(names))
    return name in (names or ())


def one_of(value: Any, options: frozenset[Any]) -> Condition:
    """Among the given constants."""
    return value.in_(sorted(options)) if hasattr(value, "in_") else value in options


def some(link: Any, condition: Callable[[Any], Condition]) -> Condition:
    """At least one of the rows behind a to-many relationship satisfies the condition."""
    if isinstance(link, list):
        return any(condition(row) for row in link)
    target = aliased(link.property.mapper.class_)
    return link.of_type(target).any(condition(target))


def any_linked(row: Any, conditions: Mapping[str, Callable[[Any], Condition]]) -> Condition:
    """At least one row behind one of these to-many relationships satisfies the condition given with its name.

    In SQL the keys of all of them are one list, which a page of rows starts from; an OR of EXISTS would be asked of
    every row there is.
    """
    if isinstance(row, Base):
        return any(condition(other) for name, condition in conditions.items() for other in getattr(row, name))
    keys = [_keys(getattr(row, name), condition) for name, condition in conditions.items()]
    return row.id.in_(union_all(*keys))


def _keys(link: Any, condition: Callable[[Any], Condition]) -> Select[Any]:
    target: Any = aliased(link.property.mapper.class_)
    ((_, remote),) = link.property.local_remote_pairs
    key = getattr(target, link.property.mapper.get_property_by_column(remote).key)
    return select(key).where(condition(target))


def in_future(value: Any) -> Condition:
    """A moment that is still to come."""
    return value > func.now() if _is_sql(value) else value > datetime.now(UTC)


class SettingUnknown(Exception):
    """A rule that stands on a business setting was asked of an instance by somebody who has not read the setting."""


def absent_or_recent(value: Any, days: SettingName, viewer: Viewer) -> Condition:
    """No moment, or one of the last days, as many as the setting says.

    For an instance with a moment the number of days is read from the viewer's settings; raises SettingUnknown where the
    viewer has none, so that the SQL form and the instance form of a rule never differ.
    """
    if _is_sql(value):
        # The expression of the indexes of tickets: one range of them holds both.
        return func.coalesce(value, literal_column(FAR, value.type)) > func.now() - _ONE_DAY * _setting(days)
    if value is None:
        return True
    if viewer.settings is None:
        raise SettingUnknown(f"{days} is not known here: ask the database, or bring the setting with the viewer")
    return value > datetime.now(UTC) - timedelta(days=viewer.settings[days])


def _is_sql(value: Any) -> bool:
    return hasattr(value, "is_")


def _setting(name: SettingName) -> Any:
    """Its value, or the one that it begins with where the row is missing."""
    row: Any = aliased(BusinessSetting)
    begun = literal_column(str(SETTINGS[name].default), Integer)
    return func.coalesce(select(row.value).where(row.name == name).scalar_subquery(), begun)


_ONE_DAY: Any = literal_column("interval '1 day'")


def behind(link: Any, condition: Callable[[Any], Condition]) -> Condition:
    """There is a row behind a to-one relationship, and it satisfies the condition."""
    if not hasattr(link, "of_type"):
        return link is not None and condition(link)
    target = aliased(link.property.mapper.class_)
    return link.of_type(target).has(condition(target))


@dataclass(frozen=True)
class Whole:
    """Nothing of this free text had to be masked when it was written (R35)."""

    text: str

    def __call__(self, row: Any, viewer: Viewer) -> Condition:
        """Holds where no sealed original stands behind the text."""
        return absent(getattr(row, f"{self.text}_sealed"))
