"""Ids: UUIDv7 inside (RFC 9562 §5.7), a prefix and 32 hex digits outside (`cus_…`)."""

import os
import re
import time
from uuid import UUID

MAX_PUBLIC_ID = 64
_PUBLIC = re.compile(r"([a-z]{3,4})_([0-9a-f]{32})")


def new_id(at_ms: int | None = None) -> UUID:
    """A new UUIDv7; `at_ms` (milliseconds since 1970) places it in the past, as imports and demo data need.

    Ids of the present are ordered to a quarter of a microsecond (RFC 9562 §6.2, method 3): what one act records stays
    in its order.
    """
    chance = int.from_bytes(os.urandom(10))
    if at_ms is not None:
        return shaped_id(at_ms, chance)
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    return shaped_id(milliseconds, nanoseconds * 4096 // 1_000_000 << 62 | chance & ((1 << 62) - 1))


def shaped_id(at_ms: int, random_bits: int) -> UUID:
    """The UUIDv7 of this moment and these 74 random bits; higher bits of `random_bits` are ignored."""
    high, low = (random_bits >> 62) & 0xFFF, random_bits & ((1 << 62) - 1)
    return UUID(int=(at_ms & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def public_id(prefix: str, inner: UUID) -> str:
    """How an id leaves the house."""
    return f"{prefix}_{inner.hex}"


def read_public_id(text: str) -> tuple[str, UUID] | None:
    """Prefix and inner id of a well-formed public id, None for any other text: it can name nothing."""
    found = _PUBLIC.fullmatch(text) if len(text) <= MAX_PUBLIC_ID else None
    return (found[1], UUID(hex=found[2])) if found else None
