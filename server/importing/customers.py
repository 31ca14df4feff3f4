"""An export of customers, from the file to the report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import psycopg

from auth.free_text import open_text
from auth.sealing.keys import KeyRing
from domain.personal.text import plain
from domain.purpose import LegalBasis
from domain.staff import StaffMember
from server.importing.batches import begun
from server.importing.cells import Cells
from server.importing.duplicates import Duplicates
from server.importing.findings import Findings
from server.importing.headings import Column
from server.importing.layout import Layout
from server.importing.owners import Owners, author, staff_of, told_only_of
from server.importing.records import Record
from server.importing.rejects import RejectedRows, Rejects, rows_of
from server.importing.report import Report
from server.importing.rows import ENTERED_LATER, Draft, Terms, cells_of, drafted, external_id_of
from server.importing.tables import Table, opened
from server.importing.writing import Chunk, Chunks, rehearsing, writing

ROWS_AT_ONCE = 500

Told = Callable[[int], None]


@dataclass(frozen=True)
class Wishes:
    """What the user says about a whole file: the legal basis (R06), a source, its encoding if we guess wrong, the login
    of the member of staff on whose word it is imported, which columns a row may lack rather than be rejected, the sheet
    of a workbook by name or number, and the batch to carry on.
    """

    basis: LegalBasis = LegalBasis.CONTRACT
    source: str | None = None
    encoding: str | None = None
    by: str | None = None
    may_lack: frozenset[Column] = frozenset()
    sheet: str | None = None
    resume: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a basis that is none of the seven, Invalid for a source that may not be kept."""
        LegalBasis(self.basis)
        if self.source:
            open_text(plain(self.source, field="source", longest=100), "source")


def import_customers(
    path: Path,
    wishes: Wishes,
    database_url: str,
    ring: KeyRing,
    told: Told,
    rejects: IO[str] | RejectedRows | None = None,
) -> Report:
    """Writes the good rows of a file, 500 in a transaction, and reports on all.

    `told` hears how many bytes are read, `rejects` takes the rows that were not written, to be mended. What broke off
    is carried on by the next import of the same file: the lines that are written already are skipped, and so are rows
    whose customer number is there. Raises Invalid where the file as a whole cannot be read, or `wishes.by` is nobody.
    """
    table = opened(path, wishes.encoding, wishes.sheet)
    with psycopg.connect(database_url, autocommit=True) as connection:
        actor = author(connection, wishes.by)
        terms = _terms(wishes, connection, actor)
        with begun(connection, table.digests(ring), actor, terms.at, wishes.basis, wishes.resume) as batch:
            run = _Run(table.layout, terms, Duplicates(ring), batch.id, rejects)
            _take_all(table, run, writing(connection, batch, ring), told)
            batch.finish(actor)
    return run.finished()


def rehearse(
    path: Path,
    wishes: Wishes,
    database_url: str,
    ring: KeyRing,
    told: Told,
    rejects: IO[str] | RejectedRows | None = None,
) -> Report:
    """The report that an import would give now, duplicates among the customers of today included; writes nothing.

    Raises as `import_customers` does.
    """
    table = opened(path, wishes.encoding, wishes.sheet)
    with psycopg.connect(database_url, autocommit=True) as connection:
        terms = _terms(wishes, connection, author(connection, wishes.by))
        run = _Run(table.layout, terms, Duplicates(ring), None, rejects)
        _take_all(table, run, rehearsing(connection, table.digests(ring)), told)
    return run.finished()


def _terms(wishes: Wishes, connection: psycopg.Connection[Any], actor: StaffMember | None) -> Terms:
    owners = Owners(staff_of(connection))
    actor_id, told_of = (actor.id, told_only_of(actor)) if actor else (None, None)
    return Terms(wishes.basis, wishes.source, datetime.now(UTC), owners, actor_id, wishes.may_lack, told_of)


def _take_all(table: Table, run: "_Run", chunks: Chunks, told: Told) -> None:
    rows = table.rows()
    while taken := list(islice(rows, ROWS_AT_ONCE)):
        with chunks() as chunk:
            run.take([row.record for row in taken], chunk)
        told(taken[-1].read)
    run.tell_changed(table.changed)
    run.tell_unformatted(table.unformatted)


class _Run:
    def __init__(
        self,
        layout: Layout,
        terms: Terms,
        duplicates: Duplicates,
        batch_id: UUID | None,
        rejects: IO[str] | RejectedRows | None,
    ) -> None:
        self._layout, self._terms, self._duplicates = layout, terms, duplicates
        self._rejects = Rejects(rows_of(rejects), layout) if rejects else None
        self._report = Report(layout, batch_id, warnings=_about_headings(layout))
        self._lines: dict[str, int] = {}
        self._without_number = 0
        self._short: list[int] = []
        self._unread: dict[int, int] = {}  # the first line with something under an empty heading, by place
        self._nameless = [place for place, heading in enumerate(layout.headings) if not heading.strip()]

    def take(self, rows: list[Record], chunk: Chunk) -> None:
        """Judges the rows of one chunk and writes the good ones."""
        told = len(self._report.rejections)
        drafts = self._good_ones(self._unwritten(rows, chunk), chunk)
        if self._rejects:
            self._rejects.add(rows, self._report.rejections[told:])
        digests = [self._duplicates.digests_of(draft.customer) for draft in drafts]
        stored = chunk.stored(digests, self._terms.told_of)
        for draft, of_draft in zip(drafts, digests, strict=True):
            self._report.duplicates += self._duplicates.noted(draft.line, of_draft, stored)
        self._report.written += len(drafts)
        chunk.add(drafts, self._report)

    def _unwritten(self, rows: list[Record], chunk: Chunk) -> list[Record]:
        """The rows of lines that no import of this file has written."""
        written = chunk.written(record.line for record in rows)
        self._report.read += len(rows)
        self._report.present += len(written)
        resumed = [record for record in rows if record.line in written and written[record.line] == self._report.batch]
        self._report.resumed += len(resumed)
        self._tell_left_out(resumed)
        return [record for record in rows if record.line not in written]

    def _tell_left_out(self, resumed: list[Record]) -> None:
        """What rows lack that the batch wrote before it broke off: the report of that run was never seen."""
        terms = replace(self._terms, may_lack=ENTERED_LATER)
        for record in resumed:
            cells = cells_of(record, self._layout, Findings(record.line))
            self._report.left_out += drafted(record.line, cells, terms).left_out

    def _good_ones(self, rows: list[Record], chunk: Chunk) -> list[Draft]:
        fitting = [(record.line, cells) for record in rows if (cells := self._fitting(record)) is not None]
        present = chunk.present(external_id_of(cells) for _, cells in fitting)
        return [draft for line, cells in fitting if (draft := self._good(line, cells, present))]

    def finished(self) -> Report:
        """The report, when all rows are taken."""
        if self._without_number:
            said = Findings(self._layout.line)
            said.add(
                Column.EXTERNAL_ID,
                f"{self._without_number} 行没有客户编号：文件改动后再次导入会重复写入",
                f"{self._without_number} rows have no customer number: once the file is changed, importing it again "
                "writes them again",
            )
            self._report.warnings += said
        if self._short:
            self._report.warnings += self._about_short_rows()
        for place, line in sorted(self._unread.items()):
            self._report.warnings += self._about_unread_cells(place, line)
        return self._report

    def _about_unread_cells(self, place: int, line: int) -> Findings:
        said = Findings(self._layout.line)
        said.add(
            "",
            f"第 {place + 1} 列没有列名（可能是合并的表头），其内容没有导入（首见于第 {line} 行），请补上列名",
            f"Column {place + 1} has no heading (is it merged with another?), so what stands in it was not read; the "
            f"first is line {line}. Give it a heading",
        )
        return said

    def tell_unformatted(self, line: int | None) -> None:
        """Takes note of the first customer number that the sheet may show in another way."""
        if line:
            said = Findings(line)
            said.add(
                Column.EXTERNAL_ID,
                "xls 工作簿中的数值编号读不到显示格式（如前导零），请核对，或另存为 .xlsx 后导入",
                "How an .xls shows numbers (such as zeros in front) cannot be read; check, or save it as .xlsx first",
            )
            self._report.warnings += said

    def tell_changed(self, lines: Sequence[int]) -> None:
        """Takes note of lines from which characters were removed."""
        if lines:
            said = Findings(lines[0])
            said.add(
                "",
                f"有 {len(lines)} 行含 NUL 字符，已去掉（首见于本行），文件可能已损坏，请核对",
                f"NUL characters were removed from {len(lines)} lines, of which this is the first: the file may be "
                "damaged, please check",
            )
            self._report.warnings += said

    def _about_short_rows(self) -> Findings:
        said = Findings(self._layout.line)
        said.add(
            "",
            f"{len(self._short)} 行的单元格少于表头（首见于第 {self._short[0]} 行），行末缺少的单元格按空处理",
            f"{len(self._short)} rows have fewer cells than there are headings, the first is line {self._short[0]}; "
            "the cells missing at their ends count as empty",
        )
        return said

    def _fitting(self, record: Record) -> Cells | None:
        faults = Findings(record.line)
        if record.cells is not None and len(record.cells) < len(self._layout.columns):
            self._short.append(record.line)
        for place in self._nameless:
            if record.cells and place < len(record.cells) and record.cells[place].strip():
                self._unread.setdefault(place, record.line)
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
        self._report.left_out += draft.left_out
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
