"""Telling a masked text from a real one, so that no mask is ever written back over a value (R37)."""

import re

# Every mask leaves two stars in a row somewhere, but for those of short names (张*, 阿*·买*) and of IP addresses
# (192.168.*.*, 2001:db8:*:…).
_SINGLE_STARS = re.compile(r"[^*·]{0,2}\*(?:·[^*·]?\*+)*|[0-9.]+(?:\.\*)+|[0-9A-Fa-f:]+(?::\*)+")

COVERS = "●⚫⬤■□▢▪▫◼◻◾◽⬛⬜▆▇█▓▒░☐✱✲∗﹡⁎"
"""Signs that nobody's name, address or mail box holds, but for what is covered with them."""

_HAN = "[\u3400-\u9fff]"
_NUMERALS = "〇零一二三四五六七八九十百千○◯"  # a circle writes zero as well: 二○○八
# Letters cover something only in runs that stand against Chinese or digits: Max, Xxx Ltd, XXL and Exxon are names.
_RUN = r"(?:x{2,}|X{2,}|#{2,}|\?{2,}|_{2,})"
_BY_HAND = re.compile(
    f"[{COVERS}]|[·•‧∙・]{{2}}|(?<![{_NUMERALS}])[○◯]+(?![{_NUMERALS}])"
    rf"|{_HAN}\*{_HAN}|[×✕✖╳]{{2}}|^[^×✕✖╳]{{0,2}}[×✕✖╳]$"
    rf"|(?:{_HAN}|[0-9]{{3}}){_RUN}(?![A-Za-z])|(?<![A-Za-z]){_RUN}{_HAN}|[0-9]{_RUN}[0-9]"
)


def looks_masked(text: str) -> bool:
    """Whether one of our masks could have made this text. Full-width stars are to be normalised before."""
    return "**" in text or _SINGLE_STARS.fullmatch(text) is not None


def masked_by_hand(text: str) -> bool:
    """Whether somebody covered a part of this name or address with other signs: 张●●, 李*明, 138xxxx5678, ××路□号.

    For names and addresses alone, where such signs mean nothing; in a subject or a tag somebody may want to say them.
    """
    return _BY_HAND.search(text) is not None
