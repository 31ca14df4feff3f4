"""What a scoped session gives to whom, as conditions and statements. All are made once for each kind of asker; the
values of their binds come with each session.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, any_, bindparam, false, inspect, or_, select, true
from sqlalchemy.orm import with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from auth.access import absent, same
from auth.jobs import REACHED, Job, SystemViewer
from auth.policy import PAGE
from auth.rows import asking, reaches, reaches_none
from auth.viewer import Viewer, ViewerKind
from domain.base import Base
from domain.customer import Customer
from domain.partner import PartnerListing

Asker = Viewer | SystemViewer
AskerKind = ViewerKind | Job

ONE_ID = "one_id"
"""Name of the bind for the id of the row that is asked for."""

CALLERS = "callers"
"""Name of the bind for customers that a transaction may serve out of reach: callers found by contact."""


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
    if model is Customer and not isinstance(asker, Job):
        return or_(_in_reach(model, asker), Customer.id == any_(bindparam(CALLERS, type_=ARRAY(Uuid()))))
    return _in_reach(model, asker)


def _in_reach(model: type[Base], asker: AskerKind) -> ColumnElement[bool]:
    if isinstance(asker, Job):
        return true() if model in REACHED[asker] else false()
    if model is PartnerListing:
        # What the page's own predicate looks at stays in its sight; consents themselves are shown to nobody.
        return and_(same(model.partner_id, asking(asker).id), absent(model.withdrawn_at))
    condition: Any = reaches(model, asking(asker)) if model in PAGE else False
    return and_(true(), condition)


def row_by_id(model: type[Base], asker: AskerKind, columns: list[Any], *, calling: bool) -> Select[Any]:
    """The columns of the row in reach under `ONE_ID`, or of a caller where `calling`."""
    (key,) = inspect(model).primary_key
    within = reached(model, asker) if calling else _in_reach(model, asker)
    return select(*columns).where(key == bindparam(ONE_ID, type_=key.type), within)


def may_hold(asker: Asker, model: type[Base]) -> bool:
    """Whether the asker may have rows of this type at all. What the page does not name is written by jobs only."""
    if isinstance(asker, SystemViewer):
        return model in REACHED[asker.job]
    return model in PAGE and not reaches_none(model, asker.kind)
