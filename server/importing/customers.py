"""An export of customers, from the file to the report."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import psycopg

from auth.keys import KeyRing
from domain.personal.text import plain
from domain.purpose import LegalBasis
from server.importing.duplicates import Duplicates
from server.importing.findings import Findings
from server.importing.headings import Column
from server.importing.layout import Layout, layout_of
from server.importing.owners import Owners
from server.importing.records import Record, records
from server.importing.report import Report
from server.importing.rows import Cells, Draft, Terms, cells_of, drafted, external_id_of
from server.importing.source import Lines, sample_of
from server.importing.values import open_text
from server.importing.writing import Batch, batch, staff_of

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Wishes:
    """What the user says about a whole file: the legal basis (R06), a source, and its encoding if we guess wrong."""

    basis: LegalBasis = LegalBasis.CONTRACT
    source: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a basis that is none of the seven, Invalid for a source that may not be kept."""
        LegalBasis(self.basis)
        if self.source:
            open_text(plain(self.source, field="source", longest=100), "source")


def import_customers(
    path: Path, wishes: Wishes, database_url: str, ring: KeyRing, told: Callable[[int], None]
) -> Report:
    """Writes the good rows of a file, 500 in a transaction, and reports on all. `told` hears how many bytes are read.

    Rows whose customer number is there already are skipped, so an import that was broken off is simply run again.
    Raises Invalid where the file as a whole cannot be read.
    """
    layout = layout_of(sample_of(path), wishes.encoding)
    with psycopg.connect(database_url, autocommit=True) as connection, path.open("rb") as file:
        terms = Terms(wishes.basis, wishes.source, datetime.now(UTC), Owners(staff_of(connection)))
        run = _Run(layout, terms, Duplicates(ring))
        lines = Lines(io.TextIOWrapper(file, layout.encoding, "replace", newline=""))
        found = (record for record in records(lines, layout.delimiter) if record.line > layout.line)
        while rows := list(islice(found, ROWS_AT_ONCE)):
            with batch(connection, ring) as room:
                run.take(rows, room)
            told(file.tell())
    return run.finished()


class _Run:
    def __init__(self, layout: Layout, terms: Terms, duplicates: Duplicates) -> None:
        self._layout, self._terms, self._duplicates = layout, terms, duplicates
        self._report = Report(layout, warnings=_about_headings(layout))
        self._lines: dict[str, int] = {}
        self._without_number = 0

    def take(self, rows: list[Record], room: Batch) -> None:
        """Judges the rows of one batch and writes the good ones."""
        self._report.read += len(rows)
        fitting = [(record.line, cells) for record in rows if (cells := self._fitting(record)) is not None]
        present = room.present(external_id_of(cells) for _, cells in fitting)
        drafts = [draft for line, cells in fitting if (draft := self._good(line, cells, present))]
        digests = [self._duplicates.digests_of(draft.customer) for draft in drafts]
        stored = room.stored(digests)
        for draft, of_draft in zip(drafts, digests, strict=True):
            self._report.duplicates += self._duplicates.noted(draft.line, of_draft, stored)
        room.add(drafts)
        self._report.written += len(drafts)

    def finished(self) -> Report:
        """The report, when all rows are taken."""
        if self._without_number:
            said = Findings(self._layout.line)
            said.add(
                Column.EXTERNAL_ID,
                f"{self._without_number} 行没有客户编号：再次导入同一文件会重复写入",
                f"{self._without_number} rows have no customer number: importing the file again writes them again",
            )
            self._report.warnings += said
        return self._report

    def _fitting(self, record: Record) -> Cells | None:
        faults = Findings(record.line)
        cells = cells_of(record, self._layout, faults)
        self._report.rejections += faults
        return None if faults else cells

    def _good(self, line: int, cells: Cells, present: set[str]) -> Draft | None:
        """The draft of a row that is to be written; of any other the report takes note."""
        number = external_id_of(cells)
        if number in self._lines:
            self._repeated(line, self._lines[number])
            return None
        if number is not None and number in present:
            self._report.present += 1
            return None
        draft = drafted(line, cells, self._terms)
        self._report.rejections += draft.faults
        if draft.faults:
            return None
        self._remember(number, draft)
        return draft

    def _remember(self, number: str | None, draft: Draft) -> None:
        self._report.warnings += draft.warnings
        self._report.notes += draft.notes
        if number is None:
            self._without_number += 1
        else:
            self._lines[number] = draft.line

    def _repeated(self, line: int, earlier: int) -> None:
        self._report.repeated += 1
        said = Findings(line)
        said.add(
            Column.EXTERNAL_ID,
            f"客户编号与第 {earlier} 行相同，本行未写入",
            f"The customer number is that of line {earlier}; this row was not written",
        )
        self._report.warnings += said


def _about_headings(layout: Layout) -> Findings:
    said = Findings(layout.line)
    for heading in layout.unknown:
        said.add("", f"未识别的列“{heading}”，没有导入", f"A column that is not known and was not read: {heading}")
    for column in layout.repeated:
        said.add(column, "该栏有多列，只读第一列", "Several columns are of this field; only the first was read")
    return said
