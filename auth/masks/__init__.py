"""Masks: pure functions `str | None -> str | None` that leave just enough of a personal text to recognise it (R03).

All fail closed, see `closing`. They are applied when a text is sealed; queries show the stored result.
"""

from auth.masks.closing import HIDDEN, Mask
from auth.masks.dates import birth_date, birth_year
from auth.masks.fields import MASKS, masked
from auth.masks.joint import RebuildableIdError, called, refuse_rebuildable
from auth.masks.names import name, name_fixed
from auth.masks.numbers import (
    bank_card,
    bank_card_6_4,
    credit_code,
    document,
    identity_number,
    plate,
    resident_id,
    resident_id_1_2,
    resident_id_6_4,
)
from auth.masks.online import email, ip, opaque, secret, wechat_id
from auth.masks.phones import landline, mobile, service, telephone
from auth.masks.places import address, geo

__all__ = [
    "HIDDEN",
    "MASKS",
    "Mask",
    "RebuildableIdError",
    "address",
    "bank_card",
    "bank_card_6_4",
    "birth_date",
    "birth_year",
    "called",
    "credit_code",
    "document",
    "email",
    "geo",
    "identity_number",
    "ip",
    "landline",
    "masked",
    "mobile",
    "name",
    "name_fixed",
    "opaque",
    "plate",
    "refuse_rebuildable",
    "resident_id",
    "resident_id_1_2",
    "resident_id_6_4",
    "secret",
    "service",
    "telephone",
    "wechat_id",
]
