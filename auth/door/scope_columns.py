"""Which columns decide whose scope a row lies in, derived from the access page: a row whose such column was changed is
judged again, like a new one.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.orm import RelationshipDirection, aliased
from sqlalchemy.sql import visitors

from auth.access import Predicate, Within
from auth.policy import PAGE
from auth.rows import added_rule_for, asking, rule_for
from auth.viewer import ViewerKind
from domain.base import Base


class ScopeUnknown(Exception):
    """A row rule of which nobody can tell on what columns it stands."""


@lru_cache(maxsize=4096)
def scope_columns(model: type[Base], kind: ViewerKind) -> frozenset[str]:
    """The attributes by which rows of the type come into this kind of viewer's scope or leave it, but for those that
    the page lets acts hand on. Raises ScopeUnknown.
    """
    if model not in PAGE:
        return frozenset()
    rules = (rule_for(model, kind), added_rule_for(model, kind))
    found = {name for rule in rules for name in _columns(model, rule, kind)}
    if unknown := PAGE[model].handed_on - set(inspect(model).columns.keys()):
        raise ScopeUnknown(f"{model.__name__}: handed on, but no column: {sorted(unknown)}")
    return frozenset(found - PAGE[model].handed_on)


def parent_of(model: type[Base], rule: Within) -> tuple[type[Base], str]:
    """The parent's class, and the attribute that holds its id. Raises ScopeUnknown."""
    link = inspect(model).relationships.get(rule.parent)
    if link is None or link.direction is not RelationshipDirection.MANYTOONE or len(link.local_remote_pairs) != 1:
        raise ScopeUnknown(f"{model.__name__}: within {rule.parent}, which is no parent by one column")
    ((local, remote),) = link.local_remote_pairs
    if not remote.primary_key:
        raise ScopeUnknown(f"{model.__name__}: within {rule.parent}, whose id is not referred to")
    return link.mapper.class_, str(inspect(model).get_property_by_column(local).key)


def _columns(model: type[Base], rule: Predicate | Within, kind: ViewerKind) -> Iterator[str]:
    if isinstance(rule, Within):
        yield parent_of(model, rule)[1]
        return
    row: Any = aliased(model)
    condition = rule(row, asking(kind))
    if isinstance(condition, bool):
        return
    if not isinstance(condition, ColumnElement):
        raise ScopeUnknown(f"{model.__name__}: rule {rule.__name__} is no SQL expression")
    own, keys = inspect(row).selectable, {key.key for key in inspect(model).primary_key}
    for part in visitors.iterate(condition):
        name = str(getattr(part, "key", None))
        if getattr(part, "table", None) is own and name not in keys:
            yield str(inspect(model).get_property_by_column(inspect(model).local_table.c[name]).key)
