"""Plain text as fields take it: one Unicode form, no invisible control, a length with an end."""

import re
import unicodedata

from domain.errors import Invalid, MaskedValueWrite
from domain.personal.masked import looks_masked, masked_by_hand, name_masked_by_hand
from domain.personal.normal_form import has_stacked_marks, normal_form
from domain.personal.private_use import holds_private_use, standard_characters

NAME_LENGTH = 100
MAX_WORD = 100
MAX_ADDRESS = 300
MAX_FREE_TEXT = 20_000
SENT_PER_KEPT = 4
"""A normal form may be shorter than what was typed: a text of more than so many times its maximum is not looked at."""
_JOINERS = "\u200c\u200d"  # Arabic-script and Indic names need them
# What spreadsheets, chat programs and address books leave at the ends of a text.
_EDGE_MARKS = "\ufeff\u200b\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069 "
_NAME_DOTS = "·•‧∙⋅・･·᛫᜵⸱⸳ꞏㆍᆞ˙𐄁"
"""What people type for the dot between the parts of a name; the first is the one that is kept (GB/T 28039)."""
_DOTS = str.maketrans(dict.fromkeys(_NAME_DOTS[1:], _NAME_DOTS[0]))
_HAN = "[〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_SPACED_DOT = re.compile(" ?· ?")
_DOT_BETWEEN_HAN = re.compile(f"(?<={_HAN}) ?[.。] ?(?={_HAN})")


def plain(text: str, *, field: str | tuple[str, ...], longest: int) -> str:
    """The text in NFKC, trimmed, with single spaces inside; 1 to `longest` code points.

    Private characters that GB 18030 maps become the public ones. Raises Invalid for an empty or over-long text, for all
    other private characters and for control characters, NUL and lone surrogates among them; MaskedValueWrite for what
    our masks produce.
    """
    if len(text) > SENT_PER_KEPT * longest:  # before any work
        raise _too_long(field, longest)
    if has_stacked_marks(text):
        raise Invalid(field, "一个字符上叠加的符号过多", "Too many marks stand on one character; leave them out")
    normal = " ".join(normal_form(standard_characters(text).strip().strip(_EDGE_MARKS)).split())
    if not normal:
        raise Invalid(field, "内容不能为空", "The text is empty; leave the field out instead")
    if len(normal) > longest:
        raise _too_long(field, longest)
    if not normal.isprintable():  # printable text holds none of these, and most texts are
        _refuse_unprintable(normal, field)
    if looks_masked(normal):
        raise masked_value(field)
    return normal


def compact(text: str, *, field: str, longest: int) -> str:
    """`plain`, for codes: without spaces, and without the quotation marks with which spreadsheets keep digits whole."""
    return plain(text, field=field, longest=longest).replace(" ", "").strip("'\"`‘’“”")


def person_name(text: str, *, field: str) -> str:
    """The name of a person or an organisation, 1-100 code points, with one kind of dot between its parts.

    Every middle dot, and a full stop between Chinese characters, becomes `·` without spaces around it. Full stops
    behind letters stay: J. R. Smith, A.O.史密斯.
    """
    # Before NFKC as well: it takes some dots apart into a space and a combining mark.
    dotted = text.translate(_DOTS) if len(text) <= SENT_PER_KEPT * NAME_LENGTH else text
    normal = one_dot(plain(dotted, field=field, longest=NAME_LENGTH))
    if name_masked_by_hand(normal):
        raise masked_value(field)
    return normal


def one_dot(normal: str) -> str:
    """A text in NFKC with single spaces, each dot between the parts of a name as the one that is kept."""
    return _DOT_BETWEEN_HAN.sub("·", _SPACED_DOT.sub("·", normal.translate(_DOTS)))


def postal_address(text: str, *, field: str) -> str:
    """An address in one line, 1-300 code points."""
    normal = plain(text, field=field, longest=MAX_ADDRESS)
    if masked_by_hand(normal):
        raise masked_value(field)
    return normal


def free_text(text: str, *, field: str) -> str:
    """What somebody wrote, lines and width kept, 1-20,000 code points. It may quote a masked text.

    Private characters that GB 18030 maps become the public ones. Raises Invalid for all others, for control characters
    other than line feed and tab, and for lone surrogates.
    """
    if len(text) > SENT_PER_KEPT * MAX_FREE_TEXT:  # before any work
        raise _too_long(field, MAX_FREE_TEXT)
    written = standard_characters(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not written:
        raise Invalid(field, "内容不能为空", "The text is empty; leave the field out instead")
    if len(written) > MAX_FREE_TEXT:
        raise _too_long(field, MAX_FREE_TEXT)
    if holds_private_use(written):
        raise _private_use(field)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in written if character not in "\n\t"):
        raise Invalid(field, "含有控制字符或无效字符，请删除后重试", "Remove control characters and broken characters")
    return written


def _refuse_unprintable(normal: str, field: str | tuple[str, ...]) -> None:
    if any(map(_is_control, normal)):
        raise Invalid(field, "含有控制字符或无效字符，请删除后重试", "Remove control characters and broken characters")
    if holds_private_use(normal):
        raise _private_use(field)


def _private_use(field: str | tuple[str, ...]) -> Invalid:
    return Invalid(
        field,
        "含有自造字（Unicode 私用区字符），他人无法显示，请改用正式编码的字",
        "A character of a private use area, which nobody else can show; write it with its public character",
    )


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in _JOINERS


def masked_value(field: str | tuple[str, ...]) -> MaskedValueWrite:
    """The refusal of a masked text."""
    return MaskedValueWrite(field, "不能写入脱敏后的内容，请填写原值", "This is a masked text; send the real value")


def _too_long(field: str | tuple[str, ...], longest: int) -> Invalid:
    return Invalid(
        field, f"内容过长，最多 {longest} 个字符", f"The text is too long; the limit is {longest} characters"
    )
