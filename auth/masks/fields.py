"""Which mask stands for which personal field."""

import re
from types import MappingProxyType

from auth.masks.closing import HIDDEN, Mask, may_hold_a_number
from auth.masks.dates import birth_date
from auth.masks.names import name
from auth.masks.numbers import document, identity_number
from auth.masks.online import email, wechat_id
from auth.masks.phones import telephone
from auth.masks.places import address
from domain.customer import CustomerKind

MASKS: MappingProxyType[str, Mask] = MappingProxyType(
    {
        "name": name,
        "mobile": telephone,
        "other_mobile": telephone,
        "email": email,
        "wechat_id": wechat_id,
        "id_number": identity_number,
        "id_document": document,
        "address": address,
        "birth_date": birth_date,
    }
)
_IDEOGRAPHS = re.compile("[㐀-鿿]{5}")


def masked(field: str, text: str, kind: CustomerKind) -> str:
    """What is shown of a customer's personal text where its sight is MASKED. Raises KeyError for a field without mask.

    The name of an organisation is no personal information and stays; but registers file people as organisations, so
    one that could be a person's (fewer than five ideographs in a row, a middle dot) is masked, and so is one behind
    which a number or an address may stand.
    """
    if field == "name" and kind is CustomerKind.ORGANIZATION and _is_company(text):
        return text
    shown = MASKS[field](text)
    return HIDDEN if shown is None else shown


def _is_company(text: str) -> bool:
    may_be_more = "·" in text or "@" in text or may_hold_a_number(text)
    return _IDEOGRAPHS.search(text) is not None and not may_be_more
