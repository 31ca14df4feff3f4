"""Personal numbers and addresses inside free text, found when it is written and masked in place (R35).

They are told from other long numbers by check digits and dates (identity cards), by Luhn and issuer (bank cards), by
the way people group digits (telephones), and always by where the digits end: a part of a longer run is no number. Not
found are names, postal addresses, and numbers spelled in words. Every pattern is bounded, so that time is linear.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from auth.masks import HIDDEN, Mask, bank_card, email, landline, mobile, resident_id
from auth.masks.closing import may_hold_a_number
from domain.errors import Invalid
from domain.personal.identity import is_old_resident_id, is_resident_id


class Found(StrEnum):
    """A kind of thing that `scan` finds."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    FOREIGN_PHONE = "FOREIGN_PHONE"
    RESIDENT_ID = "RESIDENT_ID"
    BANK_CARD = "BANK_CARD"
    EMAIL = "EMAIL"


class Scanned(NamedTuple):
    """A text with what was found in it masked in place, and the kinds of the finds from left to right."""

    masked: str
    found: tuple[Found, ...]


class _Find(NamedTuple):
    start: int
    end: int
    kind: Found
    shown: str


class _Pattern(NamedTuple):
    """Where to look, and what to show instead; `read` gives None for a look-alike."""

    kind: Found
    form: re.Pattern[str]
    read: Callable[[re.Match[str]], str | None]


def scan(text: str) -> Scanned:
    """Masks e-mail addresses, identity and bank card numbers, and telephone numbers; all else stays as it is."""
    if not ("@" in text or "＠" in text or may_hold_a_number(text)):
        return Scanned(text, ())
    unread = text.translate(_PLAIN)
    finds: list[_Find] = []
    for pattern in _PATTERNS:
        found = list(_finds(pattern, unread))
        unread = _replaced(unread, [find._replace(shown="\0" * (find.end - find.start)) for find in found])
        finds += found
    finds.sort()
    return Scanned(_replaced(text, finds), tuple(find.kind for find in finds))


def open_text(text: str, field: str) -> str:
    """A text that is kept as it is: after `plain`, which may make a number of what was none (¹³⁸…). Raises Invalid
    where something is found in it: that is to be sealed.
    """
    if scan(text).found:
        raise Invalid(
            field,
            "此栏以明文保存，却含有电话、证件号或邮箱，请移到对应的栏",
            "This field is kept in clear, but a telephone, card number or e-mail stands in it; move it to its column",
        )
    return text


def _finds(pattern: _Pattern, text: str) -> Iterator[_Find]:
    at = 0
    while match := pattern.form.search(text, at):
        shown = pattern.read(match)
        if shown is not None:
            yield _Find(match.start(), match.end(), pattern.kind, shown)
        at = match.end() if shown is not None else match.start() + 1


def _replaced(text: str, finds: list[_Find]) -> str:
    pieces, at = [], 0
    for find in finds:
        pieces += [text[at : find.start], find.shown]
        at = find.end
    return "".join([*pieces, text[at:]])


class _OneForOne(dict[int, str]):
    """Each character in a plain form of one character, so that places stay; remembered as characters are met."""

    def __missing__(self, code: int) -> str:
        plain = _plain_form(chr(code))
        if code < 0x20000:
            self[code] = plain
        return plain


def _plain_form(character: str) -> str:
    """Full-width in ASCII, all digits as 0-9, all dashes as `-`, spaces and invisible marks as a space.

    NFKC would do too much: ①138… would join the number.
    """
    if "！" <= character <= "～":
        return chr(ord(character) - 0xFEE0)
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character in "−·":
        return "-"
    return " " if category in {"Zs", "Cf"} else character


def _email(match: re.Match[str]) -> str | None:
    return email(match[0])


def _resident_id(match: re.Match[str]) -> str | None:
    number = _digits(match)
    return resident_id(number) if is_resident_id(number) or is_old_resident_id(number) else None


def _bank_card(match: re.Match[str]) -> str | None:
    number = _digits(match)
    return bank_card(number) if _ISSUED.fullmatch(number) and _passes_luhn(number) else None


def _passes_luhn(number: str) -> bool:
    # Not stdnum's, which takes ten times as long: hostile text is full of near misses.
    return sum(map(int, number[-1::-2] + number[-2::-2].translate(_DOUBLED))) % 10 == 0


def _mobile(match: re.Match[str]) -> str | None:
    """Digits in groups of three and more or one by one, as people write them: amounts in a row are no number."""
    sizes = [len(group) for group in re.findall("[0-9]+", match[1])]
    return mobile(match[1]) if min(sizes) >= 3 or max(sizes) == 1 else None


def _known_to(mask: Mask) -> Callable[[re.Match[str]], str | None]:
    def read(match: re.Match[str]) -> str | None:
        shown = mask(match[0])
        return None if shown == HIDDEN else shown

    return read


def _digits(match: re.Match[str]) -> str:
    return re.sub("[^0-9X]", "", match[0].upper())


def _number(form: str) -> re.Pattern[str]:
    """A form whose digits end where it ends. In it `~` is a gap that may be, `_` one that must be."""
    spaced = form.replace("~", r"[ .()\-]{0,3}").replace("_", r"[ .\-]{1,2}")
    return re.compile(f"(?<![0-9])(?:{spaced})(?![0-9])")


_PLAIN = _OneForOne()
_DOUBLED = str.maketrans("0123456789", "0246813579")  # and the digits of the double added up
# UnionPay and older Chinese cards, Visa, Mastercard, American Express, JCB, Diners, with their lengths. Order numbers
# like to begin with yymmdd, so that the Mastercards which would read as a date are left out.
_ISSUED = re.compile(
    "6[0-9]{15,18}|9558[0-9]{12,15}|4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}"
    "|2[2-7](?!(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))[0-9]{14}|3[47][0-9]{13}|35[0-9]{14}|3[0689][0-9]{12}"
)
# An address begins where its run of letters begins: a long run without @ is read once.
_LETTERS = r"A-Za-z0-9.!#$%&'+/=?^_`{|}~-"
_ADDRESS = re.compile(rf"(?<![{_LETTERS}])[{_LETTERS}]++@(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}}")

_PATTERNS = (
    _Pattern(Found.EMAIL, _ADDRESS, _email),
    _Pattern(Found.RESIDENT_ID, _number("[1-9](?:~[0-9]){5}~(?:1~9|2~0)(?:~[0-9]){9}~[0-9Xx]"), _resident_id),
    _Pattern(Found.RESIDENT_ID, _number("[1-9][0-9]{5}~[0-9]{6}~[0-9]{3}"), _resident_id),
    _Pattern(Found.BANK_CARD, _number("[2-69][0-9]{12,18}"), _bank_card),
    _Pattern(Found.BANK_CARD, _number("[2-69][0-9]{3}(?:_[0-9]{4}){2,3}_[0-9]{1,3}"), _bank_card),
    _Pattern(Found.BANK_CARD, _number("[2-69][0-9]{3}(?:_[0-9]{4}){3}"), _bank_card),
    _Pattern(Found.BANK_CARD, _number("3[0-9]{3}_[0-9]{6}_[0-9]{4,5}|[2-69][0-9]{5,7}_[0-9]{7,13}"), _bank_card),
    _Pattern(Found.BANK_CARD, _number(r"(?<![0-9][ .\-])[2-69](?:[ .\-][0-9](?![0-9])){12,18}"), _bank_card),
    _Pattern(Found.MOBILE, _number(r"(?:(?:\+|00)?86~)?0?(1~[3-9](?:~[0-9]){9})"), _mobile),
    _Pattern(
        Found.LANDLINE,
        _number(r"(?:(?:\+|00)86~0?|\(?0)(?:10|2[0-9]|[3-9][0-9]{2})~[1-9][0-9]{2,3}~[0-9]{4}"),
        _known_to(landline),
    ),
    _Pattern(Found.FOREIGN_PHONE, _number(r"\+(?:1(?:~[0-9]){10}|[2-9](?:~[0-9]){8,14})"), _known_to(mobile)),
)
