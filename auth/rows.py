"""What the page means: which rows a viewer reaches, how sharply a field is seen, what may be done.

Every question takes the row as an aliased class, and answers in SQL, or as an instance, and answers with a bool. The
answer True or False also stands for "all rows" and "no row" where a rule does not look at the row.
"""

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Any

from sqlalchemy import Uuid, bindparam, inspect, not_
from sqlalchemy.orm import aliased

from auth.access import Condition, Granted, Predicate, Sight, Varying, Within, listed_in, nobody, present
from auth.policy import DUTIES, LOOKS_FOR, PAGE, Duty
from auth.viewer import Viewer, ViewerKind
from domain.base import Base
from domain.sealed import sealed_fields
from domain.staff import Role, StaffMember

VIEWER_ID, VIEWER_TEAM = "viewer_id", "viewer_team"
"""Names of the two binds that a row predicate may hold."""


def asking(kind: ViewerKind) -> Viewer:
    """A viewer of this kind who is nobody yet: binds stand where a request's values will be."""
    id_: Any = bindparam(VIEWER_ID, type_=Uuid())
    team: Any = bindparam(VIEWER_TEAM, type_=Uuid())
    return Viewer(id=id_, role=kind.role, team_id=team, grants=kind.grants)


def model_of(row: Any) -> type[Base]:
    """The mapped class behind an instance or an alias."""
    found: type[Base] = inspect(row).mapper.class_
    return found


def rule_for(model: type[Base], kind: ViewerKind) -> Predicate | Within:
    """The row rule that is in force for this kind of viewer, its grants decided."""
    rule: Predicate | Within = _granted(PAGE[model].rows[kind.role], kind, nobody)
    return rule


def added_rule_for(model: type[Base], kind: ViewerKind) -> Predicate | Within:
    """Where this kind of viewer may add rows of the type: where it reads them, unless the page says otherwise."""
    page = PAGE[model]
    rule: Predicate | Within = _granted((page.added or page.rows)[kind.role], kind, nobody)
    return rule


def fit_for(duty: Duty, member: StaffMember) -> bool:
    """Whether this member of staff may be given the duty: they work here, and the page lets their role have it."""
    return member.active and DUTIES[duty][member.role]


def roles_fit_for(duty: Duty) -> list[Role]:
    """The roles that may be given the duty."""
    return [role for role, fit in DUTIES[duty].items() if fit]


def may_add(row: Any, viewer: Viewer) -> Condition:
    """Whether a new row lies where the viewer may add one."""
    return _holds(added_rule_for(model_of(row), viewer.kind), row, viewer)


def reaches(row: Any, viewer: Viewer) -> Condition:
    """Whether the viewer reaches the row."""
    return _holds(rule_for(model_of(row), viewer.kind), row, viewer)


def may(act: str, row: Any, viewer: Viewer) -> Condition:
    """Whether the act would succeed: the viewer is permitted, the row in reach stands where the act begins, and nobody
    has to approve it.
    """
    return all_of(permitted(act, row, viewer), is_ready(act, row, viewer), is_open(act, row, viewer))


def all_of(*conditions: Condition) -> Condition:
    """All of them hold. True and False stand for themselves."""
    told = [condition for condition in conditions if condition is not True]
    if any(condition is False for condition in told):
        return False
    return reduce(and_, told) if told else True


def permitted(act: str, row: Any, viewer: Viewer) -> Condition:
    """Whether the page lets the viewer do this to a row in reach; else the act is FORBIDDEN."""
    rule = PAGE[model_of(row)].acts[act][viewer.role]
    return _holds(_granted(rule, viewer.kind, nobody), row, viewer)


def is_ready(act: str, row: Any, viewer: Viewer) -> Condition:
    """Whether the row stands where the act begins; else it is in the WRONG_STATE."""
    ready = PAGE[model_of(row)].ready.get(act)
    return True if ready is None else ready(row, viewer)


def is_open(act: str, row: Any, viewer: Viewer) -> Condition:
    """Whether the act needs nobody's approval on this row; else it is APPROVAL_REQUIRED."""
    closed = PAGE[model_of(row)].approval.get(act)
    if closed is None:
        return True
    held = closed(row, viewer)
    return not held if isinstance(held, bool) else not_(held)


def may_reveal(field: str, row: Any, viewer: Viewer) -> Condition:
    """Whether the clear value of this sealed field would be shown on request."""
    if "reveal" not in PAGE[model_of(row)].acts:
        return False
    told = all_of(may("reveal", row, viewer), present(getattr(row, f"{field}_sealed")))
    if len(sealed_fields(model_of(row))) == 1:
        return told  # the page closes a row of one text with its text
    closed = listed_in(field, row.approval_fields)
    return all_of(told, not closed if isinstance(closed, bool) else not_(closed))


def may_in_general(act: str, model: type[Base], kind: ViewerKind) -> bool:
    """Whether a viewer of this kind may do what needs no row, such as creating one."""
    return _granted(PAGE[model].general[act][kind.role], kind, nobody) is not nobody


def may_ever(rights: Iterable[tuple[str, type[Base]]], kind: ViewerKind) -> bool:
    """Whether a viewer of this kind may do one of these acts of the page to any row at all, or in general."""
    return any(
        not reaches_none(model, kind)
        and _granted({**PAGE[model].acts, **PAGE[model].general}[act][kind.role], kind, nobody) is not nobody
        for act, model in rights
    )


def may_look_for(purpose: str, kind: ViewerKind) -> bool:
    """Whether a viewer of this kind may name the purpose when it asks for clear values."""
    line = LOOKS_FOR.get(purpose)
    return line is not None and _granted(line[kind.role], kind, nobody) is not nobody


def seen(model: type[Base], field: str, kind: ViewerKind) -> Sight | Varying:
    """How sharply this kind of viewer sees the field: one sight for all rows, or one that varies from row to row."""
    found: Sight | Varying = _granted(PAGE[model].fields[field][kind.role], kind, Sight.HIDDEN)
    return found


def is_clear(model: type[Base], field: str, kind: ViewerKind) -> bool:
    """Whether the field may be filtered, ordered and grouped by, and stand in a cursor (R05)."""
    return seen(model, field, kind) is Sight.CLEAR


def reaches_none(model: type[Base], kind: ViewerKind) -> bool:
    """Whether the page gives this kind of viewer no row of the type at all."""
    return rule_for(model, kind) is nobody


def _granted(decision: Any, kind: ViewerKind, otherwise: Any) -> Any:
    while isinstance(decision, Granted):
        decision = decision.then if decision.grant in kind.grants else otherwise
    return decision


def _holds(rule: Predicate | Within, row: Any, viewer: Viewer) -> Condition:
    if not isinstance(rule, Within):
        return rule(row, viewer)
    link, wanted = getattr(row, rule.parent), rule.only or reaches
    if isinstance(row, Base):
        return link is not None and wanted(link, viewer)
    target = aliased(link.property.mapper.class_)
    reached = wanted(target, viewer)
    return reached if isinstance(reached, bool) else link.of_type(target).has(reached)
