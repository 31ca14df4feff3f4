"""The index of names: finds candidates for a search, and tells who holds a dump as little of a name as it can.

A name is kept as the set of buckets into which its pairs of neighbouring characters fall. Many pairs share a bucket, so
rows found by buckets are candidates only: their names are opened and compared (`contains`). A name whose mask shows it
whole, as an organisation's does, has nothing to hide and falls into many more buckets of its own.
"""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any
from unicodedata import category, is_normalized

from auth.sealing.keytext import Key
from domain.errors import Invalid
from domain.personal.normal_form import normal_form
from domain.personal.text import NAME_LENGTH, SENT_PER_KEPT, one_dot

SHARED_BUCKETS = 16
"""For names that the mask hides. Each pair of characters of such a name tells four bits; what can be made of them is
measured in `tests/personal/test_name_index.py`. Fewer buckets tell less, and make more candidates to be opened."""
OPEN_BUCKETS = 4_096
"""For names that stand in the mask as they are. Numbered after the shared ones."""


def search_text(text: str, field: str | tuple[str, ...] = "search") -> str:
    """A search in the form in which names are compared; empty for one that narrows nothing.

    Raises Invalid for a text that is longer than a name can be.
    """
    too_long = Invalid(
        field,
        f"搜索内容最多 {NAME_LENGTH} 个字符",
        f"Search for at most {NAME_LENGTH} characters, as long as names are",
    )
    if len(text) > SENT_PER_KEPT * NAME_LENGTH or len(normal_form(text).strip()) > NAME_LENGTH:
        raise too_long
    return compared(text)


def compared(name: str) -> str:
    """What of a name is compared: case, width, spaces, invisible characters and kinds of dots do not count."""
    if name.isalnum() and is_normalized("NFKC", name):  # most names: nothing but letters, in half a microsecond
        folded = name.casefold()
        if is_normalized("NFKC", folded):
            return folded
    # Folding can undo normal form, hence twice; format characters (zero-width spaces) come along with pasted names.
    folded = one_dot(normal_form(normal_form(name).casefold())).replace(".", "·").replace("。", "·")
    return "".join(c for c in folded if not c.isspace() and category(c) != "Cf")


def contains(name: str | None, searched: str) -> bool:
    """Whether an opened name has the searched text, which `search_text` gave, in it."""
    return name is not None and searched in compared(name)


class NameIndex:
    """Buckets under the keys of one installation, the current key first: rows may lie under any of them."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keyed: list[Any] = [blake2b(b"name index", key=key.secret, digest_size=8) for key in keys]

    @property
    def alternatives(self) -> int:
        """How many sets of buckets a search has: a row is a candidate if it holds all of one of them."""
        return 2 * len(self._keyed)

    def of_name(self, name: str, *, masked: str | None) -> list[int]:
        """The buckets of a name under the current key, sorted and unique, as PostgreSQL `int4`.

        `masked` is what queries show of it. A name of one character has no pair, and is in no bucket.
        """
        return self._of(compared(name), self._keyed[0], shown=masked == name)

    def of_search(self, searched: str) -> list[list[int]]:
        """The sets of buckets for a text of two characters or more: per key, of hidden and of shown names."""
        return [self._of(searched, keyed, shown=shown) for keyed in self._keyed for shown in (False, True)]

    def _of(self, text: str, keyed: Any, *, shown: bool) -> list[int]:
        pairs = {self._number(keyed, first + second) for first, second in pairwise(text)}
        if shown:
            return sorted({SHARED_BUCKETS + number % OPEN_BUCKETS for number in pairs})
        return sorted({number % SHARED_BUCKETS for number in pairs})

    @staticmethod
    def _number(keyed: Any, pair: str) -> int:
        digest = keyed.copy()
        # A lone surrogate is nobody's name, but asking for one must find nothing rather than fail.
        digest.update(pair.encode("utf-8", "surrogatepass"))
        return int.from_bytes(digest.digest(), "big")
