"""The frame around every mask: what does not come out as a mask comes out as nothing (R03)."""

import re
from collections.abc import Callable
from functools import wraps

from domain.personal.normal_form import normal_form

HIDDEN = "******"
FEWEST_DIGITS = 9
"""Of a foreign telephone number, the shortest of all that is to be masked."""

_LONGEST = 1000
_REFUSED = re.compile("[*\ud800-\udfff]")

Mask = Callable[[str | None], str | None]


def may_hold_a_number(text: str) -> bool:
    """Whether there are digits enough for a number that is to be masked, wherever they stand."""
    return sum(map(str.isdecimal, text)) >= FEWEST_DIGITS


def fails_closed(hide: Callable[[str], str | None]) -> Mask:
    """Makes a mask of a rule that knows one format and says None to every other.

    The mask gives None for None and "" for a blank text (M6); HIDDEN for a format that the rule does not know, for a
    text that is masked already, one over 1,000 code points and one that UTF-8 cannot hold (M1, M2, M3). The rule gets
    the text in NFKC and trimmed (M5).
    """

    @wraps(hide)
    def mask(text: str | None) -> str | None:
        if text is None:
            return None
        if len(text) > _LONGEST:  # before any work: normalising hostile text takes quadratic time
            return HIDDEN
        plain = normal_form(text).strip()
        if not plain:
            return ""
        if _REFUSED.search(plain):
            return HIDDEN
        return hide(plain) or HIDDEN

    return mask
