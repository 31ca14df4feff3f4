"""WeChat ids, told by their label; the word is written in many ways."""

import re
from collections.abc import Iterator

from auth.free_text.context import is_business_number, is_day
from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import wechat_id

_NAMES = (
    r"[微薇威徽维溦][\s.\-]?[信❤]|(?<![A-Za-z])v信|绿泡泡"
    "|(?<![A-Za-z])(?:we ?chat|wei ?xin|w ?x|v ?x|v❤)(?![A-Za-z])"
    "|(?<![斗象信播测球造讯航气])卫星(?=号|:|[a-z])"
)
_ADD = r"(?:\+|➕|加)(?:我|他|她)?(?:的)?[v微薇威](?![A-Za-z])"
_COLON = r"(?<![A-Za-z])v(?=\s?:)"
# What says that the id follows. Without it, an English word may follow: wechat payment.
_TOLD = (
    r"同?号码?|同(?:手机|电话|步)"
    r"|no[.:]|账号|帐号|id|:|=|就?是|is|也?叫|为|搜索?|加|叫|->|—|的|/ ?(?:qq|扣扣|手机|电话)"
)
_FORM = re.compile(
    rf"(?:{_NAMES}|(?P<add>{_ADD})|{_COLON})(?P<told>(?:[ \t()\"“「\[\]】,]|{_TOLD}){{0,8}})"
    r"(?P<id>[A-Za-z][A-Za-z0-9_\-]{4,29}|[1-9][0-9]{5,11}|[A-Za-z](?: [A-Za-z0-9_\-]){5,29})(?![A-Za-z0-9_\-@])",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?<![A-Za-z0-9_\-.@/])([A-Za-z][A-Za-z0-9_\-]{{5,19}})(?=[ ,(]{{0,2}}(?:是|为)?(?:他|她|我)?的?(?:{_NAMES}))",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![A-Za-z0-9_])(wxid_[a-z0-9]{6,24})(?![a-z0-9])", re.IGNORECASE)
_SAYS_SO = re.compile(_TOLD, re.IGNORECASE)
_WORDS = re.compile(
    "official|payments?|group|pending|unknown|please|moments?|public|service|official_account|mini|miniprogram|program"
    "|contact|messages?|accounts?|status|added|wechat|weixin|number",
    re.IGNORECASE,
)
_UNIT = re.compile(r" ?(?:元|块|万|个|人|件|条|次|年|月|%)")


def _find(text: str) -> Iterator[Find]:
    return apart(
        matches(Kind.WECHAT, _FORM, text, _read),
        matches(Kind.WECHAT, _BEHIND, text, _read_behind),
        matches(Kind.WECHAT, _BARE, text, _read_behind),
    )


def _read_behind(match: re.Match[str]) -> Find | None:
    if match[1].isalpha():
        return None
    return Find(match.start(1), match.end(1), Kind.WECHAT, str(wechat_id(match[1])))


def _read(match: re.Match[str]) -> Find | None:
    written, told = match["id"], _SAYS_SO.search(match["told"]) is not None or match["add"] is not None
    if _WORDS.fullmatch(written) or is_day(written[:8]) or _UNIT.match(match.string, match.end()):
        return None
    if is_business_number(match.string, match.start()) or (written.isalpha() and not told):
        return None
    if written.isdigit() and not told and len(written) < 7:
        return None
    return Find(match.start("id"), match.end("id"), Kind.WECHAT, str(wechat_id(written.replace(" ", ""))))


SIGN = re.compile(
    r"[微薇威徽维溦][\s.\-]?[信❤]|(?<![A-Za-z])(?:v|v ?x|w ?x|we ?chat|wei ?xin)(?![A-Za-z])"
    "|加[微薇威]|❤|绿泡泡|wxid_|卫星",
    re.IGNORECASE,
)
DETECTOR = Detector(Kind.WECHAT, _find, sign=SIGN)
