"""Numbers on cards, documents, licences and plates; ID_1_1 and the like name the masks in configurations."""

import re

from auth.masks.closing import fails_closed
from domain.personal import is_card_shaped, is_credit_code

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—·.'‘’\u200b]+")
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_DOCUMENT = re.compile(r"[A-Z0-9]{6,20}|[一-鿿]{1,5}[A-Z0-9]{4,12}号?")
_BANK_CARD = re.compile(r"[0-9]{13,19}")
_PLATE = re.compile(r"[一-鿿][A-Z][A-Z0-9]{4,5}[A-Z0-9挂学警港澳使领]")


@fails_closed
def resident_id(plain: str) -> str | None:
    """ID_1_1: first and last of 18 or 15 digits."""
    return _keep(_read(plain, _RESIDENT_ID), 1, 1)


@fails_closed
def resident_id_1_2(plain: str) -> str | None:
    """ID_1_2: first and last two."""
    return _keep(_read(plain, _RESIDENT_ID), 1, 2)


@fails_closed
def resident_id_6_4(plain: str) -> str | None:
    """ID_6_4: all but the birth date, of 18 digits only; allowed where R38 (`refuse_rebuildable`) lets it."""
    number = _read(plain, _RESIDENT_ID)
    return _keep(number, 6, 4) if number and len(number) == 18 else None


@fails_closed
def document(plain: str) -> str | None:
    """DOC_1_2: first and last two of a passport, a travel permit or another document."""
    number = _read(plain, _DOCUMENT)
    return _keep(number.removesuffix("号") if number else None, 1, 2)


@fails_closed
def credit_code(plain: str) -> str | None:
    """A unified social credit code: clear for an organisation, first 2 and last 4 for a sole trader (92…), a person."""
    number = _SEPARATORS.sub("", plain).upper()
    if not is_credit_code(number):
        return None
    return _keep(number, 2, 4) if number.startswith("92") else number


def identity_number(text: str | None) -> str | None:
    """`credit_code` or `resident_id`, told by the number: registers file people's cards under organisations.

    What could be a card's number is masked as one, mistyped as it may be.
    """
    number = _SEPARATORS.sub("", text or "").upper()
    organisation = is_credit_code(number) and not is_card_shaped(number)
    return credit_code(text) if organisation else resident_id(text)


@fails_closed
def bank_card(plain: str) -> str | None:
    """CARD_LAST4: last 4 of 13 to 19 digits, in groups that hide the length."""
    number = _read(plain, _BANK_CARD)
    return f"**** **** **** {number[-4:]}" if number else None


@fails_closed
def bank_card_6_4(plain: str) -> str | None:
    """CARD_6_4: issuer and last 4."""
    return _keep(_read(plain, _BANK_CARD), 6, 4)


@fails_closed
def plate(plain: str) -> str | None:
    """PLATE_2_1: province, letter and last of a plate of 7, or 8 for new energy."""
    return _keep(_read(plain, _PLATE), 2, 1)


def _read(plain: str, form: re.Pattern[str]) -> str | None:
    number = _SEPARATORS.sub("", plain).upper()
    return number if form.fullmatch(number) else None


def _keep(number: str | None, front: int, back: int) -> str | None:
    if number is None:
        return None
    return number[:front] + "*" * (len(number) - front - back) + number[-back:]
