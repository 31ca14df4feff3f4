"""Telling a masked text from a real one, so that no mask is ever written back over a value (R37)."""

import re

# Every mask leaves two stars in a row somewhere, but for those of short names (张*, 阿*·买*) and of IP addresses
# (192.168.*.*, 2001:db8:*:…).
_SINGLE_STARS = re.compile(r"[^*·]{0,2}\*(?:·[^*·]?\*+)*|[0-9.]+(?:\.\*)+|[0-9A-Fa-f:]+(?::\*)+")


def looks_masked(text: str) -> bool:
    """Whether one of our masks could have made this text. Full-width stars are to be normalised before."""
    return "**" in text or _SINGLE_STARS.fullmatch(text) is not None
