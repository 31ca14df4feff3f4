"""Chinese mobile numbers: eleven digits, in the groups and with the marks between them that people use."""

import re
from collections.abc import Iterator
from functools import partial

from auth.free_text.context import GAP, digits, groups, is_business_number, is_called
from auth.free_text.kinds import Detector, Find, Kind, matches
from auth.free_text.metadata import Metadata

_GAP = GAP.replace("|~]", "|~*#+=杠]")
_FORM = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{GAP}|179(?:51|09|11){GAP}|0)?(?:\((?=[0-9]{{2,4}}\)))?"
    rf"(1{_GAP}[3-9](?:{_GAP}[0-9]){{9}})(?![0-9])"
)
_USUAL = frozenset({(3, 4, 4), (3, 8)})
"""The groups that are read as a number whatever stands between them, and behind the label of an order too."""
_NO_FIGURES = frozenset({(1,) * 11, (1, 3, 3, 4), (3, 2, 2, 2, 2)})
_AMOUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+\.[0-9]+")
_FIGURE = re.compile(r"(?<![0-9])(?:[0-9]+00|(?:19|20)[0-9]{2})(?![0-9])")
_MOST_GROUPS = 6
_CODE = re.compile(r"[A-Z]{2}$")


def _find(text: str) -> Iterator[Find]:
    return matches(Kind.MOBILE, _FORM, text, partial(_read, Metadata()))


def _read(metadata: Metadata, match: re.Match[str]) -> Find | None:
    number = digits(match[1])
    if not _is_written_as_a_number(match) or _is_dialled_abroad(metadata, match, number):
        return None
    return Find(match.start(), match.end(), Kind.MOBILE, f"{number[:3]}****{number[-4:]}")


def _is_dialled_abroad(metadata: Metadata, match: re.Match[str], number: str) -> bool:
    """Whether it stands behind a + and is a number of America: +1 (415) 555-2671."""
    if match.start() == 0 or match.string[match.start() - 1] != "+":
        return False
    return metadata.is_valid(f"+{number}")


def _is_written_as_a_number(match: re.Match[str]) -> bool:
    """Amounts, sizes and dates in a row have eleven digits too; they are grouped in other ways."""
    written, text, start = match[1], match.string, match.start()
    if len(written) == 11:  # nothing but the number: behind a label too, if not behind the letters of its code
        return not (_CODE.search(text, max(0, start - 2), start) and is_business_number(text, start))
    labelled = is_business_number(text, start)
    if not set(written).isdisjoint("*#+=") and (labelled or groups(written) not in _USUAL):
        return False
    if not _AMOUNT.fullmatch(written) and groups(written) in _USUAL:
        return not (labelled and _joined_to_a_code(text, start))
    return not labelled and (_is_grouped_evenly(written) or is_called(text, start, match.end()))


def _is_grouped_evenly(written: str) -> bool:
    """One sign between all groups, few groups or single digits, and no group that reads as a figure or a year."""
    sizes = groups(written)
    if sizes in _NO_FIGURES:
        return True
    if (
        _AMOUNT.fullmatch(written)
        or (_FIGURE.search(written) and not set(written).isdisjoint(" ,、"))
        or len(sizes) > _MOST_GROUPS
    ):
        return max(sizes[1:]) == 1
    return len(set(re.findall("[^0-9]+", written))) == 1


def _joined_to_a_code(text: str, start: int) -> bool:
    """Whether a sign joins it to letters or digits before: XJ-138-1234-5678, 978-7-138-1234-5678."""
    return re.fullmatch(r"[A-Za-z0-9][\-._/]", text[max(0, start - 2) : start]) is not None


DETECTOR = Detector(Kind.MOBILE, _find, digits=11, reads_words=True)
