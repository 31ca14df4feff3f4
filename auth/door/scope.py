"""What a scoped session gives to whom, as conditions and statements. All are made once for each kind of asker; the
values of their binds come with each session.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, inspect, select, true
from sqlalchemy.orm import with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from auth.access import absent, same
from auth.jobs import REACHED, Job, SystemViewer
from auth.policy import PAGE
from auth.rows import asking, may_add, permitted, reaches, reaches_none
from auth.viewer import Viewer, ViewerKind
from domain.base import Base
from domain.customer_lookup import CustomerLookup
from domain.partner import PartnerListing

Asker = Viewer | SystemViewer
AskerKind = ViewerKind | Job

ONE_ID = "one_id"
"""Name of the bind for the id of the row that is asked for."""


def kind_of(asker: Asker) -> AskerKind:
    """What the scope of a statement depends on."""
    return asker.job if isinstance(asker, SystemViewer) else asker.kind


@lru_cache(maxsize=256)
def scope_of(asker: AskerKind) -> tuple[ORMOption, ...]:
    """What narrows a statement to the rows of this kind of asker, whose values its binds bring."""
    mapped: list[type[Base]] = [mapper.class_ for mapper in Base.registry.mappers]
    return tuple(with_loader_criteria(model, reached(model, asker), include_aliases=True) for model in mapped)


def reached(model: type[Base], asker: AskerKind) -> ColumnElement[bool]:
    """The rows of a type that a session gives, as a condition on the mapped class."""
    if isinstance(asker, Job):
        return true() if model in REACHED[asker] else false()
    if model is PartnerListing:
        # What the page's own predicate looks at stays in its sight; consents themselves are shown to nobody.
        return and_(same(model.partner_id, asking(asker).id), absent(model.withdrawn_at))
    if model is CustomerLookup:
        return and_(true(), same(model.viewer_id, asking(asker).id))
    condition: Any = reaches(model, asking(asker)) if model in PAGE else False
    return and_(true(), condition)


def row_by_id(model: type[Base], asker: AskerKind, columns: list[Any]) -> Select[Any]:
    """The columns of the row in scope under `ONE_ID`."""
    return select(*columns).where(_has_id(model), reached(model, asker))


def addable_by_id(model: type[Base], kind: ViewerKind) -> Select[Any]:
    """Whether the row under `ONE_ID` lies where this kind of viewer may add one."""
    return select(true()).where(_has_id(model), and_(true(), may_add(model, asking(kind))))


def permitted_by_id(act: str, model: type[Base], kind: ViewerKind) -> Select[Any]:
    """Whether the page lets this kind of viewer do the act to the row under `ONE_ID`."""
    return select(true()).where(_has_id(model), and_(true(), permitted(act, model, asking(kind))))


def _has_id(model: type[Base]) -> ColumnElement[bool]:
    (key,) = inspect(model).primary_key
    return key == bindparam(ONE_ID, type_=key.type)


def may_hold(asker: Asker, model: type[Base]) -> bool:
    """Whether the asker may have rows of this type at all. What the page does not name is written by jobs only."""
    if isinstance(asker, SystemViewer):
        return model in REACHED[asker.job]
    return model in PAGE and not reaches_none(model, asker.kind)
