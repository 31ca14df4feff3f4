"""Telephone numbers."""

import re

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from auth.masks.closing import HIDDEN, fails_closed

_MOBILE = re.compile(r"(?:\+86|0086|86)?0?(1[3-9][0-9])[0-9]{4}([0-9]{4})")
_FOREIGN = re.compile(r"(?:\+|00)([1-9][0-9]{8,14})")
# 400 and 800 stand where an area code would, and are none.
_LANDLINE = re.compile(r"(?:(?:\+|00)?860?|0)(?!400|800)(?:(10|2[0-9])([0-9]{8})|([3-9][0-9]{2})([0-9]{7,8}))")
_EXTENSION = re.compile(r"(?:;ext=|转|分机|ext\.?|x|#) ?[0-9]{1,6}$", re.IGNORECASE)
# 95588 and the like, and 400 and 800 numbers, which anybody in the country dials.
_SHORT = re.compile(r"(?:\+?86)?((?:95|96|1[0-2])[0-9]{3,4})")
_SHARED = re.compile(r"(?:(?:\+|00)?86)?([48]00)([0-9]{7})")
_SEPARATORS = re.compile(r"[\s().\-‐‑‒–—−\u200b]+")


@fails_closed
def mobile(plain: str) -> str | None:
    """PHONE_3_4 on the national number of a Chinese mobile; country code and last 4 of a foreign number."""
    number = _SEPARATORS.sub("", _EXTENSION.sub("", plain))
    if found := _MOBILE.fullmatch(number):
        return f"{found[1]}****{found[2]}"
    foreign = _FOREIGN.fullmatch(number)
    return _foreign(foreign[1]) if foreign else None


@fails_closed
def landline(plain: str) -> str | None:
    """TEL_AREA_2: area code and last 2 of a Chinese landline with its area code; an extension is dropped."""
    found = _LANDLINE.fullmatch(_SEPARATORS.sub("", _EXTENSION.sub("", plain)))
    if found is None:
        return None
    area, number = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"0{area}-{'*' * (len(number) - 2)}{number[-2:]}"


@fails_closed
def service(plain: str) -> str | None:
    """The kind of a service number: `95***`, `400-*****20`; an extension is dropped."""
    number = _SEPARATORS.sub("", _EXTENSION.sub("", plain))
    if found := _SHARED.fullmatch(number):
        return f"{found[1]}-*****{found[2][-2:]}"
    short = _SHORT.fullmatch(number)
    return f"{short[1][:2]}{'*' * (len(short[1]) - 2)}" if short else None


def telephone(text: str | None) -> str | None:
    """`mobile`, `landline` or `service`, whichever knows the number."""
    shown = mobile(text)
    shown = landline(text) if shown == HIDDEN else shown
    return service(text) if shown == HIDDEN else shown


def _foreign(digits: str) -> str | None:
    for size in (1, 2, 3):  # no country code begins with another
        if int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE:
            return f"+{digits[:size]} ****{digits[-4:]}" if digits[:size] != "86" else None
    return None
