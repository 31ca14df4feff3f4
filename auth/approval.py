"""What nobody may see alone: all of a child under 14, numbers of identity documents, and resident ID numbers wherever
they stand (R30).

Judged when a value is written, since reading never opens what is sealed, and once more when it is revealed.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from auth.free_text import Kind, Scanned, scan
from auth.masks.dates import under_age
from domain.customer import Customer, CustomerKind
from domain.personal.dates import today
from domain.personal.identity import is_card_shaped

TELLING_AGE = ("birth_date", "id_number")
"""The fields that say how old somebody is."""


def shows_resident_id(
    name: str, text: str | None, customer: Customer | None = None, scan: Callable[[str], Scanned] = scan
) -> bool:
    """Whether a field with this text shows the number of an identity document, in free texts of a resident ID.
    `customer` owns the field; a row below has none. `scan` finds numbers in a text.
    """
    if text is None:
        return False
    if name == "id_document":
        return True
    if name == "id_number" and customer is not None:
        return customer.kind is CustomerKind.PERSON or is_card_shaped(text)
    return Kind.ID_NUMBER in scan(text).found


def says_child(known: Mapping[str, str | None]) -> bool:
    """Whether the date of birth or the identity card number among these says that somebody is under 14 today."""
    born, number = known.get("birth_date"), known.get("id_number")
    return bool(born and under_age(date.fromisoformat(born), today())) or bool(number and _of_child(number))


def judged(row: Any, written: Mapping[str, str | None], scan: Callable[[str], Scanned]) -> dict[str, object]:
    """The columns that say what of the row only an approval opens, after these clear values were written on it.
    `scan` finds numbers in a text of the row.

    `under_14` follows from what is written now alone: a child's birth date and identity card number cannot be edited,
    so whoever had one of them before and is edited was no child.
    """
    customer = row if isinstance(row, Customer) else None
    closed = {name for name, text in written.items() if shows_resident_id(name, text, customer, scan)}
    fields = set(row.approval_fields or ()) - written.keys() | closed
    columns: dict[str, object] = {"approval_fields": sorted(fields) or None}
    if customer is not None and not written.keys().isdisjoint(TELLING_AGE):
        columns["under_14"] = says_child(written)
    return columns


def _of_child(number: str) -> bool:
    return is_card_shaped(number) and under_age(date.fromisoformat(number[6:14]), today())
