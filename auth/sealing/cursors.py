"""Cursors: places in lists and streams, sealed, so that who holds or passes on a cursor reads nothing of it.

AES-SIV (RFC 5297) needs no nonce: equal places are equal cursors, and no two others are told apart but by their length,
which is padded.
"""

from base64 import b64decode, urlsafe_b64encode
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

MAX_CHARACTERS = 1_000
PADDING = 32
_KEY_BYTES = 64  # AES-256 twice: one key authenticates, one encrypts


class CursorBroken(ValueError):
    """A text that is no cursor of this list or stream, of this installation and its present key."""


class CursorSealer:
    """Seals positions as URL-safe texts, and opens them. A cursor opens only for the list or stream it was made for."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(blake2b(b"cursor", key=key, digest_size=_KEY_BYTES).digest())

    def seal(self, position: bytes, place: bytes) -> str:
        """The cursor of a position, which is JSON: blanks behind it are padding."""
        padded = position.ljust(-(-len(position) // PADDING) * PADDING)
        return urlsafe_b64encode(self._cipher.encrypt(padded, [place])).decode()

    def position(self, cursor: str, place: bytes) -> bytes:
        """The position that was sealed, with its padding. Raises CursorBroken; a long text is not even looked at."""
        if len(cursor) > MAX_CHARACTERS:
            raise CursorBroken("Too long for a cursor")
        try:
            return self._cipher.decrypt(b64decode(cursor, b"-_", validate=True), [place])
        except (InvalidTag, ValueError):
            raise CursorBroken("Not a cursor of this place") from None
