"""What stock resolvers are given: who asks, and DataLoaders that last for one request."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from auth.sealing.cursors import CursorSealer
from auth.sealing.seals import UnsealOne
from domain import tables
from domain.base import Base
from domain.ticket_state import TicketStatus

Model = TypeVar("Model", bound=Base)
Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Context:
    """What resolvers are given: who asks, and loaders that last for one request."""

    viewer: tables.StaffMember
    sessions: Sessions
    unseal: UnsealOne
    cursors: CursorSealer
    tiers: "DataLoader[UUID, tables.Tier | None]"
    staff: "DataLoader[UUID, tables.StaffMember | None]"
    data_keys: "DataLoader[UUID, tables.DataKey | None]"
    interactions: "DataLoader[tuple[UUID, int], list[tables.Interaction]]"
    tickets: "DataLoader[tuple[UUID, int, tuple[TicketStatus, ...]], list[tables.Ticket]]"


def context(viewer: tables.StaffMember, sessions: Sessions, unseal: UnsealOne, cursors: CursorSealer) -> Context:
    """A request's own."""
    return Context(
        viewer,
        sessions,
        unseal,
        cursors,
        tiers=DataLoader(partial(by_id, sessions, tables.Tier)),
        staff=DataLoader(partial(by_id, sessions, tables.StaffMember)),
        data_keys=DataLoader(partial(by_id, sessions, tables.DataKey)),
        interactions=DataLoader(partial(interactions, sessions)),
        tickets=DataLoader(partial(tickets, sessions)),
    )


async def by_id(sessions: Sessions, model: type[Model], keys: Sequence[UUID]) -> list[Model | None]:
    key: Any = model.id  # type: ignore[attr-defined]
    async with sessions() as session:
        rows = {row.id: row for row in await session.scalars(select(model).where(key.in_(keys)))}  # type: ignore[attr-defined]
    return [rows.get(key) for key in keys]


async def newest_of(
    sessions: Sessions, model: Any, at: str, keys: Sequence[UUID], first: int, *where: ColumnElement[bool]
) -> dict[UUID, list[Any]]:
    """The newest rows of each customer, by a window function."""
    place = func.row_number().over(
        partition_by=model.customer_id, order_by=[getattr(model, at).desc(), model.id.desc()]
    )
    numbered = select(model, place.label("place")).where(model.customer_id.in_(keys), *where).subquery()
    row = aliased(model, numbered)
    found: dict[UUID, list[Any]] = {key: [] for key in keys}
    async with sessions() as session:
        for one in await session.scalars(select(row).where(numbered.c.place <= first).order_by(numbered.c.place)):
            found[one.customer_id].append(one)
    return found


async def interactions(sessions: Sessions, wanted: Sequence[tuple[UUID, int]]) -> list[list[tables.Interaction]]:
    keys, first = [key for key, _ in wanted], max(first for _, first in wanted)
    found = await newest_of(sessions, tables.Interaction, "occurred_at", keys, first)
    return [found[key][:first] for key, first in wanted]


async def tickets(
    sessions: Sessions, wanted: Sequence[tuple[UUID, int, tuple[TicketStatus, ...]]]
) -> list[list[tables.Ticket]]:
    """All of one request ask for the same number and status here; a real one would group by them."""
    _, first, status = wanted[0]
    narrowed = [tables.Ticket.status.in_(status)] if status else []
    found = await newest_of(sessions, tables.Ticket, "opened_at", [key for key, *_ in wanted], first, *narrowed)
    return [found[key] for key, *_ in wanted]
