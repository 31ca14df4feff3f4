"""E-mail addresses, in any script, with @ or with the words that people write for it."""

import re
from collections.abc import Iterator

from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, email

_HAN = "\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af"
_LETTER, _MARK = rf"[^\W{_HAN}]", r"[.!#$%&'+/=?^`{|}~\-]"
# A local part begins where its run of letters begins: a long run without an at is read once.
_LOCAL = rf"(?:(?<!{_LETTER})(?<!{_MARK}){_LETTER}(?:{_LETTER}|{_MARK}){{0,63}}+|(?:(?!艾特)[{_HAN}]){{1,4}}+)"
_AT = r"(?: ?@ ?| ?[(\[{<【「_]{1,2} ?(?:@|at|艾特) ?[)\]}>】」_]{1,2} ?|艾特)"
_DOT = r"(?: ?[.。] ?| ?[(\[{] ?(?:dot|点) ?[)\]}]? ?| dot | ?点[)\]}]? ?)"
# Possessive, and without the words for the signs: a label is read in one way only, however many follow each other.
_LABEL = r"(?:[^\W点艾]|-){1,63}+"
_FILE = "(?!(?:png|jpe?g|gif|svg|webp|pdf|html?|js|css|py|mp4|zip)(?![a-z]))"
_TLD = (
    rf"(?:{_FILE}[a-z]{{2,24}}(?![a-z0-9])|xn--[a-z0-9\-]{{2,40}}"
    "|中国|中國|公司|网络|網絡|网址|网店|在线|中文网|集团|商城|商标|移动|企业|政务|公益|香港|台湾|台灣|新加坡|我爱你)"
)
_FORM = re.compile(rf"{_LOCAL}{_AT}(?:{_LABEL}{_DOT}){{1,5}}{_TLD}", re.IGNORECASE)
_NAME = r"[a-z0-9_\-]{1,32}"
_SPOKEN = re.compile(
    rf"(?<![^\W{_HAN}.])(?:{_NAME}(?: dot |\.)){{0,3}}{_NAME} at (?:{_NAME} dot ){{1,4}}[a-z]{{2,12}}(?![a-z0-9])"
    r"|(?<![a-z0-9])(?:(?<=邮箱)|(?<=邮箱[ :是])|(?<=邮件[ :])|(?<=mail )|(?<=mail: ))[a-z0-9_.\-]{1,32}"
    rf" at (?:{_NAME}\.){{1,4}}[a-z]{{2,12}}(?![a-z0-9])",
    re.IGNORECASE,
)
_MARKED_AT = re.compile(r" ?[(\[{<【「_]{0,2} ?(?:@|(?<=[(\[{<【「_ ])at|艾特) ?[)\]}>】」_]{0,2} ?", re.IGNORECASE)
_MARKED_DOT = re.compile(r" ?[(\[{]? ?(?:dot|点) ?[)\]}]? ?| ?[.。] ?", re.IGNORECASE)


def _find(text: str) -> Iterator[Find]:
    return apart(matches(Kind.EMAIL, _FORM, text, _read), matches(Kind.EMAIL, _SPOKEN, text, _read))


def _read(match: re.Match[str]) -> Find:
    shown = email(_MARKED_DOT.sub(".", _MARKED_AT.sub("@", match[0], count=1)).replace(" ", ""))
    return Find(match.start(), match.end(), Kind.EMAIL, "***@***" if shown in {HIDDEN, None} else str(shown))


SIGN = re.compile(r"@|＠|[(\[{<【「_（［｛] ?[aａ][tｔ]|艾特| dot |(?:邮箱|邮件|mail)[^\n]{1,36}? at ", re.IGNORECASE)
DETECTOR = Detector(Kind.EMAIL, _find, sign=SIGN)
