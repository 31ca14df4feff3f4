"""Telephone numbers in E.164, the way people in China write them, and the service numbers that have no such form."""

import re

import phonenumbers

from domain.errors import Invalid
from domain.personal.text import plain

_MOBILE = re.compile(r"(?:\+86|0086|86)?0?(1[3-9][0-9]{9})")
_SEPARATORS = re.compile(r"[\s().\-‐‑‒–—−]+")
_EXTENSION = re.compile(
    r"[ ;,，;]{0,2}(?:ext(?:ension|n)?\.?|转(?:分机)?|轉(?:分機)?|分机号?|分機號?|内线|x|#|\*|p|w)[ .:=：]{0,2}"
    r"([0-9]{1,6})[ )）]?$|(?<=[0-9]{7})-([0-9]{1,5})$|(?<=[0-9]{7})[;,，]{1,2} ?([0-9]{1,6})$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\+?[0-9]{5,20}")
# Programs that took a number for an amount write 13900010051.0; no number of ours ends in a single group of zeros.
_FLOAT = re.compile(r"(\+?[0-9]{5,})\.0{1,2}")
_DECIMAL = re.compile(r"\+?[0-9]{5,}\.[0-9]{1,2}")
# Five or six digits that are dialled as they are: businesses (95…, 96…), operators (10…), public services (11…, 12…).
_SHORT = re.compile(r"(?:\+?86)?((?:95|96)[0-9]{3,4}|1(?:00|01|10|11|2[0-3])[0-9]{2}|118[0-9]{2})")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")


def contact_number(text: str, *, field: str) -> str:
    """A mobile, landline or foreign number in E.164, with `;ext=12` behind it (RFC 3966) where an extension was given.

    Numbers without a country code are Chinese. A mobile is taken by its shape, 1[3-9] and nine digits, since operators
    use prefixes that the metadata does not know yet; all others must be valid by the metadata. Raises Invalid, also for
    a short service number (95588).
    """
    number = telephone_number(text, field=field)
    if is_short_number(number.partition(";")[0]):
        raise service_number_of_person(field)
    return number


def telephone_number(text: str, *, field: str) -> str:
    """`contact_number`, or the short service number of an organisation (95588), which is kept as it is dialled."""
    written = _whole(plain(text, field=field, longest=60).strip("'\"`‘’“”").removeprefix("tel:"), field)
    if mobile := _MOBILE.fullmatch(_SEPARATORS.sub("", written)):
        return f"+86{mobile[1]}"
    extension = _EXTENSION.search(written)
    if extension is None:
        return _known_number(written, field)
    number = _known_number(written[: extension.start()], field)
    return f"{number};ext={next(filter(None, extension.groups()))}"


def as_dialled(number: str) -> str:
    """A kept number as one reads it out in China: a Chinese mobile without its country code, all others in E.164."""
    return number.removeprefix("+86") if _MOBILE.fullmatch(number) else number


def is_short_number(digits: str) -> bool:
    """Whether these digits are a service number of five or six digits by themselves."""
    return _SHORT.fullmatch(digits) is not None


def service_number_of_person(field: str) -> Invalid:
    """The refusal of a service number where a person is to be called."""
    return Invalid(
        field,
        "这是企业的服务号码，个人客户请填写本人的手机或座机",
        "This is a service number, which only organisations have; give the person's own number",
    )


def _whole(written: str, field: str) -> str:
    """Without the `.0` of a number that a program took for an amount. Raises Invalid for another fraction."""
    if found := _FLOAT.fullmatch(written):
        return found[1]
    if _DECIMAL.fullmatch(written):
        raise _refusal(field)
    return written


def _known_number(written: str, field: str) -> str:
    number = _SEPARATORS.sub("", written)
    if short := _SHORT.fullmatch(number):
        return short[1]
    if _LOCAL.fullmatch(number):
        raise Invalid(
            field,
            "电话号码缺少区号，应如 010-88886666",
            "The area code of the number is missing; write it like 010-88886666",
        )
    if not _DIGITS.fullmatch(number):
        raise _refusal(field)
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        raise _refusal(field) from None
    if not phonenumbers.is_valid_number(parsed):
        raise _refusal(field)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _refusal(field: str) -> Invalid:
    return Invalid(field, "电话号码无效，请核对位数、区号或国家代码", "Not a telephone number; check its digits")
