"""What an import did: counts and sentences, for people, for programs and for a spreadsheet; never a personal value."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

import orjson

from domain.identity import public_id
from domain.import_batch import ImportBatch
from server.importing.findings import Finding
from server.importing.headings import Column, names_of
from server.importing.layout import Layout


@dataclass
class Report:
    """Rows `read` are `written`, skipped as `present` (in the database) or `repeated` (in the file), or rejected.

    Without a `batch` it was a rehearsal: `written` are the rows that an import would write. Of those present, the batch
    itself had written the `resumed` ones before it broke off. What rows were written without is `left_out`.
    """

    layout: Layout
    batch: UUID | None = None
    resumed: int = 0
    read: int = 0
    written: int = 0
    present: int = 0
    repeated: int = 0
    rejections: list[Finding] = field(default_factory=list)
    left_out: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    duplicates: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    @property
    def batch_id(self) -> str | None:
        """The batch's public id."""
        return public_id(ImportBatch.PREFIX, self.batch) if self.batch else None

    @property
    def rejected(self) -> int:
        """Rows that could not be written, however many faults each has."""
        return len({finding.line for finding in self.rejections})

    @property
    def lacking(self) -> int:
        """Rows that were written without something."""
        return len({finding.line for finding in self.left_out})

    def lists(self) -> Iterator[tuple[str, str, list[Finding]]]:
        """Every list with its title in Chinese and English."""
        yield "未写入的行", "Rows that were not written", self.rejections
        yield (
            "写入时略去的栏（请在系统中补录）",
            "Left out of rows that were written (to be entered by hand)",
            self.left_out,
        )
        yield "警告", "Warnings", self.warnings
        yield (
            "疑似重复（照常写入，请核对）",
            "Possible duplicates (written all the same, please check)",
            self.duplicates,
        )
        yield "说明", "Notes", self.notes


def text(report: Report, most: int) -> str:
    """The report for people, with so many lines of each list."""
    parts = [_counts(report)]
    for zh, en, findings in report.lists():
        if findings:
            parts.append("\n".join([f"{zh} / {en}:", *_some(findings, most)]))
    return "\n\n".join(parts) + "\n"


def json(report: Report) -> bytes:
    """The report for programs: one object in one line, all sentences."""
    return orjson.dumps(
        {
            "batch": report.batch_id,
            "dry_run": report.batch is None,
            "encoding": report.layout.encoding,
            "delimiter": report.layout.delimiter,
            "read": report.read,
            "written": report.written,
            "present": report.present,
            "repeated": report.repeated,
            "rejected": report.rejected,
            "lacking": report.lacking,
            "rejections": _objects(report.rejections),
            "left_out": _objects(report.left_out),
            "warnings": _objects(report.warnings),
            "duplicates": _objects(report.duplicates),
            "notes": _objects(report.notes),
        }
    )


def table(report: Report) -> str:
    """All sentences as CSV, one a row, for a spreadsheet: all begin with words of ours, none like a formula."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["line", "list", "field", "中文", "English"])
    for _, title, findings in report.lists():
        rows.writerows([one.line, title, one.field, one.zh, one.en] for one in sorted(findings))
    return written.getvalue()


def _counts(report: Report) -> str:
    return (
        f"{_kind(report)}\n"
        f"读取 {report.read} 行：写入 {report.written}，已存在而跳过 {report.present}，"
        f"文件内编号重复而跳过 {report.repeated}，未写入 {report.rejected}；略去部分内容 {report.lacking} 行；"
        f"警告 {len(report.warnings)}\n"
        f"Read {report.read} rows: wrote {report.written}, skipped {report.present} that were there before and "
        f"{report.repeated} with a number that the file repeats, rejected {report.rejected}; "
        f"{report.lacking} were written without something; {len(report.warnings)} warnings"
    )


def _kind(report: Report) -> str:
    if report.batch is None:
        return "试运行：没有写入任何内容，以下是正式导入的结果 / Dry run: nothing was written; an import would do this"
    return f"批次 / Batch {report.batch_id}；撤销 / to undo it: zhike import undo {report.batch_id}"


def _some(findings: list[Finding], most: int) -> Iterator[str]:
    by_line = [(line, list(said)) for line, said in groupby(sorted(findings), key=lambda one: one.line)]
    for line, said in by_line[:most]:
        yield f"  第 {line} 行 line {line}"
        yield from (f"    {sentence(one)}" for one in said)
    if left := len(by_line[most:]):
        yield f"  …… 另有 {left} 行，用 --report FILE 写入文件 / and {left} more lines; --report FILE writes them all"


def sentence(one: Finding) -> str:
    """A finding in both languages, its field first."""
    return f"{_named(one.field)}{one.zh} / {one.en}"


def _named(name: str) -> str:
    return f"{names_of(Column(name))[0]} {name}: " if name in set(Column) else ""


def _objects(findings: list[Finding]) -> list[dict[str, object]]:
    return [one._asdict() for one in sorted(findings)]
