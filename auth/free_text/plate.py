"""Number plates of vehicles: province, letter and five or, for new energy, six characters."""

import re
from collections.abc import Iterator

from auth.free_text.context import is_business_number, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, plate

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TAIL = r"(?:[A-HJ-NP-Z0-9][ ·\-]?){4}[A-HJ-NP-Z0-9]{0,1}[A-HJ-NP-Z0-9挂学警港澳使领]"
_FORM = re.compile(rf"[{_PROVINCES}] ?[A-Z][ ·.\-\n]{{0,2}}{_TAIL}(?![A-Za-z0-9])", re.IGNORECASE)
_POLICE = re.compile(
    rf"(?<![A-Za-z])WJ ?[{_PROVINCES}]? ?(?:[0-9]{{2}})?[ ·.\-]{{0,2}}[0-9]{{4}}[0-9A-Z](?![A-Za-z0-9])", re.IGNORECASE
)
# 京 and others are the ends of words too: 北京A12345批次.
_WORD_BEFORE = re.compile("(?:[北南东]京|天津|创新|更新|最新|全新|江苏|四川|新疆|西藏|青海|贵州|云南|河北|安徽)$")
_VEHICLE = re.compile("车|牌|司机|驾|停|开")
_PRODUCT = re.compile(" ?(?:批|型|款|版|产品|货|料|机组)")
_LABELLED = re.compile(
    label("车牌号?|车号|牌照|号牌|plate", "|尾号") + rf"([A-Z][ ·.\-]{{0,2}}{_TAIL})(?![A-Za-z0-9])", re.IGNORECASE
)


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.PLATE, _FORM, text, _read),
        matches(Kind.PLATE, _POLICE, text, _read),
        matches(Kind.PLATE, _LABELLED, text, _labelled),
    )


def _read(match: re.Match[str]) -> Find | None:
    if sum(map(str.isdigit, match[0])) < 2 or is_business_number(match.string, match.start()):
        return None
    if _names_a_place(match):
        return None
    shown = plate(re.sub(r"[ ·.\-\n]", "", match[0]))
    return Find(match.start(), match.end(), Kind.PLATE, "******" if shown in {HIDDEN, None} else str(shown))


def _names_a_place(match: re.Match[str]) -> bool:
    """Whether the province is the end of a longer word, or a product follows, and nothing tells of a vehicle."""
    text, start, end = match.string, match.start(), match.end()
    before = text[max(0, start - 8) : start]
    if _VEHICLE.search(before) or _VEHICLE.search(text[end : end + 6]):
        return False
    return _WORD_BEFORE.search(before + match[0][0]) is not None or _PRODUCT.match(text, end) is not None


def _labelled(match: re.Match[str]) -> Find | None:
    if sum(map(str.isdigit, match[1])) < 3:
        return None
    return Find(match.start(1), match.end(1), Kind.PLATE, f"{match[1][0]}*****{match[1][-1]}")


DETECTOR = Detector(Kind.PLATE, _find, digits=2)
