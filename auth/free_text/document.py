"""Numbers of passports, travel permits, licences and the like, told by their label."""

import re
from collections.abc import Iterator

from auth.free_text.context import is_business_number, is_day, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, document

_WORDS = (
    "护照|護照|passport|港澳(?:居民)?(?:来往内地|往来)?通行证|通行证|通行證|台胞证|台胞證|回乡[证卡]|回鄉證"
    "|军官证|士兵证|士官证|警官证|军人证"
    "|驾驶证|驾照|行驶证|居住证|居留证|海员证|签证|社保(?:卡|号)|学生证|残疾人?证"
    "|户口(?:本|簿)|出生(?:医学)?证明?|港澳台居民居住证|文职证|永居证"
    "|身[份分][证證]|证件|證件|五星卡|(?<![a-z])hkid|driving licen[cs]e|driver'?s? licen[cs]e|visa no"
)
_VALUE = (
    r"((?:[\u4e00-\u9fff]字第? ?)?[A-Za-z]{0,3}[ \-]?[0-9](?:[ \-]?[0-9]|[A-Za-z]){4,19}(?: ?\([0-9A]\))?)"
    "(?![0-9A-Za-z*])"
)
_BEFORE = re.compile(
    label(_WORDS, "|[\\u4e00-\\u9fff]{0,2}字?第|护照|档案|档编|后[四六八468]位|尾号") + _VALUE, re.IGNORECASE
)
_BEHIND = re.compile(
    r"(?<![0-9A-Za-z])([A-Za-z]{1,2}[0-9]{7,9})"
    r"(?=[ ,(]{0,2}(?:是|为)?[^,。;\n]{0,4}(?:护照|通行证|身份证|身分證|passport))",
    re.IGNORECASE,
)
_HONG_KONG = re.compile(r"(?<![0-9A-Za-z])([A-Z]{1,2} ?[0-9]{6} ?\([0-9A]\))", re.IGNORECASE)
_TAIWAN = re.compile(r"(?<![0-9A-Za-z])([A-Z][1289][0-9]{8})(?![0-9A-Za-z])", re.IGNORECASE)
_TAIWAN_LETTERS, _TAIWAN_WEIGHTS = "ABCDEFGHJKLMNPQRSTUVXYWZIO", (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
_UNIT = re.compile(r" ?(?:元|个|年|月|日|天|份|本|张|人|次|%)")


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.DOCUMENT, _BEFORE, text, _read),
        matches(Kind.DOCUMENT, _BEHIND, text, _read),
        matches(Kind.DOCUMENT, _HONG_KONG, text, _read),
        matches(Kind.DOCUMENT, _TAIWAN, text, _of_taiwan),
    )


def _of_taiwan(match: re.Match[str]) -> Find | None:
    """An identity number of Taiwan without a label is recognised by its check digit."""
    letter, figures = match[1][0].upper(), match[1][1:]
    code = str(10 + _TAIWAN_LETTERS.index(letter))
    total = sum(int(figure) * weight for figure, weight in zip(code + figures, _TAIWAN_WEIGHTS, strict=True))
    return None if total % 10 or is_business_number(match.string, match.start()) else _read(match)


def _read(match: re.Match[str]) -> Find | None:
    written = re.sub(r"[ \-()]|[\u4e00-\u9fff]", "", match[1])
    if sum(map(str.isdigit, written)) < 5 or _is_day(written) or _UNIT.match(match.string, match.end(1)):
        return None
    shown = document(written)
    return Find(match.start(1), match.end(1), Kind.DOCUMENT, "******" if shown in {HIDDEN, None} else str(shown))


def _is_day(written: str) -> bool:
    """Whether this is a day, with the time of day or without: 20261130, 202611301530."""
    return len(written) in {8, 12, 14} and is_day(written[:8])


DETECTOR = Detector(
    Kind.DOCUMENT,
    _find,
    digits=5,
    sign=re.compile(
        r"\([0-9A]\)|[a-z][1289][0-9]{8}|hkid|证|證|五星卡|回乡卡|护照|護照|passport|licen[cs]e|社保|户口|驾照",
        re.IGNORECASE,
    ),
    reads_words=True,
)
