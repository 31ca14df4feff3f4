"""Numbers of passports, travel permits, licences and the like, told by their label."""

import re
from collections.abc import Iterator

from auth.free_text.context import is_day, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, document

_WORDS = (
    "护照|護照|passport|港澳(?:居民)?(?:来往内地|往来)?通行证|通行证|通行證|台胞证|台胞證|回乡证|回鄉證"
    "|军官证|士兵证|士官证|警官证|军人证"
    "|驾驶证|驾照|行驶证|居住证|居留证|海员证|签证|社保(?:卡|号)|学生证|残疾人?证"
    "|户口(?:本|簿)|出生(?:医学)?证明?|港澳台居民居住证|文职证|永居证"
    "|身份证|身份證|driving licen[cs]e|driver'?s? licen[cs]e|visa no"
)
_VALUE = r"((?:[\u4e00-\u9fff]字第? ?)?[A-Za-z]{0,3}[ \-]?[0-9](?:[ \-]?[0-9]|[A-Za-z]){4,19})(?![0-9A-Za-z])"
_BEFORE = re.compile(label(_WORDS, "|[\\u4e00-\\u9fff]{0,2}字?第|护照|档案") + _VALUE, re.IGNORECASE)
_BEHIND = re.compile(
    r"(?<![0-9A-Za-z])([A-Za-z]{1,2}[0-9]{7,9})"
    r"(?=[ ,(]{0,2}(?:是|为)?[^,。;\n]{0,4}(?:护照|通行证|身份证|身分證|passport))",
    re.IGNORECASE,
)
_HONG_KONG = re.compile(r"(?<![0-9A-Za-z])([A-Z]{1,2}[0-9]{6} ?\([0-9A]\))")
_UNIT = re.compile(r" ?(?:元|个|年|月|日|天|份|本|张|人|次|%)")


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.DOCUMENT, _BEFORE, text, _read),
        matches(Kind.DOCUMENT, _BEHIND, text, _read),
        matches(Kind.DOCUMENT, _HONG_KONG, text, _read),
    )


def _read(match: re.Match[str]) -> Find | None:
    written = re.sub(r"[ \-()]|[\u4e00-\u9fff]", "", match[1])
    if sum(map(str.isdigit, written)) < 5 or is_day(written[:8]) or _UNIT.match(match.string, match.end(1)):
        return None
    shown = document(written)
    return Find(match.start(1), match.end(1), Kind.DOCUMENT, "******" if shown in {HIDDEN, None} else str(shown))


DETECTOR = Detector(
    Kind.DOCUMENT,
    _find,
    digits=5,
    sign=re.compile(r"\([0-9A]\)|证|證|护照|護照|passport|licen[cs]e|社保|户口|驾照", re.IGNORECASE),
    reads_words=True,
)
