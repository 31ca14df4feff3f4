"""Reading a text the way people do: one form for all widths, styles and alphabets of a digit, no invisible marks."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from domain.personal.normal_form import normal_form

X_SIGNS = "Xx×✕✖✗✘╳⨯хХχΧ*"
"""What people write for the X at the end of an identity card number; the letters include Cyrillic and Greek ones."""

_DOTS = "·•‧∙・⋅･"
_REMEMBERED = 0x20000
_LONGEST_FORM = 6


class Reading(NamedTuple):
    """A text in its plain form; `places` says for each character of it where it stands in the original."""

    plain: str
    places: Sequence[int]
    size: int

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the plain form was read from in the original, with the marks left out behind it."""
        after = self.places[end] if end < len(self.places) else self.size
        return self.places[start], max(after, self.places[end - 1] + 1)


class _PlainForms(dict[int, str]):
    """The plain form of each character, remembered as characters are met; `uneven` are those not of one character."""

    def __init__(self) -> None:
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        plain = _plain_form(chr(code))
        if len(plain) != 1:
            self.uneven.add(chr(code))
        if code < _REMEMBERED:
            self[code] = plain
        return plain


def read(text: str) -> Reading:
    """The plain form of a text: NFKC of each character, all digits as 0-9, all dashes as `-`, all middle dots as `·`.

    Marks that are not seen or stand on another character are left out. Character by character, since normalising a
    whole text can take quadratic time.
    """
    plain = text.translate(_FORMS)
    if _FORMS.uneven.isdisjoint(text):
        return Reading(plain, range(len(text)), len(text))
    sizes = [len(_FORMS[ord(character)]) for character in text]
    return Reading(plain, [at for at, size in enumerate(sizes) for _ in range(size)], len(text))


def spelled_out(plain: str) -> str:
    """The plain form with digits that are spelled in words (一三八, 幺, 壹) or by look-alike letters as 0-9, and with
    = for the rarer signs between two digits: 159😀0217😀8834, 【159】【0217】【8834】.

    Of the same length. Letters are read as digits only where they touch one: l38 1234 5678, 138O0138000.
    """
    return _BETWEEN.sub(_as_signs, _LOOK_ALIKE.sub(_as_digits, plain.translate(_WORDS)))


def _plain_form(character: str) -> str:
    if unicodedata.category(character) == "No":  # ① may number a line: only `spelled_out` reads it as a digit
        return character
    if character in _DOTS:
        return "·"
    form = "".join(map(_one_form, normal_form(character)))
    return form if len(form) <= _LONGEST_FORM else character  # ligatures of whole phrases, of up to 18 letters


def _one_form(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "−":
        return "-"
    if category in {"Cf", "Mn", "Me"}:
        return ""
    return " " if category == "Zs" else character


def _as_signs(match: re.Match[str]) -> str:
    return "=" * len(match[0])


def _as_digits(match: re.Match[str]) -> str:
    return match[0].translate(_LETTERS)


_FORMS = _PlainForms()
_WORDS: dict[int, str | int | None] = {
    **str.maketrans("〇零○洞幺一壹二贰貳三叁參四肆五伍六陆陸七柒拐八捌九玖", "000011122233344556667778899"),
    **{
        code: str(int(unicodedata.numeric(chr(code))))  # ⑤, and ㊄ and ㈤, which are numbers, but no digits to Unicode
        for code in range(0x1F10D)
        if unicodedata.category(chr(code)) == "No" and unicodedata.numeric(chr(code)) in range(10)
    },
}
# Signs that may stand between two digits, one of them at least not a usual one (`GAP` in `context.py`).
_BETWEEN = re.compile(
    r"(?<=[0-9])[ \t\r\n.()\-/_·,、|~]{0,5}+[^\w \t\r\n.()\-/_·,、|~+*#=\0](?:[^\w\0]|_){0,5}+(?=[0-9])"
)
_LETTERS = str.maketrans("OoОоΟοlI|!іІ", "000000111111")
_LIKE = "OoОоΟοlI|!іІ"
_LOOK_ALIKE = re.compile(
    rf"(?<![A-Za-z0-9])[0-9{_LIKE}]*(?:[0-9][{_LIKE}]|[{_LIKE}][0-9])[0-9{_LIKE}]*(?![A-WYZa-wyz])"
)
