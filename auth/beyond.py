"""The few facts that an act needs from beyond the viewer's reach. What leaves this file is yes or no, or an id that was
asked for, by itself or by an exact contact; never a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, cast, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from auth.door.recording import digest_kind, digested
from auth.door.session import ScopedSession
from auth.policy import PAGE, Duty
from auth.rows import roles_fit_for
from auth.sealing.seals import Digests
from domain.customer import Customer
from domain.customer_lookup import LOOKUP_LASTS, CustomerLookup
from domain.identity import new_id, read_public_id
from domain.sealed import sealed_fields
from domain.staff import StaffMember, Team
from domain.tag import Tag
from domain.ticket_route import TicketRoute
from domain.ticket_state import TicketKind

MOST_HOLDERS = 100
CONTACTS = tuple(name for name, field in sealed_fields(Customer).items() if field.digest)
_COLUMNS = {name: getattr(Customer, f"{name}_digest") for name in CONTACTS}
_ACTED_ON = {model.PREFIX: model for model, page in PAGE.items() if page.acts}


async def holders(session: ScopedSession, digests: Digests, field: str, text: str) -> list[UUID]:
    """The customers who have exactly this contact, whoever owns them; a number is found wherever it stands (R24)."""
    candidates = digests.candidates(*digested(field, text))
    columns = [column for name, column in _COLUMNS.items() if digest_kind(name) == digest_kind(field)]
    found = select(Customer.id).where(or_(*(column.in_(candidates) for column in columns)))
    found = found.order_by(Customer.id).limit(MOST_HOLDERS)
    return list((await session.connection.execute(found)).scalars())


async def already_held(
    session: ScopedSession, digests: Digests, contacts: Mapping[str, str | None], except_id: UUID
) -> list[str]:
    """Which of these contacts another customer has already. Two acts that bring the same one wait for each other."""
    given = {name: text for name, text in contacts.items() if name in _COLUMNS and text}
    await _queue(session, [digests.digest(*digested(name, text)) for name, text in given.items()])
    return [name for name, text in given.items() if set(await holders(session, digests, name, text)) - {except_id}]


async def note_lookups(session: ScopedSession, viewer_id: UUID, customer_ids: Sequence[UUID], at: datetime) -> None:
    """Lets the viewer see these callers for an hour from now; the viewer's hours that have passed are forgotten."""
    passed = delete(CustomerLookup).where(CustomerLookup.viewer_id == viewer_id, CustomerLookup.until <= at)
    await session.connection.execute(passed)
    until = at + LOOKUP_LASTS
    if rows := [{"viewer_id": viewer_id, "customer_id": id_, "until": until} for id_ in customer_ids]:
        noted = insert(CustomerLookup).values(rows)
        again = noted.on_conflict_do_update(index_elements=["viewer_id", "customer_id"], set_={"until": until})
        await session.connection.execute(again)


async def queue_for(session: ScopedSession, kind: TicketKind) -> UUID | None:
    """The team in whose queue a ticket of this kind waits: that of its route, else of the default route, else the
    first team that serves. Teams without an active agent serve nobody and are passed over; None where no team serves.
    """
    agents = select(StaffMember.id).where(StaffMember.team_id == Team.id, _may_serve_queues())
    routed = and_(TicketRoute.team_id == Team.id, or_(TicketRoute.kind == kind, TicketRoute.kind.is_(None)))
    found = select(Team.id).outerjoin(TicketRoute, routed).where(agents.exists())
    ordered = found.order_by(TicketRoute.id.is_(None), TicketRoute.kind.is_(None), Team.id)
    return (await session.connection.execute(ordered.limit(1))).scalar()


async def serves_queue(session: ScopedSession, team_id: UUID) -> bool:
    """Whether the team has an active agent, so that somebody looks into its queue."""
    agents = select(StaffMember.id).where(StaffMember.team_id == team_id, _may_serve_queues())
    return (await session.connection.execute(agents.limit(1))).first() is not None


def _may_serve_queues() -> ColumnElement[bool]:
    return and_(StaffMember.active, StaffMember.role.in_(roles_fit_for(Duty.SERVE_QUEUES)))


async def external_id_taken(session: ScopedSession, external_id: str) -> bool:
    """Whether a customer came under this number before. Two acts that bring the same one wait for each other."""
    await session.connection.execute(
        select(func.pg_advisory_xact_lock(func.hashtext("external id"), func.hashtext(external_id)))
    )
    found = await session.connection.execute(select(Customer.id).where(Customer.external_id == external_id))
    return found.first() is not None


async def subject_of(session: ScopedSession, public: str) -> tuple[str, UUID] | None:
    """Type and id of what a public id names, in reach or not, for the audit and nobody else.

    None where there is no such row: whoever makes up an id may make it of a telephone number.
    """
    prefix, asked = read_public_id(public) or ("", None)
    model: Any = _ACTED_ON.get(prefix)
    if model is None:
        return None
    id_ = (await session.connection.execute(select(model.id).where(model.id == asked))).scalar()
    return (model.__tablename__, id_) if id_ else None


async def make_tags(session: ScopedSession, names: Iterable[str]) -> None:
    """Makes the tags that are not there yet; two acts may bring the same new one."""
    if rows := [{"id": new_id(), "name": name} for name in names]:
        await session.connection.execute(insert(Tag).values(rows).on_conflict_do_nothing())


async def _queue(session: ScopedSession, digests: Iterable[bytes]) -> None:
    """Takes a lock per digest until the transaction ends, always in the same order."""
    for digest in sorted(digests):
        number = int.from_bytes(digest[-8:], "big", signed=True)
        await session.connection.execute(select(func.pg_advisory_xact_lock(cast(number, BigInteger))))
