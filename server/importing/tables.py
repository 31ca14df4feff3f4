"""A file of rows, be it a text or a workbook: its layout, its records, and how far it was read."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from auth.sealing.keys import KeyRing
from domain.errors import Invalid
from server.importing.batches import digests_of
from server.importing.layout import Layout, layout_of
from server.importing.records import Record, records
from server.importing.rejects import as_exported
from server.importing.source import Lines, sample_of
from server.importing.workbooks import Workbook, is_workbook


class Progress(NamedTuple):
    """A record below the headings, and about how many bytes of the file were read by then."""

    record: Record
    read: int


class Table(Protocol):
    """Rows below headings."""

    layout: Layout
    changed: list[int]
    """The lines read so far from which characters were removed."""

    @property
    def unformatted(self) -> int | None:
        """The first row read so far with a customer number that the sheet may show in another way."""
        ...

    def rows(self) -> Iterator[Progress]:
        """The records below the headings, as they stood in the export."""
        ...

    def digests(self, ring: KeyRing) -> list[bytes]:
        """The keyed digests of the content under all live keys, the current one first."""
        ...


def opened(path: Path, encoding: str | None = None, sheet: str | None = None) -> Table:
    """The table in a file, told by its content. Raises Invalid where there is none."""
    if is_workbook(path):
        return _Sheet(path, sheet)
    if sheet is not None:
        raise Invalid("sheet", "只有工作簿才有工作表", "Only a workbook has sheets")
    return _Text(path, encoding)


class _Text:
    def __init__(self, path: Path, encoding: str | None) -> None:
        self._path, self.layout = path, layout_of(sample_of(path), encoding)
        self.changed: list[int] = []
        self.unformatted = None

    def rows(self) -> Iterator[Progress]:
        layout = self.layout
        with self._path.open("rb") as file:
            lines = Lines(io.TextIOWrapper(file, layout.encoding, "replace", newline=""))
            self.changed = lines.changed
            for record in records(lines, layout.delimiter, layout.width):
                if record.line > layout.line:
                    yield Progress(as_exported(record, layout), file.tell())

    def digests(self, ring: KeyRing) -> list[bytes]:
        return digests_of(self._path, ring)


class _Sheet:
    def __init__(self, path: Path, sheet: str | None) -> None:
        self._path, self._book = path, Workbook(path, sheet)
        self.layout = self._book.layout
        self.changed: list[int] = []

    @property
    def unformatted(self) -> int | None:
        return self._book.unformatted

    def rows(self) -> Iterator[Progress]:
        size, height = self._path.stat().st_size, max(1, self._book.height)
        for record in self._book.records():
            if record.line > self.layout.line:
                yield Progress(as_exported(record, self.layout), size * record.line // height)

    def digests(self, ring: KeyRing) -> list[bytes]:
        """Each sheet is an import of its own."""
        return digests_of(self._path, ring, f":{self._book.place}" if self._book.place else "")
