"""How a sheet shows whole numbers that are codes: `000000`, `"C"00000`, `00-000`, `[Red]00000_)`."""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"'
    r"|\\(?P<escaped>.)"
    r"|\[\$(?P<currency>[^\]\-]*)[^\]]*\]"
    r"|[_*].|\[[^\]]*\]"  # room for a sign, a sign that fills the cell, a colour or a language: nothing of the value
    r"|(?P<digit>[0#?])"
    r"|(?P<sign>[-+/(): $])"
    r"|(?P<other>.)",
    re.DOTALL,
)

_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*', re.DOTALL)


class NumberFormat(NamedTuple):
    """The first section of a format, which positive numbers are shown in: its digits and the texts around them."""

    parts: tuple[str, ...]
    """From left to right: `0`, `#` and `?` for a digit, any other text for itself with a mark before it."""

    def shown(self, number: str) -> str:
        """A whole number without a sign, as the sheet shows it."""
        digits = sum(part in _DIGITS for part in self.parts)
        head, rest = number[: max(0, len(number) - digits)], number[-digits:].rjust(digits)
        made: list[str] = []
        for part in self.parts:
            if part not in _DIGITS:
                made.append(part[1:])
                continue
            digit, rest = rest[0], rest[1:]
            made += [head, ("0" if part == "0" else "") if digit == " " else digit]
            head = ""
        return "".join(made).strip()


_DIGITS = frozenset("0#?")
_TEXT = "="


def number_format(code: str) -> NumberFormat | None:
    """The format of a code; None for formats of amounts, days and percentages, in which a number is what it is."""
    parts: list[str] = []
    for found in _TOKEN.finditer(_first_section(code)):
        if found["other"]:
            return None
        if found["digit"]:
            parts.append(found["digit"])
        elif text := found["quoted"] or found["escaped"] or found["sign"] or found["currency"]:
            parts.append(_TEXT + text)
    return NumberFormat(tuple(parts)) if _is_of_a_code(parts) else None


def _first_section(code: str) -> str:
    found = _SECTION.match(code)
    return found[0] if found else ""


def _is_of_a_code(parts: list[str]) -> bool:
    """Zeros in front, or letters before the digits: a unit behind them is none of a code."""
    before = parts[: next((at for at, part in enumerate(parts) if part in _DIGITS), 0)]
    return parts.count("0") > 1 or any(character.isalpha() for part in before for character in part)
