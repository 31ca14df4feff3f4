"""Accounts of messengers and networks other than WeChat and QQ, told by the name of the service before them."""

import re
from collections.abc import Iterator

from auth.free_text.kinds import Detector, Find, Kind, matches
from auth.masks import HIDDEN, wechat_id

_SERVICES = (
    "钉钉|釘釘|飞书|飛書|企业微信|企微|抖音|快手|小红书|微博|陌陌|探探|支付宝|支付寶|闲鱼|旺旺|淘宝|京东|知乎|哔哩哔哩|[Bb]站|脉脉|领英|电报|飞机(?=号|:|@)"
    "|推特|脸书|(?<![a-z])(?:skype|telegram|tg|whatsapp|signal|facebook|fb|messenger|instagram|ins|ig|kakao(?:talk)?|zalo"
    "|viber|discord|twitter|linkedin|tiktok|weibo|douyin|alipay|dingtalk|lark|line(?= ?(?:id|账号|帐号|号|:)))(?![a-z])"
)
_SAID = r"号码?|账号|帐号|账户|id|user ?name|用户名|昵称|搜索?|加|叫|:|=|就?是|为|is"
_FORM = re.compile(
    rf"(?:{_SERVICES})(?P<said>(?:[ (\"“「\[]|{_SAID}){{0,6}}+)@?(?P<id>[a-z0-9][a-z0-9_.\-]{{4,31}}+)(?![@\u4e00])",
    re.IGNORECASE,
)
_SAYS_SO = re.compile("号|账|帐|id|user|用户名|加|叫", re.IGNORECASE)
_VERSION = re.compile(r"(?:pro|v)?[0-9]+(?:\.[0-9]+)+", re.IGNORECASE)


def _find(text: str) -> Iterator[Find]:
    return matches(Kind.MESSENGER, _FORM, text, _read)


def _read(match: re.Match[str]) -> Find | None:
    """Without a word that says so, what follows the service may be any word: telegram group, skype meeting."""
    written = match["id"].rstrip(".-_")
    is_word = written.isalpha() and _SAYS_SO.search(match["said"]) is None
    if is_word or written.isdigit() or len(written) < 5 or _VERSION.fullmatch(written):
        return None
    shown = wechat_id(written)
    start = match.start("id")
    return Find(start, start + len(written), Kind.MESSENGER, "******" if shown in {HIDDEN, None} else str(shown))


SIGN = re.compile(_SERVICES, re.IGNORECASE)
DETECTOR = Detector(Kind.MESSENGER, _find, sign=SIGN)
