"""The masked form of details that an import kept: the labels, and each value behind the mask of its kind."""

from auth.masks.closing import HIDDEN, Mask
from auth.masks.fields import masked
from auth.masks.names import name
from auth.masks.numbers import document, resident_id
from auth.masks.places import address
from domain.customer import CustomerKind
from domain.imported_details import LABELS, details_in


def imported_details(text: str) -> str:
    """Each line as `联系人 周*`. Raises KeyError for a text that no import wrote."""
    return "\n".join(f"{LABELS[detail.field]} {_MASKS[detail.field](detail.value)}" for detail in details_in(text))


def _company(text: str | None) -> str:
    return masked("name", text or "", CustomerKind.ORGANIZATION)


def _tax_number(text: str | None) -> str | None:
    """Of sole traders it is the number of their identity card."""
    shown = resident_id(text)
    return document(text) if shown == HIDDEN else shown


_MASKS: dict[str, Mask] = {
    "contact": name,
    "name": _company,
    "company": _company,
    "address": address,
    "delivery_address": address,
    "tax_number": _tax_number,
}
