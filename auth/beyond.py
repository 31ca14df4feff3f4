"""The few facts that an act needs from beyond the viewer's reach. What leaves this file is yes or no, or an id that was
asked for, by itself or by an exact contact; never a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from auth.access import is_not_so
from auth.door.recording import digest_kind, digested
from auth.door.session import ScopedSession
from auth.policy import DUPLICATES_TOLD, PAGE, Duty
from auth.rows import roles_fit_for
from auth.sealing.seals import Digests
from domain.customer import CONTACTS, Customer
from domain.customer_lookup import LOOKUP_LASTS, CustomerLookup
from domain.identity import new_id, read_public_id
from domain.staff import StaffMember, Team
from domain.tag import Tag
from domain.ticket_route import Queues, TicketRoute

MOST_HOLDERS = 100
IMPORT_OF_NUMBERS = func.hashtext("zhike external ids")
"""Key of the advisory lock that an import holds while it writes customer numbers; acts that bring one share it."""

_COLUMNS = {name: getattr(Customer, f"{name}_digest") for name in sorted(CONTACTS)}
_ACTED_ON = {model.PREFIX: model for model, page in PAGE.items() if page.acts}


async def holders(session: ScopedSession, digests: Digests, field: str, text: str) -> list[UUID]:
    """The customers who have exactly this contact, whoever owns them; a number is found wherever it stands (R24)."""
    found = (
        select(Customer.id)
        .where(or_(*_holding(digests, field, text).values()))
        .order_by(Customer.id)
        .limit(MOST_HOLDERS)
    )
    return list((await session.connection.execute(found)).scalars())


async def known_in_scope(
    session: ScopedSession, digests: Digests, contacts: Mapping[str, str], except_id: UUID
) -> dict[str, list[tuple[UUID, str]]]:
    """Which of these contacts other customers in the viewer's scope have, who they are, and the field in which each
    has it. Contacts outside `DUPLICATES_TOLD` are not reported, nor customers whose data needs an approval.

    The statements depend on which contacts are given, never on who has them.
    """
    known: dict[str, list[tuple[UUID, str]]] = {}
    for name in sorted(contacts.keys() & DUPLICATES_TOLD):
        known[name] = []
        for place, condition in _holding(digests, name, contacts[name]).items():
            found = select(Customer.id).where(condition, Customer.id != except_id, is_not_so(Customer.under_14))
            holder_ids = await session.scalars(found.order_by(Customer.id).limit(MOST_HOLDERS))
            known[name] += [(id_, place) for id_ in holder_ids]
    return {name: ids for name, ids in known.items() if ids}


async def number_in_scope(session: ScopedSession, system: str, external_id: str) -> bool:
    """Whether a customer in the viewer's scope has this number of the system. An import that writes numbers is waited
    for, whichever they are, so that it sees the number of this act or this act sees the import's.
    """
    await session.connection.execute(select(func.pg_advisory_xact_lock_shared(IMPORT_OF_NUMBERS)))
    same = select(Customer.id).where(Customer.external_id == external_id, Customer.external_system == system)
    return await session.scalar(same.limit(1)) is not None


async def note_lookups(session: ScopedSession, viewer_id: UUID, customer_ids: Sequence[UUID], at: datetime) -> None:
    """Lets the viewer see these callers for an hour from now; the viewer's hours that have passed are forgotten."""
    passed = delete(CustomerLookup).where(CustomerLookup.viewer_id == viewer_id, CustomerLookup.until <= at)
    await session.connection.execute(passed)
    until = at + LOOKUP_LASTS
    if rows := [{"viewer_id": viewer_id, "customer_id": id_, "until": until} for id_ in customer_ids]:
        noted = insert(CustomerLookup).values(rows)
        again = noted.on_conflict_do_update(index_elements=["viewer_id", "customer_id"], set_={"until": until})
        await session.connection.execute(again)


async def queues(session: ScopedSession, without: UUID | None = None) -> Queues:
    """The queues as they are now, or as they would be `without` a member of staff. A team serves while it has an active
    agent; routes to other teams lead nowhere.
    """
    agents = select(StaffMember.id).where(StaffMember.team_id == Team.id, _may_serve_queues())
    if without is not None:
        agents = agents.where(StaffMember.id != without)
    routed = TicketRoute.team_id == Team.id
    found = select(Team.id, TicketRoute.kind, TicketRoute.id.is_not(None)).outerjoin(TicketRoute, routed)
    rows = (await session.connection.execute(found.where(agents.exists()).order_by(Team.id))).all()
    serving = tuple(dict.fromkeys(team for team, _, _ in rows))
    return Queues(serving, {kind: team for team, kind, is_routed in rows if is_routed})


async def serves_queue(session: ScopedSession, team_id: UUID) -> bool:
    """Whether the team has an active agent, so that somebody looks into its queue."""
    agents = select(StaffMember.id).where(StaffMember.team_id == team_id, _may_serve_queues())
    return (await session.connection.execute(agents.limit(1))).first() is not None


def _may_serve_queues() -> ColumnElement[bool]:
    return and_(StaffMember.active, StaffMember.role.in_(roles_fit_for(Duty.SERVE_QUEUES)))


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


def _holding(digests: Digests, field: str, text: str) -> dict[str, ColumnElement[bool]]:
    """The conditions under which a customer has this contact, by the field that holds it."""
    candidates = digests.candidates(*digested(field, text))
    return {
        name: column.in_(candidates) for name, column in _COLUMNS.items() if digest_kind(name) == digest_kind(field)
    }
