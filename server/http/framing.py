"""What of a request is neither its head nor its body, bounded: the lines around chunks, their extensions, trailers."""

MAX_CHUNKS = 5_000
"""Pieces that a body comes in. Each costs a microsecond, however small it is."""

MAX_FRAMING_BYTES = 131_072
"""Bytes of a body as it comes that are none of its own: twenty for each chunk, and 32,768 of trailers."""

MAX_TRAILERS, MAX_TRAILER_BYTES = 100, 32_768
"""As of headers."""


class Framing:
    """Counts what comes of one request after its head."""

    __slots__ = ("_around", "_chunks", "_trailer_bytes", "_trailers")

    def __init__(self) -> None:
        self._around = self._chunks = self._trailers = self._trailer_bytes = 0

    def around(self, size: int) -> bool:
        """Counts bytes that are not the body's own. Whether there are too many in all."""
        self._around += size
        return self._around > MAX_FRAMING_BYTES

    def chunk(self) -> bool:
        """Counts a chunk. Whether there are too many."""
        self._chunks += 1
        return self._chunks > MAX_CHUNKS

    def trailer(self, size: int) -> bool:
        """Counts a trailer. Whether there are too many, or too long ones."""
        self._trailers += 1
        self._trailer_bytes += size
        return self._trailers > MAX_TRAILERS or self._trailer_bytes > MAX_TRAILER_BYTES
