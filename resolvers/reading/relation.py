"""How a mapped class hangs on another: the columns of a relationship, for plain and for many-to-many ones."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import RelationshipProperty

from auth.access import Within
from auth.rows import rule_for
from auth.viewer import ViewerKind
from domain.base import Base
from resolvers.reading.conditions import fixed, kept


def relation_of(row: Any, name: str) -> RelationshipProperty[Any]:
    """The relationship of this name on a class or alias."""
    found: RelationshipProperty[Any] = getattr(row, name).property
    return found


def parent_key(relation: RelationshipProperty[Any]) -> str:
    """The attribute on the parent's side whose values a child level is given as keys."""
    local = relation.synchronize_pairs[0][0] if relation.secondary is not None else _pair(relation)[0]
    return str(relation.parent.get_property_by_column(local).key)


def hangs_on(relation: RelationshipProperty[Any], child: Any, key: Any) -> list[ColumnElement[bool]]:
    """That the child belongs to the parent with this key."""
    mapper = relation.mapper
    if relation.secondary is None:
        return [getattr(child, mapper.get_property_by_column(_pair(relation)[1]).key) == key]
    ((_, via),), ((far, to),) = relation.synchronize_pairs, relation.secondary_synchronize_pairs or ()
    return [via == key, to == getattr(child, mapper.get_property_by_column(far).key)]


@kept
def points_at(row: Any, name: str, target: Any) -> ColumnElement[bool]:
    """That the to-one relation of a row leads to the target."""
    relation = relation_of(row, name)
    local, remote = _pair(relation)
    far = relation.mapper.get_property_by_column(remote).key
    return equal(target, far, row, relation.parent.get_property_by_column(local).key)


@kept
def equal(one: Any, attribute: str, other: Any, other_attribute: str) -> ColumnElement[bool]:
    """That two rows have the same value."""
    return fixed(getattr(one, attribute) == getattr(other, other_attribute))


def scoped_by_parent(relation: RelationshipProperty[Any], child: type[Base], kind: ViewerKind) -> bool:
    """Whether the child's row rule says no more than 'within this parent', who was reached already."""
    rule = rule_for(child, kind)
    if not isinstance(rule, Within) or rule.only or relation.secondary is not None:
        return False
    inverse = relation_of(child, rule.parent)
    return inverse.mapper is relation.parent and _pair(inverse) == _pair(relation)[::-1]


def model_behind(row: Any, name: str) -> type[Base]:
    """The mapped class on the far side."""
    found: type[Base] = relation_of(row, name).mapper.class_
    return found


def _pair(relation: RelationshipProperty[Any]) -> tuple[Any, Any]:
    (pair,) = relation.local_remote_pairs
    return pair
