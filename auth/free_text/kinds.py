"""What detection in free text finds, and how a detector of one kind is made."""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from heapq import merge
from typing import NamedTuple

MAX_LOOK_ALIKES = 500
"""Of one form in one text; each costs a few regular expressions. Few honest texts have so many."""


class Kind(StrEnum):
    """A kind of personal value that people type where there is room."""

    MOBILE = "MOBILE"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    ID_NUMBER = "ID_NUMBER"
    DOCUMENT = "DOCUMENT"
    WECHAT = "WECHAT"
    QQ = "QQ"
    MESSENGER = "MESSENGER"
    BANK_CARD = "BANK_CARD"
    PLATE = "PLATE"
    ADDRESS = "ADDRESS"


class Find(NamedTuple):
    """A value found: where it stands in the text that was read, and what is shown instead."""

    start: int
    end: int
    kind: Kind
    shown: str


class Detector(NamedTuple):
    """How one kind is found.

    `find` gives its finds from left to right, without overlaps, in time linear in the text. It is not asked where the
    text has fewer digits than `digits` or `sign` is not in it, which has to be cheap to tell. A detector that
    `reads_words` also reads the text with digits spelled in words, or with letters that look like digits, turned into
    digits.
    """

    kind: Kind
    find: Callable[[str], Iterator[Find]]
    digits: int = 0
    sign: re.Pattern[str] | None = None
    reads_words: bool = False


def matches(
    kind: Kind, form: re.Pattern[str], text: str, read: Callable[[re.Match[str]], Find | None]
) -> Iterator[Find]:
    """The finds that `read` makes of the matches of a form. Where it makes none, the search continues one character
    after the beginning of that match; after MAX_LOOK_ALIKES such matches the rest of the text is one find.
    """
    at = look_alikes = 0
    while match := form.search(text, at):
        find = read(match)
        if find is not None:
            yield find
            at = find.end
            continue
        at = match.start() + 1
        look_alikes += 1
        if look_alikes == MAX_LOOK_ALIKES:
            yield Find(at, len(text), kind, "****")
            return


def apart(*searches: Iterable[Find]) -> Iterator[Find]:
    """The finds of several searches from left to right; of two that overlap the first one, or the longer of equals.

    Each search goes on only as far as it is asked.
    """
    end = 0
    for find in merge(*searches, key=lambda find: (find.start, -find.end)):
        if find.start >= end:
            yield find
            end = find.end
