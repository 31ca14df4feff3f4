"""Unicode normal forms in linear time.

The library sorts the combining marks of one character by comparing each with each: a letter under 100,000 marks takes
minutes. Unicode's Stream-Safe Text Format (UAX #15) allows 30 marks in a row, more than any language writes; what goes
beyond is left out before the library sees it.
"""

import re
import unicodedata
from typing import Literal

MAX_MARKS_IN_A_ROW = 30

# These are no marks themselves, but become marks: Tibetan vowels, half-width voice marks of Japanese.
_BECOME_MARKS = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
# Most text holds no such run outside of these blocks, where no mark is: told in C, without looking at each character.
_MAYBE_MARKS = re.compile(
    "[^\0-\u02ff\u1e00-\u20cf\u2100-\u2cee\u3000-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ufb1d\ufb1f-\ufe1f\ufe30-\uff9d"
    f"\uffa0-\U000101fc\U00020000-\U0010ffff]{{{MAX_MARKS_IN_A_ROW + 1}}}"
)


def normal_form(text: str, form: Literal["NFC", "NFKC"] = "NFKC") -> str:
    """The text in this form; of more than 30 combining marks in a row the first 30 stay. Linear in the text."""
    return unicodedata.normalize(form, _without_excess(text) if has_stacked_marks(text) else text)


def has_stacked_marks(text: str) -> bool:
    """Whether more than 30 combining marks stand in a row, which no language writes."""
    if text.isascii() or _MAYBE_MARKS.search(text) is None:
        return False
    return len(_without_excess(text)) < len(text)


def _without_excess(text: str) -> str:
    kept, in_a_row = [], 0
    for character in text:
        in_a_row = in_a_row + 1 if _becomes_mark(character) else 0
        if in_a_row <= MAX_MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _becomes_mark(character: str) -> bool:
    return unicodedata.combining(character) > 0 or character in _BECOME_MARKS
