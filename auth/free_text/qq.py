"""QQ numbers, told by their label."""

import re
from collections.abc import Iterator

from auth.free_text.context import digits, is_business_number, is_day, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches

_FORM = re.compile(
    label(
        r"(?<![A-Za-z])(?:qq|q q|oicq)(?![A-Za-z])|扣扣|叩叩|抠抠|球球|企鹅"
        r"|(?:\+|加)(?:我|他|她)?(?:的)?q(?![A-Za-z])|(?<![A-Za-z])q(?=号|:)|(?<![A-Za-z0-9])q(?=[1-9][0-9]{7,10}(?![0-9]))|🐧|(?<![打回折])扣(?=号|:)",
        "|号|搜索?|加|邮箱|/ ?(?:微信|vx|wx|手机|电话)",
    )
    + r"([1-9](?:[ \-]?[0-9]){4,11})(?![0-9])(?! ?(?:元|块|万|个|人|件|条|次|首|年|月|%))",
    re.IGNORECASE,
)

_BEHIND = re.compile(
    r"(?<![0-9.\-/])([1-9][0-9]{5,10})(?=[ ,(]{0,2}(?:是|为)?(?:他|她|我)?的?(?:qq|扣扣|企鹅号?)(?!群|音乐|邮箱))",
    re.IGNORECASE,
)


def _find(text: str) -> Iterator[Find]:
    return apart(matches(Kind.QQ, _FORM, text, _read), matches(Kind.QQ, _BEHIND, text, _read))


def _read(match: re.Match[str]) -> Find | None:
    number = digits(match[1])
    if is_day(number) or is_business_number(match.string, match.start()):
        return None
    return Find(match.start(1), match.end(1), Kind.QQ, f"{number[0]}***{number[-1]}")


DETECTOR = Detector(
    Kind.QQ, _find, digits=5, sign=re.compile("q|🐧|扣|叩叩|抠抠|球球|企鹅", re.IGNORECASE), reads_words=True
)
