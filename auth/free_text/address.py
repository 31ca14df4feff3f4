"""Postal addresses: a road with a number, a building with its flat, a village with its group, and what is labelled so.

A find is the whole address, from the first division before it (or the word behind "to", "at" and the like) to its last
number. Places without a number are none: 约在世纪大道见面.
"""

import re
from collections.abc import Iterator
from heapq import merge

from auth.free_text.kinds import Detector, Find, Kind
from auth.masks import address
from auth.masks.divisions import is_place_at

_HAN = "[\u3400-\u9fff]"
_N = r"(?:[甲乙丙A-Z]?[0-9]{1,5}(?:[-之][0-9]{1,4})?[A-Za-z]?|[一二三四五六七八九十百千零〇两]{1,7})"
_NO_NUMBER = "(?! ?(?:线|店|口|出口|门店|机|桌|标|会议|文件|车|床|公路|高速|库|桥))"
_BUILDING = "(?:号楼|号院|栋|幢|座|#楼|#|号)"
_ROOM = "(?:室|房|户)"
_HOUSE = "(?:大厦|大楼|公寓|写字楼|商务楼|花园|小区|家园|新村|名苑|华庭|豪庭|雅苑|公馆)"
# Of places called 区 only those of flats: 北一区, 西园四区, but not 校区, 园区, 厂区.
_HOMES = (
    "(?:小区|花园|家园|新村|公寓|苑|嘉园|华府|雅居|(?<![学园校厂景矿库院展街办地])[一二三四五六七八九十东西南北园里]区)"
)
_ROAD = re.compile(
    rf"(?P<name>{_HAN}{{2}}|{_HAN}[0-9一二三四五六七八九十])?(?:(?<=[\u3400-\u9fff0-9])路|街|大道|道|巷|弄|胡同)"
    rf"(?:[东西南北中一二三四五六七八九十0-9]段)?(?: ?|、){_N} ?(?:号|弄|巷){_NO_NUMBER}"
    rf"|(?P<street>{_HAN}{{2}})(?:路|街|大道|道|巷|弄|胡同)(?:[上中下东西南北]段)? ?(?!(?:19|20)[0-9]{{2}})"
    rf"[0-9]{{1,4}}-[0-9]{{1,3}}-[0-9]{{2,4}}(?![0-9\-])"
)
_FLAT = re.compile(
    rf"{_N} ?{_BUILDING}[ ,\-]{{0,2}}{_N} ?(?:单元|门栋|梯)"
    rf"|{_N} ?{_BUILDING}[ ,\-]{{0,2}}[0-9]{{3,4}} ?{_ROOM}"
    rf"|(?<=[区苑里院村]){_N}楼(?:[0-9]{{3,4}}(?![0-9])|[0-9]{{1,2}}门)"
    rf"|(?<!第)(?<![0-9第]){_N} ?单元[ \-]?(?:[0-9]{{3,4}}|[一二三四五六七八九零〇]{{3,4}})(?![0-9课页])"
    rf"|{_N} ?(?:号楼|栋|幢|座) ?-?[0-9]{{3,4}}(?![0-9])(?! ?(?:会议|教室|办公|[年人平㎡m元号层个套户])"
    "|的?(?:样板|户型|示范|展示))"
    r"|(?:小区|花园|苑|家园|新村|里|园) ?[0-9]{1,3}-(?:[0-9]{1,2}-)?[0-9]{2,4}(?![0-9\-])"
    rf"|{_HOUSE} ?(?:[A-Za-z]|{_N})? ?(?:座|栋|幢|号楼)? ?[0-9]{{2,4}} ?{_ROOM}"
    r"|(?:广场|中心|大厦|大楼) ?[A-Za-z] ?座 ?[0-9]{3,4}(?![0-9])"
    r"|(?<![A-Za-z])[A-Za-z] ?座 ?[0-9]{3,4} ?[室房]"
    rf"|{_HOMES} ?{_N} ?(?:号楼|栋|幢)(?! ?(?:会议|开会|封顶|竣工|验收))"
)
_VILLAGE = re.compile(
    rf"(?<![农乡新])(?:村|屯|庄|寨|社区)(?:{_HAN}{{0,4}}(?:组|队|社|屯|庄|湾))? ?{_N} ?(?:号|组|队|社)"
    rf"(?:[ ,]?{_N} ?号)?{_NO_NUMBER}"
)
_WORDS = "(?:[A-Z][A-Za-z']{1,20}"
_STREET = "(?:Road|Rd|Street|St|Avenue|Ave|Lane|Ln|Boulevard|Blvd|Drive|Highway)"
_ENGLISH = re.compile(
    r"(?:(?:Room|Rm|Flat|Unit|Suite|Apt|Building|Bldg|Floor|No)\.? ?#?[A-Z0-9\-]{1,6},? ){0,4}"
    rf"\b[0-9]{{1,5}}[A-Z]?,? {_WORDS}\.? ){{1,4}}{_STREET}\b\.?(?:,? {_WORDS},? ?){{0,4}})?"
    rf"|{_WORDS} ){{1,3}}{_STREET}\.?,? (?:No\.? ?)?[0-9]{{1,5}}\b"
)
_LABELLED = re.compile(
    r"(?:地址|住址|住在|家住|家在|寄到|寄往|寄至|送到|送至|送货|收货|户籍|住)(?:[ :=,(]|地址|是|为|到|在|于|至){0,4}"
    rf"(?P<value>(?:{_HAN}|[A-Za-z ]){{1,30}}[路街道巷弄里村镇乡区园苑院楼厦城庄寨坊庭府湾郡居]"
    rf" ?{_N}(?: ?{_BUILDING}|(?:-[0-9]{{1,5}}){{1,3}}){_NO_NUMBER})"
)
_PLACE = "(?:大厦|大楼|广场|中心|小区|花园|公寓|写字楼|家园|园|苑|院|城|里|村)"
# Atomic groups: what one part of a tail has taken is not tried in other ways.
_TAIL = re.compile(
    rf"(?>[ ,、\-]{{0,2}}(?:{_HAN}{{0,10}}?{_PLACE})?[ \-]{{0,2}}"
    rf"(?:[A-Za-z] ?座|附?[A-Za-z]?{_N} ?(?:号楼|号院|号|栋|幢|座|单元|层|楼|室|房|户|弄|#|组|队)))"
    rf"|(?>[ ,\-]{{0,2}}{_HAN}{{0,10}}?(?:大厦|大楼|小区|花园|公寓|写字楼|家园|广场))"
    r"|(?<=[元楼栋幢座院号\-#])[ 、]?(?:[0-9]{2,5}|[一二三四五六七八九零〇]{2,4})(?![0-9年月日元件个号])(?>[室房户号])?"
    r"|(?>-[0-9]{1,5})"
)
_TAILS, _BEFORE, _NAME_LENGTH = 8, 36, 12
_WRITTEN = re.compile(r"[\u3400-\u9fff0-9A-Za-z 、,·\-()]*$")
_ADJACENT = re.compile(r"[\u3400-\u9fff0-9A-Za-z·]*$")
_TO = re.compile(".*(?:寄|快递|送货|送|住|地址|位于|老家|收货人|给|[到至在往去是为址从于 :,(、])", re.DOTALL)
_DAY = re.compile(r"(?<![0-9])([0-9]{1,2}|[一二三四五六七八九十]{1,3}) ?号$")
_WHEN = re.compile(" ?(?:[前到开晚早发交起]|左右|以前|之前|以后|之后|下午|上午|截止)")
# Words that end like the name of a road.
_NO_ROADS = re.compile(
    "(?:[线电思道铁链回套管光油水网公马通出走支半岔问指上]|(?:^|[这那同])一)路$"
    "|(?:[车频赛跑轨管渠通隧味知报难街东地航河水步栈说应写]|人行)道$|[逛上沿]街$"
)
_ROAD_NAME = re.compile("[^0-9甲乙丙]*?(?:路|街|大道|道|巷|弄|胡同)")


def _find(text: str) -> Iterator[Find]:
    end = 0
    for core, core_end in merge(*_cores(text)):
        if core < end or _is_a_day(text, core_end):
            continue
        start, end = _start(text, core, end), _end(text, core_end)
        yield Find(start, end, Kind.ADDRESS, address(text[start:end]) or "****")


def _is_a_day(text: str, end: int) -> bool:
    """Whether this is a day behind a road: 人民路 15 号前完工."""
    return _DAY.search(text[max(0, end - 6) : end]) is not None and _WHEN.match(text, end) is not None


def _cores(text: str) -> Iterator[Iterator[tuple[int, int]]]:
    """Where an address shows itself, by form; what belongs to it before and behind is found from there."""
    for form in (_FLAT, _VILLAGE, _ENGLISH):
        yield map(re.Match.span, form.finditer(text))
    yield (match.span() for match in _ROAD.finditer(text) if _is_road(match))
    yield (match.span("value") for match in _LABELLED.finditer(text))


def _is_road(match: re.Match[str]) -> bool:
    road = _ROAD_NAME.match(match[0])
    return road is None or ((match["name"] or match["street"]) is not None and not _NO_ROADS.search(road[0]))


def _start(text: str, core: int, floor: int) -> int:
    """Where the address begins whose sure part stands at `core`: never before `floor`."""
    floor = max(floor, core - _BEFORE)
    written = _WRITTEN.search(text[floor:core])
    first = core - len(written[0]) if written else core
    for at in range(first, core):
        if is_place_at(text, at):
            return at
    adjacent = _ADJACENT.search(text[first:core])
    name = adjacent[0] if adjacent else ""
    to = _TO.match(name)
    kept = name[to.end() :] if to else name
    return core - len(kept[-_NAME_LENGTH:])


def _end(text: str, core: int) -> int:
    for _ in range(_TAILS):
        more = _TAIL.match(text, core)
        if more is None or more.end() == core:
            break
        core = more.end()
    return core


_SIGN = re.compile(
    "[0-9一二三四五六七八九十百零〇][A-Za-z]? ?(?:号|楼|栋|幢|弄|单元|室|组|队|座|#|房|巷|-)"
    "|[A-Za-z] ?座 ?[0-9]|Road|Rd|Street|St|Ave|Lane|Ln|Blvd|Boulevard|Drive|Highway"
)
DETECTOR = Detector(Kind.ADDRESS, _find, sign=_SIGN)
