"""Rejected rows as CSV, to be mended in a spreadsheet and read again.

A row stands as it was read, behind two columns of ours that tell where it stood and what was wrong. A spreadsheet runs
what looks like a formula and rounds what looks like a number: every cell that is not plainly a word gets an apostrophe
before it, which reading takes off again. So what nobody touched comes back to the letter.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import IO

from server.importing.findings import Finding
from server.importing.layout import OURS, Layout
from server.importing.records import Record
from server.importing.report import sentence


class Rejects:
    """Writes rejected rows to a text file, the original headings first."""

    def __init__(self, file: IO[str], layout: Layout) -> None:
        self._rows = csv.writer(file)
        self._rows.writerow([*OURS, *map(escaped, layout.headings)])

    def add(self, records: Iterable[Record], findings: Sequence[Finding]) -> None:
        """Writes those of the records that something was found about."""
        said: dict[int, list[str]] = {}
        for one in findings:
            said.setdefault(one.line, []).append(sentence(one))
        for record in records:
            if record.line in said:
                # What cannot be split into cells is one cell, to be split by hand.
                cells = [record.raw] if record.cells is None else record.cells
                self._rows.writerow([record.line, "; ".join(said[record.line]), *map(escaped, cells)])


def as_exported(record: Record, layout: Layout) -> Record:
    """A record of a mended file as it would stand in the export; one of any other file as it is."""
    if record.cells is None or not layout.ours:
        return record
    cells = [unescaped(cell) for place, cell in enumerate(record.cells) if place not in layout.ours]
    return replace(record, cells=cells)


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, a number or a date."""
    return cell if not cell or _is_word(cell) else f"'{cell}"


def unescaped(cell: str) -> str:
    """The cell that was escaped; one that somebody filled in without an apostrophe stays."""
    return cell.removeprefix("'")


def _is_word(cell: str) -> bool:
    return cell[0].isalpha() and not (cell.isascii() and any(map(str.isdigit, cell)))  # MAR1 becomes a day in March
