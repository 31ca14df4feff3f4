"""`zhike import`: the command line around imports."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from domain.errors import DomainError, Invalid
from domain.purpose import LegalBasis
from server.commands.failures import told
from server.commands.options import DataDir, settings_there
from server.commands.running import tell_of_keys
from server.importing import listing
from server.importing import report as reports
from server.importing.batches import listed
from server.importing.customers import Told, Wishes, import_customers, rehearse
from server.importing.owners import author
from server.importing.rejects import CsvRows, RejectedRows, SheetRows
from server.importing.rows import ENTERED_LATER
from server.importing.undoing import undo as undo_batch
from server.installation import standing

commands = typer.Typer(no_args_is_help=True, help="导入其他系统的导出文件 / Load what another system exported")

SOME_MISSING = 1
SOME_KEPT = 1

By = Annotated[str | None, typer.Option(help="由哪位员工负责（登录名），记入审计 / Login of who answers for it")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON 报告 / Print the report as JSON")]
Most = Annotated[int, typer.Option("--list", min=0, help="每类最多列出几行 / Lines printed per list")]


@commands.callback()
def _import() -> None:
    """导入其他系统的导出文件 / Load what another system exported."""


@commands.command("customers")
def customers(
    file: Annotated[
        Path, typer.Argument(help="客户导出文件（CSV 文本、xlsx、xls） / The export: CSV in any encoding, .xlsx, .xls")
    ],
    basis: Annotated[
        LegalBasis, typer.Option(help="处理个人信息的法律依据 / Legal basis of handling (PIPL art. 13)")
    ] = LegalBasis.CONTRACT,
    source: Annotated[str | None, typer.Option(help="没有来源的行的来源 / Source of rows that name none")] = None,
    sheet: Annotated[
        str | None, typer.Option(help="工作簿的工作表：名称或序号，默认第一个 / Sheet of a workbook, by name or number")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="编码，默认自动识别 / Encoding, found by itself")] = None,
    by: By = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入 / Report only, write nothing")] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="把未写入的行存为 CSV 或 .xlsx，改正后可再次导入 / Rejected rows, to mend and read again; .xlsx too"
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="IMP_ID", help="继续这个中断的导入 / Carry on this import, which broke off"),
    ] = None,
    lenient: Annotated[
        bool,
        typer.Option("--lenient", help="略去有误的次要栏，照常写入该行 / Write rows without fields that are at fault"),
    ] = False,
    report: Annotated[Path | None, typer.Option(help="把全部说明写入 CSV / Write all findings to a CSV file")] = None,
    most: Most = 20,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """导入客户，可重复执行 / Load customers; running it again writes nothing twice.

    Ends with 0 when every row is there, 1 when some were rejected or lack a field, 2 when nothing could be read or the
    database failed.
    """
    with told():
        wishes = Wishes(
            basis, source, encoding, by, ENTERED_LATER if lenient else frozenset(), sheet, None if dry_run else resume
        )
        _refuse_to_overwrite(file, report=report, rejects=rejects)
        if report:
            _write(report, "")  # before the work: a report that cannot be written should not cost an import
        with _of_rejects(rejects) as kept, standing(settings_there(data_dir=data_dir)) as installation:
            tell_of_keys(installation)
            work = rehearse if dry_run else import_customers
            done = _worked(file, lambda read: work(file, wishes, installation.url, installation.ring, read, kept))
        if report:
            _write(report, reports.table(done))
    typer.echo(reports.json(done).decode() if as_json else reports.text(done, most), nl=as_json)
    if rejects and done.rejected:
        _warn_of(rejects)
    raise typer.Exit(SOME_MISSING if done.rejected or done.left_out else 0)


@commands.command("list")
def list_(as_json: Json = False, data_dir: DataDir = None) -> None:
    """列出所有导入批次 / List all imports, the latest first."""
    with told(), _connected(data_dir) as connection:
        found = listed(connection)
    typer.echo(listing.json(found) if as_json else listing.text(found), nl=as_json)


@commands.command("undo")
def undo(
    batch: Annotated[str, typer.Argument(metavar="IMP_ID", help="导入批次，见 import list / The import, imp_…")],
    by: By = None,
    most: Most = 20,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """撤销导入，保留此后处理过的客户 / Undo an import, but for customers that somebody has worked on since.

    Ends with 0 when all of it is gone or it was undone before, 1 when some customers were kept, 2 when it was refused.
    """
    with told(), _connected(data_dir) as connection:
        done = undo_batch(connection, batch, author(connection, by))
    typer.echo(listing.undone_json(done) if as_json else listing.undone_text(done, most), nl=as_json)
    raise typer.Exit(SOME_KEPT if done.kept else 0)


@contextmanager
def _connected(data_dir: Path | None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with (
        standing(settings_there(data_dir=data_dir)) as here,
        psycopg.connect(here.url, autocommit=True) as connection,
    ):
        yield connection


def _worked(file: Path, work: Callable[[Told], reports.Report]) -> reports.Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    screen = Console(stderr=True)
    with _broken_off(), Progress(*columns, console=screen, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("导入 / Importing", total=file.stat().st_size if file.is_file() else None)
        return work(lambda read: progress.update(task, completed=read))


def _refuse_to_overwrite(file: Path, **written: Path | None) -> None:
    """Raises Invalid where a file to be written is the export, or both are one."""
    taken = file.resolve()
    for option, path in written.items():
        if path is None:
            continue
        if path.resolve() == taken or (path.exists() and file.exists() and path.samefile(file)):
            raise Invalid(option, "不能写入导入的文件本身", "It would overwrite the export itself")
    if len({path.resolve() for path in written.values() if path}) < len([path for path in written.values() if path]):
        raise Invalid("rejects", "两份输出不能是同一个文件", "Both would be written to one file")


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8-sig", newline="")  # with the mark by which Excel knows UTF-8
    except OSError:
        raise Invalid("report", "无法写入报告文件", "The report file cannot be written") from None


@contextmanager
def _of_rejects(path: Path | None) -> Iterator[RejectedRows | None]:
    """The file for rejected rows, a workbook if it is called .xlsx; only its owner may read it. It is not left behind
    where the whole import was refused.
    """
    if path is None:
        yield None
        return
    was_there = path.exists()
    try:
        with _rejects_at(path) as rows:
            yield rows
    except DomainError:
        if not was_there:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def _rejects_at(path: Path) -> Iterator[RejectedRows]:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        os.fchmod(descriptor, 0o600)  # one that was there before
    except OSError:
        raise Invalid("rejects", "无法写入该文件", "The file for rejected rows cannot be written") from None
    if path.suffix.casefold() == ".xlsx":
        with os.fdopen(descriptor, "wb") as content, closing(SheetRows(content)) as sheet:
            yield sheet
        return
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        yield CsvRows(file)


def _warn_of(rejects: Path) -> None:
    typer.echo(
        f"未写入的行在 {rejects}，其中有个人信息：仅所有者可读，改正并导入后请删除 / "
        f"The rejected rows are in {rejects}. It holds personal data: only its owner may read it; "
        "delete it when it is mended and imported",
        err=True,
    )


@contextmanager
def _broken_off() -> Iterator[None]:
    """Says, before the failure of a database is told, that it costs nothing to begin again."""
    try:
        yield
    except (psycopg.Error, KeyboardInterrupt):
        typer.echo(
            "导入中断：已写入的批次保留，再次导入即可继续，不会重复；也可以撤销，见 zhike import list / "
            "The import broke off: what was written stays. Import the file again to go on, nothing is written twice; "
            "or undo it, see `zhike import list`",
            err=True,
        )
        raise
