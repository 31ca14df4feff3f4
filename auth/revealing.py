"""Unsealing for the one door, inside the act's transaction. What it gives goes into the answer and nowhere else."""

from collections.abc import Iterable
from typing import Any

from auth.approval import TELLING_AGE, says_child, shows_resident_id
from auth.door.session import ScopedSession
from domain.customer import Customer


async def unsealed(session: ScopedSession, row: Any, fields: Iterable[str]) -> dict[str, str | None]:
    """The clear values of a row in reach, by field; None where there is none, or the person's data key is destroyed.

    Raises SealBroken.
    """
    await session.open_keys({row.person_id})
    return {name: session.recorder.unsealed(row, name) for name in fields}


async def needs_approval(session: ScopedSession, customer: Customer, row: Any, fields: Iterable[str]) -> set[str]:
    """Which fields of one of the customer's rows nobody may see alone.

    All of a child under 14 (R30), and the numbers of identity documents; resident ID numbers also in a free text.
    """
    if await is_child(session, customer):
        return set(fields)
    own = customer if row is customer else None
    known = await unsealed(session, row, fields)
    return {name for name, text in known.items() if shows_resident_id(name, text, own)}


async def is_child(session: ScopedSession, customer: Customer) -> bool:
    """Whether the date of birth or the identity card number on record says that the customer is under 14."""
    return says_child(await unsealed(session, customer, TELLING_AGE))
