"""Number plates of vehicles: province, letter and five or, for new energy, six characters."""

import re
from collections.abc import Iterator

from auth.free_text.context import is_business_number, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, plate

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TAIL = r"(?:[A-HJ-NP-Z0-9][ ·\-]?){4}[A-HJ-NP-Z0-9]{0,1}[A-HJ-NP-Z0-9挂学警港澳使领]"
_FORM = re.compile(rf"[{_PROVINCES}] ?[A-Z][ ·.\-]{{0,2}}{_TAIL}(?![A-Za-z0-9])", re.IGNORECASE)
_LABELLED = re.compile(
    label("车牌号?|车号|牌照|号牌|plate", "|尾号") + rf"([A-Z][ ·.\-]{{0,2}}{_TAIL})(?![A-Za-z0-9])", re.IGNORECASE
)


def _find(text: str) -> Iterator[Find]:
    return apart(matches(Kind.PLATE, _FORM, text, _read), matches(Kind.PLATE, _LABELLED, text, _labelled))


def _read(match: re.Match[str]) -> Find | None:
    if sum(map(str.isdigit, match[0])) < 2 or is_business_number(match.string, match.start()):
        return None
    shown = plate(re.sub(r"[ ·.\-]", "", match[0]))
    return Find(match.start(), match.end(), Kind.PLATE, "******" if shown in {HIDDEN, None} else str(shown))


def _labelled(match: re.Match[str]) -> Find | None:
    if sum(map(str.isdigit, match[1])) < 3:
        return None
    return Find(match.start(1), match.end(1), Kind.PLATE, f"{match[1][0]}*****{match[1][-1]}")


DETECTOR = Detector(Kind.PLATE, _find, digits=2)
