"""Numbers of identity cards (GB 11643-1999), told by region, birth date and check digit, or by their label."""

import re
from collections.abc import Iterator

from auth.free_text.context import GAP, digits, groups, is_business_number, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.free_text.reading import X_SIGNS
from auth.masks import HIDDEN, resident_id
from domain.personal.identity import is_card_shaped, is_old_resident_id, is_resident_id

_X = f"[{re.escape(X_SIGNS)}]"
_DAY = f"(?:0{GAP}[1-9]|1{GAP}[0-2]){GAP}(?:0{GAP}[1-9]|[12]{GAP}[0-9]|3{GAP}[01])"
_CARD = re.compile(
    rf"(?<![0-9])[1-9](?:{GAP}[0-9]){{5}}{GAP}(?:1{GAP}[89]|2{GAP}0)(?:{GAP}[0-9]){{2}}{GAP}{_DAY}"
    rf"(?:{GAP}[0-9]){{3}}{GAP}(?:[0-9]|{_X})(?![0-9])"
)
_OLD = re.compile(r"(?<![0-9])[1-9][0-9]{5}[ \-.]{0,2}[0-9]{6}[ \-.]{0,2}[0-9]{3}(?![0-9])")
_LABELLED = re.compile(
    label(
        r"身份证(?:件)?|身份證|身份号|身份号码|证件|公民号码|户口|(?<![a-z])(?:id|identity) ?(?:card|no\.?|number)",
        "|复印件|信息",
    )
    + rf"([0-9](?:{GAP}[0-9]){{13,17}}(?:{GAP}{_X})?)(?![0-9])",
    re.IGNORECASE,
)
_WRITTEN = frozenset({(18,), (6, 8, 4), (17,), (6, 8, 3), (6, 12), (14, 4), (6, 4, 4, 4), (6, 4, 2, 2, 4)})


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.ID_NUMBER, _CARD, text, _card),
        matches(Kind.ID_NUMBER, _OLD, text, _old_card),
        matches(Kind.ID_NUMBER, _LABELLED, text, _labelled),
    )


def _card(match: re.Match[str]) -> Find | None:
    """A mistyped number counts too, where it is written as one and no label says that it is something else."""
    number = _number(match[0])
    if is_resident_id(number):
        return _made(match.start(), match.end(), number)
    if not is_card_shaped(number) or groups(match[0]) not in _WRITTEN:
        return None
    return None if is_business_number(match.string, match.start()) else _made(match.start(), match.end(), number)


def _old_card(match: re.Match[str]) -> Find | None:
    number = digits(match[0])
    return _made(match.start(), match.end(), number) if is_old_resident_id(number) else None


def _labelled(match: re.Match[str]) -> Find:
    return _made(match.start(1), match.end(1), _number(match[1]))


def _number(written: str) -> str:
    number = digits(written)
    return f"{number}X" if len(number) == 17 and written[-1] in X_SIGNS else number


def _made(start: int, end: int, number: str) -> Find:
    shown = resident_id(number)
    return Find(start, end, Kind.ID_NUMBER, f"{number[0]}***" if shown in {HIDDEN, None} else str(shown))


DETECTOR = Detector(Kind.ID_NUMBER, _find, digits=14, reads_words=True)
