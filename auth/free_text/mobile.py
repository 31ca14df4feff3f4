"""Chinese mobile numbers: eleven digits, in the groups and with the marks between them that people use."""

import re
from collections.abc import Iterator
from functools import partial

from auth.free_text.context import GAP, JOINING, digits, groups, is_business_number, is_called
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.free_text.metadata import Metadata

_GAP = GAP.replace("|~=]", "|~=*#+xX×杠]")
_FORM = re.compile(
    rf"(?<![0-9])(?:(?:\((?=\+?(?:00)?86\)))?(?:\+|00)?86{GAP}|179(?:51|09|11){GAP}|0)?(?:\((?=[0-9]{{2,4}}\)))?"
    rf"(1{_GAP}[3-9](?:{_GAP}[0-9]){{9}})(?![0-9])"
)
_IN_PARTS = re.compile(
    rf"(?<![0-9])(1[3-9][0-9](?:{JOINING}[0-9]{{4}}(?:{JOINING}|{GAP})[0-9]{{4}}|[0-9]{{4}}{JOINING}[0-9]{{4}}"
    rf"|{GAP}[0-9]{{4}}{JOINING}[0-9]{{4}}|{JOINING}[0-9]{{8}}))(?![0-9])"
)
_USUAL = frozenset({(3, 4, 4), (3, 8)})
"""The groups that are read as a number whatever stands between them, and behind the label of an order too."""
_NO_FIGURES = frozenset({(1,) * 11, (1, 3, 3, 4), (3, 2, 2, 2, 2)})
_ODD_GAPS = frozenset("*#+xX×")
_LONG_GAP = re.compile("[^0-9]{4}")
_DECIMALS = re.compile(r"[0-9]\.[0-9]+[^0-9.]+[0-9]+\.[0-9]")
_UNIT = re.compile(
    " ?(?:台(?![湾灣北中南胞])|件|箱|套|吨|公斤|千克|克|kg"
    "|米|元|万|亿|只|支|瓶|包|桶|辆|册|枚|颗|袋|卷|双|组|批|人次|个(?!人))"
)
_COUNTED = re.compile(
    "(?:产量|销量|库存|存量|数量|用量|合计|总计|共计|累计|每[月日天年周]|月均|日均|年均)[ :约为是共]{0,3}$"
)
_VERSION = re.compile("(?<![A-Za-z])[VvRr]$")
_AMOUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+\.[0-9]+")
_FIGURE = re.compile(r"(?<![0-9])(?:[0-9]+00|(?:19|20)[0-9]{2})(?![0-9])")
_MOST_GROUPS = 6
_JOINED = re.compile(JOINING + "[0-9]{4}")


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.MOBILE, _FORM, text, partial(_read, Metadata())),
        matches(Kind.MOBILE, _IN_PARTS, text, _in_parts) if _JOINED.search(text) else (),
    )


def _in_parts(match: re.Match[str]) -> Find:
    return _made(match.start(), match.end(), digits(match[1]))


def _read(metadata: Metadata, match: re.Match[str]) -> Find | None:
    number = digits(match[1])
    if not _is_written_as_a_number(match) or _is_dialled_abroad(metadata, match, number):
        return None
    return _made(match.start(), match.end(), number)


def _made(start: int, end: int, number: str) -> Find:
    return Find(start, end, Kind.MOBILE, f"{number[:3]}****{number[-4:]}")


def _is_dialled_abroad(metadata: Metadata, match: re.Match[str], number: str) -> bool:
    """Whether it stands behind a + and is a number of America: +1 (415) 555-2671."""
    if match.start() == 0 or match.string[match.start() - 1] != "+":
        return False
    return metadata.is_valid(f"+{number}")


def _is_written_as_a_number(match: re.Match[str]) -> bool:
    """Amounts, sizes and dates in a row have eleven digits too; they are grouped in other ways."""
    written, text, start = match[1], match.string, match.start()
    if len(written) == 11:  # nothing but the number: behind whatever label or letters it stands
        return True
    if _is_quantity(match):
        return False
    labelled, usual = is_business_number(text, start), groups(written) in _USUAL
    known = usual or groups(written) in _NO_FIGURES
    if not _ODD_GAPS.isdisjoint(written) and (labelled or not usual):
        return False
    if ("=" in written or _LONG_GAP.search(written)) and (labelled or not known):
        return False
    if not _AMOUNT.fullmatch(written) and usual:
        return not (labelled and _joined_to_a_code(text, start))
    return not labelled and (_is_grouped_evenly(written) or is_called(text, start, match.end()))


def _is_quantity(match: re.Match[str]) -> bool:
    """Whether the words beside it, or points within it, say that these are figures, or parts of a version."""
    text, start, end = match.string, match.start(), match.end()
    if _DECIMALS.search(match[1]) or (_VERSION.search(text, max(0, start - 2), start) and "." in match[1]):
        return True
    counted = _COUNTED.search(text, max(0, start - 8), start) or _UNIT.match(text, end)
    return counted is not None and not is_called(text, start, start)


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
