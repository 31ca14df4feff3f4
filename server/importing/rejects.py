"""Rejected rows as CSV or as a workbook, to be mended in a spreadsheet and read again.

A row stands as it was read, behind two columns of ours that tell where it stood and what was wrong. Of a CSV file a
spreadsheet runs what looks like a formula and rounds what looks like a number: every cell that is not plainly a word
gets an apostrophe before it, which reading takes off again. The cells of a workbook are all texts, which no
spreadsheet touches. So what nobody touched comes back to the letter.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import IO, Protocol, runtime_checkable

from xlsxwriter import Workbook

from server.importing.findings import Finding
from server.importing.layout import OURS, OURS_OF_WORKBOOKS, Layout
from server.importing.records import Record
from server.importing.report import sentence

_LONGEST = 32_767
"""What a cell of a workbook holds at most."""


@runtime_checkable
class RejectedRows(Protocol):
    """A file that takes rejected rows, one after another."""

    def begin(self, headings: Sequence[str]) -> None:
        """Writes the headings of the export behind those of ours."""
        ...

    def write_row(self, line: int, problem: str, cells: Sequence[str]) -> None:
        """Writes one row."""
        ...


class CsvRows:
    """Rejected rows in a text file."""

    def __init__(self, file: IO[str]) -> None:
        self._rows = csv.writer(file)

    def begin(self, headings: Sequence[str]) -> None:
        self._rows.writerow([*OURS, *map(escaped, headings)])

    def write_row(self, line: int, problem: str, cells: Sequence[str]) -> None:
        self._rows.writerow([line, problem, *map(escaped, cells)])


class SheetRows:
    """Rejected rows in a workbook, which is complete once it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._book = Workbook(
            file, {"in_memory": True}
        )  # else pieces of it would lie in the folder for temporary files
        self._sheet = self._book.add_worksheet()
        self._rows = 0

    def begin(self, headings: Sequence[str]) -> None:
        self._write([*OURS_OF_WORKBOOKS, *headings])

    def write_row(self, line: int, problem: str, cells: Sequence[str]) -> None:
        if any(len(cell) > _LONGEST for cell in cells):
            problem += "; 过长的单元格未抄录，见原文件 / cells too long for a workbook are left empty, see the export"
        self._write([str(line), problem[:_LONGEST], *(cell if len(cell) <= _LONGEST else "" for cell in cells)])

    def close(self) -> None:
        """Writes the file."""
        self._book.close()

    def _write(self, cells: Sequence[str]) -> None:
        for column, cell in enumerate(cells):
            self._sheet.write_string(self._rows, column, cell)
        self._rows += 1


def rows_of(file: IO[str] | RejectedRows) -> RejectedRows:
    """What writes rejected rows to a text file, or to what takes them in its own way."""
    return file if isinstance(file, RejectedRows) else CsvRows(file)


class Rejects:
    """Writes rejected rows, the original headings first."""

    def __init__(self, rows: RejectedRows, layout: Layout) -> None:
        self._rows = rows
        self._rows.begin(layout.headings)

    def add(self, records: Iterable[Record], findings: Sequence[Finding]) -> None:
        """Writes those of the records that something was found about."""
        said: dict[int, list[str]] = {}
        for one in findings:
            said.setdefault(one.line, []).append(sentence(one))
        for record in records:
            if record.line in said:
                # What cannot be split into cells is one cell, to be split by hand.
                cells = [record.raw] if record.cells is None else record.cells
                self._rows.write_row(record.line, "; ".join(said[record.line]), cells)


def as_exported(record: Record, layout: Layout) -> Record:
    """A record of a mended file as it would stand in the export; one of any other file as it is."""
    if record.cells is None or not layout.ours:
        return record
    places = [place for place in range(len(record.cells)) if place not in layout.ours]
    cells = [record.cells[place] for place in places]
    failed = frozenset(at for at, place in enumerate(places) if place in record.failed)
    return replace(record, cells=[unescaped(cell) for cell in cells] if layout.escaped else cells, failed=failed)


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, a number or a date."""
    return cell if not cell or _is_word(cell) else f"'{cell}"


def unescaped(cell: str) -> str:
    """The cell that was escaped; one that somebody filled in without an apostrophe stays."""
    return cell.removeprefix("'")


def _is_word(cell: str) -> bool:
    return cell[0].isalpha() and not (cell.isascii() and any(map(str.isdigit, cell)))  # MAR1 becomes a day in March
