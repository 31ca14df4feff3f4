"""Unsealing for the one door, inside the act's transaction. What it gives goes into the answer and nowhere else."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from auth.masks.dates import under_age
from auth.sealing import place
from auth.session import ScopedSession
from domain.customer import Customer, CustomerKind, DataKey
from domain.personal.dates import today
from domain.personal.identity import is_card_shaped


async def unsealed(session: ScopedSession, row: Any, fields: Iterable[str]) -> dict[str, str | None]:
    """The clear values of a row in reach, by field; None where there is none, or the person's data key is destroyed.

    Raises SealBroken.
    """
    connection = await session.connection()
    found = await connection.execute(select(DataKey.wrapped).where(DataKey.id == row.person_id))
    wrapped = found.scalar()
    unseal = session.sync_session.recorder.unseal
    return {
        name: unseal(wrapped, row.person_id, getattr(row, f"{name}_sealed"), place(row.__tablename__, row.id, name))
        for name in fields
    }


async def needs_approval(session: ScopedSession, customer: Customer, fields: Iterable[str]) -> set[str]:
    """Which of these fields nobody may see alone: all of a child under 14 (R30), and resident ID numbers."""
    known = await unsealed(session, customer, ("birth_date", "id_number"))
    born, number = known["birth_date"], known["id_number"]
    is_of_person = customer.kind is CustomerKind.PERSON or (number is not None and is_card_shaped(number))
    if (born and under_age(date.fromisoformat(born), today())) or (number and _of_child(number)):
        return set(fields)
    return {"id_number"} & set(fields) if is_of_person else set()


def _of_child(number: str) -> bool:
    """Whether an identity card number says that its holder is under 14."""
    return is_card_shaped(number) and under_age(date.fromisoformat(number[6:14]), today())
