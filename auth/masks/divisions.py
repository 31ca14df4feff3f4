"""The published list of administrative divisions of China, present and former, and reading one at the head of a text.

The list is the one that python-stdnum ships with resident identity numbers (`cn/loc`); Hong Kong's districts and
Taiwan's cities, which it lacks, stand here.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from stdnum import numdb

_HONG_KONG = "中西 湾仔 东 南 油尖旺 深水埗 九龙城 黄大仙 观塘 葵青 荃湾 屯门 元朗 北 大埔 沙田 西贡 离岛"
_TAIWAN = "台北 新北 桃园 台中 台南 高雄 基隆 新竹 嘉义"
_MARKS = re.compile(r"\[[^\]]*\]")
_NO_PLACE = re.compile("直辖|办事处|委員會|^(?:市辖区|县|郊区|.{0,2}群岛.*)$")
_PROVINCE = re.compile("省|市|(?:维吾尔|壮族|回族)?自治区|特别行政区")
_CITY = re.compile(
    "市|地区|盟|(?:(?:回|朝鲜|土家|苗|藏|羌|彝|布依|侗|壮|哈尼|傣|白|景颇|傈僳|蒙古|哈萨克|柯尔克孜)族?)+自治州"
)
# Behind the name of a place these make the name of a street, a house or an institution: 上海路, 北京西路, 西湖区小学.
_OTHER = "大街|大道|街|巷|大厦|广场|花园|公寓|村|镇|乡|银行|大学|中学|小学|医院|饭店|酒店|宾馆"
_NO_COUNTY = re.compile(f"路|{_OTHER}")
# Behind a short name 区 and 县 make another one's: 朝阳区 is of Beijing or Changchun, 朝阳 is a city in Liaoning.
_NO_SHORT_NAME = re.compile(f"(?:[东西南北中一二三四五]{{0,2}})(?:路|道|弄|胡同|{_OTHER})|[区县](?!域)")


class _Name(NamedTuple):
    text: str
    rank: int  # 0 province, 1 city, 2 county
    codes: frozenset[str]
    is_short: bool


class Place(NamedTuple):
    """What the head of a text names: up to `end`, province and city before `county`."""

    region: str
    county: str
    end: int


def place_at(text: str, at: int = 0) -> Place:
    """Province, city and county or district at this place of a text, each optional, each inside the one before.

    A county needs the province or city before it, unless it is a city itself (昆山市). `end` is `at` where there is no
    division.
    """
    region, code, end = "", "", at
    for rank in (0, 1):
        name = _longest(text, end, _first_ranks(rank, region), code)
        if name is not None:
            region, end = region + name.text, end + len(name.text)
            code = _narrowed(name, code)
    if not region:
        return Place("", "", at)
    if text.startswith("市辖区", end):
        end += 3
    county = _longest(text, end, (2,), code)
    if county is None:
        return Place(region, "", end)
    return Place(region, county.text, end + len(county.text))


def is_place_at(text: str, at: int) -> bool:
    """Whether the name of a province, city, county or district begins here, whatever stands before."""
    return _longest(text, at, (0, 1, 2), "") is not None


def _first_ranks(rank: int, region: str) -> tuple[int, ...]:
    """A text may begin with the province, the city, or a county that is called a city; a city may follow."""
    return (1,) if rank else (0, 1, 3)


def _narrowed(name: _Name, code: str) -> str:
    inside = sorted(one for one in name.codes if one.startswith(code))
    return inside[0]


def _longest(text: str, at: int, ranks: tuple[int, ...], code: str) -> _Name | None:
    for name in _names().get(text[at : at + 2], ()):
        if not _has_rank(name, ranks) or not any(one.startswith(code) for one in name.codes):
            continue
        if text.startswith(name.text, at) and not _is_of_something_else(name, text, at + len(name.text)):
            return name
    return None


def _is_of_something_else(name: _Name, text: str, end: int) -> bool:
    """Whether a street, a house or an institution is called so, by what stands behind."""
    if name.is_short:
        return _NO_SHORT_NAME.match(text, end) is not None
    return name.rank == 2 and _NO_COUNTY.match(text, end) is not None


def _has_rank(name: _Name, ranks: tuple[int, ...]) -> bool:
    return name.rank in ranks or (3 in ranks and name.rank == 2 and name.text.endswith("市"))


@cache
def _names() -> Mapping[str, tuple[_Name, ...]]:
    """All names by their first two characters, the longest first."""
    codes: dict[tuple[str, int, bool], set[str]] = defaultdict(set)
    for text, rank, is_short, code in _listed():
        codes[text, rank, is_short].add(code)
    by_head: dict[str, list[_Name]] = defaultdict(list)
    for (text, rank, is_short), found in codes.items():
        by_head[text[:2]].append(_Name(text, rank, frozenset(found), is_short))
    return {
        head: tuple(sorted(names, key=lambda name: (-len(name.text), name.rank))) for head, names in by_head.items()
    }


def _listed() -> Iterator[tuple[str, int, bool, str]]:
    for _, province, _, properties, below in numdb.get("cn/loc").prefixes:
        name = properties["province"].replace("別", "别").replace("區", "区").replace("門", "门")
        yield from _forms(name, 0, province)
        if name.endswith("市"):
            yield name, 1, False, province
        for _, code, _, county, _ in below:
            yield from _below(province + code, county["county"])
    yield from ((f"{name}区", 2, False, "81") for name in _HONG_KONG.split())
    yield from ((f"{name}市", 1, False, "71") for name in _TAIWAN.split())


def _below(code: str, written: str) -> Iterator[tuple[str, int, bool, str]]:
    """The names that a code had: `[1983-1989]昆山县,[1989-]昆山市`."""
    for name in _MARKS.sub("", written).replace("區", "区").split(","):
        if code.endswith("0000") or _NO_PLACE.search(name):
            continue
        if code.endswith("00"):
            yield from _forms(name, 1, code[:4])
        else:
            yield name, 2, False, code


def _forms(name: str, rank: int, code: str) -> Iterator[tuple[str, int, bool, str]]:
    """The full name and the short one: 浙江省 and 浙江, 临夏回族自治州 and 临夏州."""
    yield name, rank, False, code
    short = (_CITY if rank else _PROVINCE).sub("", name)
    if name.endswith("自治州"):
        yield f"{short}州", rank, False, code
    if len(short) >= 2:
        yield short, rank, True, code
