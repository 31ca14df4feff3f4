"""Unsealing for the one door, inside the act's transaction. What it gives goes into the answer and nowhere else."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from auth.door.session import ScopedSession
from auth.free_text import Kind, scan
from auth.masks.dates import under_age
from domain.customer import Customer, CustomerKind
from domain.personal.dates import today
from domain.personal.identity import is_card_shaped


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
    return {name for name, text in (await unsealed(session, row, fields)).items() if _shows_id(customer, name, text)}


async def is_child(session: ScopedSession, customer: Customer) -> bool:
    """Whether the date of birth or the identity card number on record says that the customer is under 14."""
    known = await unsealed(session, customer, ("birth_date", "id_number"))
    born, number = known["birth_date"], known["id_number"]
    return bool(born and under_age(date.fromisoformat(born), today())) or bool(number and _of_child(number))


def _shows_id(customer: Customer, name: str, text: str | None) -> bool:
    if text is None:
        return False
    if name == "id_document":
        return True
    if name == "id_number":
        return customer.kind is CustomerKind.PERSON or is_card_shaped(text)
    return Kind.ID_NUMBER in scan(text).found


def _of_child(number: str) -> bool:
    """Whether an identity card number says that its holder is under 14."""
    return is_card_shaped(number) and under_age(date.fromisoformat(number[6:14]), today())
