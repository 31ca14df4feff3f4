"""E-mail addresses, in any script, with @ or with the words that people write for it."""

import re
from collections.abc import Iterator

from auth.free_text.kinds import Detector, Find, Kind, apart, matches
from auth.masks import HIDDEN, email

_HAN = "\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af"
_LETTER, _MARK = rf"[^\W{_HAN}]", r"[.!#$%&'+/=?^`|~\-]"
# A local part begins where its run of letters begins: a long run without an at is read once.
_WORD_AT = "(?:[艾爱]特|小老鼠|圈[aA])"
_LOCAL = rf"(?:(?<!{_LETTER})(?<!{_MARK}){_LETTER}(?:{_LETTER}|{_MARK}){{0,63}}+|(?:(?!{_WORD_AT})[{_HAN}]){{1,4}}+)"
_AT = rf"(?: ?@[ \n]{{0,2}}| ?[(\[{{<【「_]{{1,2}} ?(?:@|at?|{_WORD_AT}) ?[)\]}}>】」_]{{1,2}} ?| ?{_WORD_AT} ?)"
# The middle dot as well: names are kept with it for every dot.
_DOT = r"(?: ?[.。·] ?| ?[(\[{] ?(?:dot|点) ?[)\]}]? ?| dot | ?点[)\]}]? ?)"
# Possessive, and without the words for the signs: a label is read in one way only, however many follow each other.
_LABEL = r"(?:[^\W点艾]|-){1,63}+"
_FILE = "(?!(?:png|jpe?g|gif|svg|webp|pdf|html?|js|css|py|mp4|zip)(?![a-z]))"
_TLD = (
    rf"(?:{_FILE}[a-z]{{2,24}}(?![a-z0-9])|xn--[a-z0-9\-]{{2,40}}"
    "|中国|中國|公司|网络|網絡|网址|网店|在线|中文网|集团|商城|商标|移动|企业|政务|公益|香港|台湾|台灣|新加坡|我爱你)"
)
_FORM = re.compile(rf"{_LOCAL}{_AT}(?:{_LABEL}{_DOT}){{1,5}}{_TLD}", re.IGNORECASE)
# Mail boxes that most people have: behind one of these names more signs are read as an at or a dot.
_PROVIDER = (
    "(?:(?:vip ?[.。点·] ?)?(?:qq|163|126|139|189|188|yeah|sina|sohu|tom|foxmail|gmail|googlemail"
    "|hotmail|outlook|live|msn|icloud|yahoo|aliyun|21cn|263|wo|proton(?:mail)?))"
)
_ODD_AT = (
    rf"(?: ?[@#★☆✩*&$%^~+→♥❤♡¥] ?| ?[(\[{{<【「] ?(?:@|#|at?|{_WORD_AT}) ?[)\]}}>】」] ?"
    rf"| ?{_WORD_AT} ?| at | a |a(?!qq|wo|tom|live))"
)
_KNOWN = re.compile(
    rf"(?<![a-z0-9_.\-])(?:[a-z0-9_](?:(?!a?{_PROVIDER}[.。,、·★☆*#])[a-z0-9_.\-]){{1,40}}+){_ODD_AT}{_PROVIDER}"
    r"(?: ?(?:[.。,、·★☆*#]|点|dot|\(dot\)) ?|  ?)(?:com|cn|net|org|me)(?![a-z0-9])"
    rf"|(?<![a-z0-9_.\-])[a-z0-9][a-z0-9_.\-]{{2,40}}+ ?@ ?(?:qq|163|126|139|189|gmail"
    r"|foxmail|sina|hotmail|outlook|icloud)(?:邮箱)?"
    r"(?![a-z0-9@]|[.][a-z0-9])",
    re.IGNORECASE,
)
_IN_LETTERS = re.compile(
    r"(?<![a-z0-9._])(?<![a-z0-9._] )(?:[a-z0-9._\-] ){3,30}+(?:@|at|艾特)(?: [a-z0-9.\-]){4,30}+(?![a-z0-9])",
    re.IGNORECASE,
)
_QUOTED = re.compile(rf"\"[^\"@\n]{{1,64}}+\" ?@ ?(?:{_LABEL}{_DOT}){{1,5}}{_TLD}", re.IGNORECASE)
_IN_PARTS = re.compile(
    r"邮箱?[^a-z0-9\n]{0,8}+([a-z0-9][a-z0-9_.\-]{2,40}+[ ,。;、]{0,3}+(?:后缀|域名|后面|@后面?)[^a-z0-9\n]{0,4}+"
    rf"(?:{_PROVIDER}(?:[.。点·](?:com|cn|net))?|(?:[a-z0-9\-]{{1,40}}+[.]){{1,3}}(?:com|cn|net|org))(?![a-z0-9]))",
    re.IGNORECASE,
)
_CLONED = re.compile(r":[A-Za-z0-9_~.\-]+/")
_NAME = r"[a-z0-9_\-]{1,32}"
_SPOKEN = re.compile(
    rf"(?<![^\W{_HAN}.])(?:{_NAME}(?: dot |\.)){{0,3}}{_NAME} at (?:{_NAME} dot ){{1,4}}[a-z]{{2,12}}(?![a-z0-9])"
    r"|(?<![a-z0-9])(?:(?<=邮箱)|(?<=邮箱[ :是])|(?<=邮件[ :])|(?<=mail )|(?<=mail: ))[a-z0-9_.\-]{1,32}"
    rf" at (?:{_NAME}\.){{1,4}}[a-z]{{2,12}}(?![a-z0-9])"
    rf"|[{_HAN}a-z0-9_]{{2,20}}+ at [{_HAN}a-z0-9]{{1,20}}+ ?[.。·] ?(?:中国|中國|公司|网络|集团|商城)",
    re.IGNORECASE,
)
_MARKED_AT = re.compile(
    r" ?[(\[{<【「_]{0,2} ?(?:@|(?<=[(\[{<【「_ ])at|[艾爱]特|小老鼠|圈a) ?[)\]}>】」_]{0,2} ?", re.IGNORECASE
)
_MARKED_DOT = re.compile(r" ?[(\[{]? ?(?:dot|点) ?[)\]}]? ?| ?[.。] ?", re.IGNORECASE)


def _find(text: str) -> Iterator[Find]:
    return apart(
        *(matches(Kind.EMAIL, form, text, _read) for form in (_FORM, _KNOWN, _SPOKEN, _IN_LETTERS, _QUOTED)),
        matches(Kind.EMAIL, _IN_PARTS, text, _in_parts),
    )


def _in_parts(match: re.Match[str]) -> Find:
    return Find(match.start(1), match.end(1), Kind.EMAIL, f"{match[1][0]}***@***")


def _read(match: re.Match[str]) -> Find | None:
    """None for the address of a repository: git@github.com:owner/name."""
    if _CLONED.match(match.string, match.end()):
        return None
    shown = email(_MARKED_DOT.sub(".", _MARKED_AT.sub("@", match[0], count=1)).replace(" ", ""))
    return Find(match.start(), match.end(), Kind.EMAIL, "***@***" if shown in {HIDDEN, None} else str(shown))


SIGN = re.compile(
    rf"[@＠ⓐ]|[(\[{{<【「_（［｛] ?[aａ][tｔ]|{_WORD_AT}| at (?=[^\n]{{1,24}}[.。·])| dot "
    rf"|{_PROVIDER}[^a-z]{{0,8}}com|后缀|(?:邮箱|邮件|mail)[^\n]{{1,36}}? at ",
    re.IGNORECASE,
)
DETECTOR = Detector(Kind.EMAIL, _find, sign=SIGN)
