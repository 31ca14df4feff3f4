"""What an export says of a customer that has no field of its own yet: one text, a label and a value a line.

The text is kept sealed in an interaction that is marked (`Interaction.imported_details`), so that a later version can
move each value to where it belongs.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple


class ImportedDetail(NamedTuple):
    """One value, in the form in which it would be kept, and what it is."""

    field: str
    value: str


LABELS = MappingProxyType(
    {
        "contact": "联系人",
        "name": "客户名称",
        "company": "公司名称",
        "address": "其他地址",
        "delivery_address": "收货地址",
        "tax_number": "税号",
    }
)
"""What each kind of detail is called in the text."""

_FIELDS = {label: field for field, label in LABELS.items()}


def text_of(details: Iterable[ImportedDetail]) -> str:
    """The text that holds these details; their values are of one line each."""
    return "\n".join(f"{LABELS[detail.field]} {detail.value}" for detail in details)


def details_in(text: str) -> list[ImportedDetail]:
    """The details that a text of `text_of` holds. Raises KeyError for another text."""
    parts = (line.partition(" ") for line in text.split("\n"))
    return [ImportedDetail(_FIELDS[label], value) for label, _, value in parts]
