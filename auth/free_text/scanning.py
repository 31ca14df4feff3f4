"""Masking in place what the detectors find in a text."""

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

from auth.free_text.detectors import DETECTORS
from auth.free_text.kinds import Detector, Find, Kind
from auth.free_text.reading import read, spelled_out
from domain.errors import Invalid


class Scanned(NamedTuple):
    """A text with what was found in it masked in place, and the kinds of the finds from left to right."""

    masked: str
    found: tuple[Kind, ...]


# Most texts are of ideographs, letters and these signs alone, and can be told at one look to hold nothing.
_ODD = re.compile("[^\u3400-\u9fff○A-Za-z \\n，。！？；：、“”‘’（）《》…—,.!?;:'\"()]")
_WORD = "〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖十百千两"
_SPELLED = re.compile(f"[{_WORD}](?:[^{_WORD}]?[{_WORD}]){{4}}|[{_WORD}] ?(?:号|栋|幢|弄|单元|室|组|队|座)")
_WITHOUT_DIGITS = [detector.sign for detector in DETECTORS if detector.sign is not None and not detector.digits]
MAX_FINDS = 100
"""Finds of one kind in one text. Nobody writes more; what follows the last is hidden whole, unread."""


def scan(text: str) -> Scanned:
    """Masks all that the detectors find; all else stays as it is."""
    if not _may_hold_something(text):
        return Scanned(text, ())
    reading = read(text)
    plain, spelled = reading.plain, spelled_out(reading.plain)
    finds: list[Find] = []
    digits = sum(map(str.isdecimal, spelled))
    for detector in DETECTORS:
        if digits < detector.digits:
            continue
        found = _found(detector, plain)
        plain, spelled, finds = _blanked(plain, found), _blanked(spelled, found), finds + found
        if detector.reads_words and spelled != plain:
            found = _found(detector, spelled)
            plain, spelled, finds = _blanked(plain, found), _blanked(spelled, found), finds + found
    finds.sort()
    return Scanned(_masked(text, finds, reading.original), tuple(find.kind for find in finds))


def prepare() -> None:
    """Loads the lists of divisions and of telephone numbers that detectors need, before a scan waits for them."""
    scan("上海市世纪大道1号 +44 20 7946 0018")


def open_text(text: str, field: str) -> str:
    """A text that is kept in clear. Raises Invalid where something is found in it: that is to be sealed."""
    if scan(text).found:
        raise Invalid(
            field,
            "此栏以明文保存，却含有电话、证件号、邮箱、地址等个人信息，请移到对应的栏",
            "This field is kept in clear, but a telephone, card number, e-mail, address or the like stands in it; "
            "move it to its column",
        )
    return text


def is_personal_name(text: str, *, of_organisation: bool) -> bool:
    """Whether a name, which is shown in clear, holds a personal value.

    An organisation may be called after its address: 世纪大道100号小吃店.
    """
    shown, found = scan(text)
    called_so = of_organisation and set(found) == {Kind.ADDRESS} and shown[-1] == text[-1]
    return bool(found) and not called_so


def _may_hold_something(text: str) -> bool:
    if _ODD.search(text) or _SPELLED.search(text):
        return True
    return any(sign.search(text) for sign in _WITHOUT_DIGITS)


def _found(detector: Detector, text: str) -> list[Find]:
    if detector.sign is not None and detector.sign.search(text) is None:
        return []
    finds = list(islice(detector.find(text), MAX_FINDS))
    if len(finds) == MAX_FINDS:
        finds[-1] = Find(finds[-1].start, len(text), detector.kind, "****")
    return finds


def _blanked(text: str, finds: Sequence[Find]) -> str:
    """The text without its finds, which later detectors do not see; of the same length."""
    if not finds:
        return text
    pieces, at = [], 0
    for find in finds:
        pieces += [text[at : find.start], "\0" * (find.end - find.start)]
        at = find.end
    return "".join([*pieces, text[at:]])


def _masked(text: str, finds: Sequence[Find], original: Callable[[int, int], tuple[int, int]]) -> str:
    pieces, at = [], 0
    for find in finds:
        start, end = original(find.start, find.end)
        pieces += [text[at:start], find.shown]
        at = end
    return "".join([*pieces, text[at:]])
