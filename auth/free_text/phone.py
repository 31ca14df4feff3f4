"""Landlines, and numbers of other countries and of Hong Kong, Macao and Taiwan."""

import re
from collections.abc import Iterator
from functools import partial

from auth.free_text.context import digits, has_telephone_word, is_business_number, is_called, is_day, label
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.free_text.metadata import Metadata
from auth.masks import HIDDEN, landline

_GAP, _BARE_GAP = r"[ \t.()\-/_·=]{0,4}+", r"[ \t.()\-/_·]{0,3}+"
_AREA = re.compile(
    rf"(?<![0-9])((?:(?:\+|00)?86{_GAP}\(?0?\)?|\(?0)(?:10|2[0-9]|[3-9][0-9]{{2}}){_GAP}"
    rf"[1-9](?:[0-9]{{2,3}}{_GAP}[0-9]{{4}}|(?:{_GAP}[0-9]){{6,7}}))(?![0-9])",
    re.IGNORECASE,
)
_ABROAD = re.compile(rf"(?:(?<![0-9])00|\+){_GAP}[1-9](?:{_GAP}[0-9]){{6,14}}(?![0-9])")
# Begins where the run of digits begins, but for the codes that people leave the + off most.
_BARE = re.compile(
    rf"(?<![0-9+.,\-])(?:(?<![0-9][ /_·()])|(?=852|853|886))0?[1-9](?:{_BARE_GAP}[0-9]){{7,13}}(?![0-9])"
)
_LOCAL = re.compile(
    label(
        "座机|固话|固定电话|电话|家电|宅电|传真|总机|手提|(?<![a-z])(?:tel|phone|fax)"
        "|(?:办公室?|家里?|公司|单位|店里?|门店)的?号码"
    )
    + r"([2-9](?:[0-9]{2,3}[ \-./_·=]?[0-9]{4}|[0-9]{6,7}))(?![0-9])(?![ ]?(?:元|件|个|次|条|分钟))",
    re.IGNORECASE,
)
_HOTLINE = re.compile(r"(?:00)?(?:86)?(?:[48]00|95|96|1[0-2])")
_PLACES = re.compile(
    "香港|澳门|澳門|台湾|台灣|台北|臺北|台中|高雄|新竹|台南|新加坡|日本|东京|大阪|韩国|首尔"
    "|美国|纽约|洛杉矶|旧金山|加拿大|英国|伦敦|德国|法国|巴黎|意大利|西班牙|荷兰|瑞士|俄罗斯|莫斯科|澳洲|澳大利亚|悉尼|新西兰"
    "|马来西亚|吉隆坡|泰国|曼谷|越南|印尼|印度|菲律宾"
    "|迪拜|海外|国际|境外|hong ?kong|macau|macao|taiwan|taipei|singapore|japan|tokyo|korea|usa?(?![a-z])|london"
    "|germany|france|australia|malaysia",
    re.IGNORECASE,
)
_REGIONS = {
    "HK": re.compile("香港|hong ?kong", re.IGNORECASE),
    "MO": re.compile("澳门|澳門|maca[uo]", re.IGNORECASE),
    "TW": re.compile("台湾|台灣|台北|臺北|台中|高雄|新竹|台南|taiwan|taipei", re.IGNORECASE),
    "SG": re.compile("新加坡|singapore", re.IGNORECASE),
    "JP": re.compile("日本|东京|大阪|japan|tokyo", re.IGNORECASE),
    "US": re.compile("美国|纽约|洛杉矶|旧金山|加拿大|usa?(?![a-z])", re.IGNORECASE),
    "GB": re.compile("英国|伦敦|london", re.IGNORECASE),
}
_CODE_APART = re.compile(r"[1-9][0-9]{0,2}[ \-./·]")
_AMERICAN = re.compile(r"\(?[2-9][0-9]{2}\)?[ .\-]{1,2}[0-9]{3}[ .\-][0-9]{4}")
_NEAR = 14


def _find(text: str) -> Iterator[Find]:
    metadata = Metadata()
    return apart(
        matches(Kind.PHONE, _AREA, text, _with_area_code),
        matches(Kind.PHONE, _ABROAD, text, partial(_abroad, metadata)),
        matches(Kind.PHONE, _BARE, text, partial(_without_plus, metadata))
        if _PLACES.search(text) or has_telephone_word(text)
        else (),
        matches(Kind.PHONE, _LOCAL, text, _local),
    )


def _with_area_code(match: re.Match[str]) -> Find | None:
    if is_business_number(match.string, match.start()):
        return None
    shown = landline(digits(match[1]))
    return None if shown == HIDDEN or shown is None else _made(match, shown)


def _abroad(metadata: Metadata, match: re.Match[str]) -> Find | None:
    """A number with + or 00. Behind 00 only what is grouped, or stands beside a place or a telephone word."""
    if match[0].startswith("00") and match[0].isdigit() and not _is_told(match):
        return None
    if is_business_number(match.string, match.start()):
        return None
    shown = metadata.masked_with_code(match[0], possible=_is_told(match) or not match[0].lstrip("+").isdigit())
    return _made(match, shown) if shown else None


def _without_plus(metadata: Metadata, match: re.Match[str]) -> Find | None:
    """A country code without + counts only beside a place or a telephone word."""
    number = digits(match[0])
    if _HOTLINE.match(number) or is_day(number[:8]) or not _is_told(match):
        return None
    apart_from_code = _CODE_APART.match(match[0]) is not None
    shown = metadata.masked_with_code(match[0], possible=apart_from_code) or _local_abroad(metadata, match)
    return _made(match, shown) if shown else None


def _local_abroad(metadata: Metadata, match: re.Match[str]) -> str | None:
    """A number as it is dialled in the country that is named beside it: 香港 9123 4567, 台湾手机 0912-345-678."""
    nearby = _nearby(match)
    for region, place in _REGIONS.items():
        if place.search(nearby):
            return metadata.masked(match[0], region, possible=False)
    return metadata.masked(match[0], "US", possible=False) if _AMERICAN.fullmatch(match[0]) else None


def _local(match: re.Match[str]) -> Find | None:
    number = digits(match[1])
    if is_day(number) or _HOTLINE.match(number):
        return None
    return Find(match.start(1), match.end(), Kind.PHONE, "*" * 6 + number[-2:])


def _is_told(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    if is_business_number(text, start):
        return False
    return _PLACES.search(_nearby(match)) is not None or is_called(text, start, end)


def _nearby(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    return text[max(0, start - _NEAR) : start] + "\0" + text[end : end + _NEAR]


def _made(match: re.Match[str], shown: str) -> Find:
    return Find(match.start(), match.end(), Kind.PHONE, shown)


DETECTOR = Detector(Kind.PHONE, _find, digits=7, sign=re.compile("[0-9](?:[^0-9]{0,3}+[0-9]){6}"), reads_words=True)
