"""What a client accepts (RFC 9110, section 12.5.1): which of our content types an answer may have."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

JSON = b"application/json"
GRAPHQL = b"application/graphql-response+json"
EVENTS = b"text/event-stream"

MAX_RANGES, MAX_PARAMETERS = 32, 8
"""Ranges of an Accept header with a type of ours that are read, and parameters of each. Others may be any number.
"""

_OURS = rb"application/json|application/graphql-response\+json|application/\*|text/event-stream|text/html|text/\*|\*/\*"
_RANGE = re.compile(rb"(?:^|,)\s*(" + _OURS + rb")\s*(?:;([^,]*))?(?=,|$)")
_LONGEST_REMEMBERED = 1_000
_WEIGHT = re.compile(rb"0(\.\d{0,3})?|1(\.0{0,3})?")


class Accepted(NamedTuple):
    """`media` is the content type of a single answer: one of the two JSON types, or EVENTS where neither is accepted.

    `events`: whether the client names event streams as something that it can read.
    """

    media: bytes
    events: bool


ANYTHING = Accepted(JSON, events=False)


def accepted(accept: bytes | None) -> Accepted:
    """What an Accept header asks for; without one, and where it names none of our types, plain JSON.

    The better liked of the two JSON types is chosen, of equals the one listed first. A stream is sent only to who names
    it (or `text/*`): a client that takes anything, `*/*`, would wait for the end of a stream that has none.
    """
    if accept is None:
        return ANYTHING
    return (_remembered if len(accept) <= _LONGEST_REMEMBERED else _accepted)(accept)


def accepts_html(accept: bytes | None) -> bool:
    """Whether a browser shows the answer."""
    return accept is not None and any(one.media == b"text/html" and one.weight > 0 for one in _ranges(accept))


class _Range(NamedTuple):
    place: int
    media: bytes
    weight: float


def _accepted(accept: bytes) -> Accepted:
    ranges = list(_ranges(accept))
    liked = [found for media in (JSON, GRAPHQL) if (found := _liking(media, ranges)) and found.weight > 0]
    events = _liking(EVENTS, [one for one in ranges if one.media != b"*/*"])
    reads_events = events is not None and events.weight > 0
    if liked:
        return Accepted(max(liked, key=_preference).media, reads_events)
    return Accepted(EVENTS if reads_events else JSON, reads_events)


_remembered = lru_cache(256)(_accepted)


def _preference(one: _Range) -> tuple[float, int]:
    return one.weight, -one.place


def _liking(media: bytes, ranges: Sequence[_Range]) -> _Range | None:
    """How much a type is liked: the most specific range that holds it says so. None where no range does."""
    for wanted in (media, media.partition(b"/")[0] + b"/*", b"*/*"):
        for one in ranges:
            if one.media == wanted:
                # What is named comes before what is merely not excluded.
                place = one.place if wanted == media else one.place + len(ranges)
                return _Range(place, media, one.weight)
    return None


def _ranges(accept: bytes) -> Iterable[_Range]:
    for place, found in enumerate(islice(_RANGE.finditer(accept.lower()), MAX_RANGES)):
        yield _Range(place, found[1], _weight((found[2] or b"").split(b";", MAX_PARAMETERS)[:MAX_PARAMETERS]))


def _weight(parameters: list[bytes]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"q":
            return float(value) if _WEIGHT.fullmatch(value := value.strip()) else 0.0
    return 1.0
