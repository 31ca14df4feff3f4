"""Telephone numbers in E.164, the way people in China write them."""

import re

import phonenumbers

from domain.errors import Invalid
from domain.personal.text import plain

_MOBILE = re.compile(r"(?:\+86|0086|86)?0?(1[3-9][0-9]{9})")
_SEPARATORS = re.compile(r"[\s().\-‐‑‒–—−]+")
_EXTENSION = re.compile(r" ?(?:;ext=|转|分机|ext\.?|x|#) ?([0-9]{1,6})$|(?<=[0-9]{7})-([0-9]{1,5})$", re.IGNORECASE)
_DIGITS = re.compile(r"\+?[0-9]{5,20}")


def contact_number(text: str, *, field: str) -> str:
    """A mobile, landline or foreign number in E.164, with `;ext=12` behind it (RFC 3966) where an extension was given.

    Numbers without a country code are Chinese. A mobile is taken by its shape, 1[3-9] and nine digits, since operators
    use prefixes that the metadata does not know yet; all others must be valid by the metadata. Raises Invalid.
    """
    written = plain(text, field=field, longest=60).strip("'\"`‘’“”").removeprefix("tel:")
    if mobile := _MOBILE.fullmatch(_SEPARATORS.sub("", written)):
        return f"+86{mobile[1]}"
    extension = _EXTENSION.search(written)
    if extension is None:
        return _known_number(written, field)
    return f"{_known_number(written[: extension.start()], field)};ext={extension[1] or extension[2]}"


def as_dialled(number: str) -> str:
    """A kept number as one reads it out in China: a Chinese mobile without its country code, all others in E.164."""
    return number.removeprefix("+86") if _MOBILE.fullmatch(number) else number


def _known_number(written: str, field: str) -> str:
    refusal = Invalid(field, "电话号码无效，请核对位数、区号或国家代码", "Not a telephone number; check its digits")
    number = _SEPARATORS.sub("", written)
    if not _DIGITS.fullmatch(number):
        raise refusal
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        raise refusal from None
    if not phonenumbers.is_valid_number(parsed):
        raise refusal
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
