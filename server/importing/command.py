"""`zhike import`: the command line around an import."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from domain.errors import Invalid
from domain.purpose import LegalBasis
from server.commands.failures import told
from server.commands.options import DataDir, settings_with
from server.commands.running import tell_of_keys
from server.importing import report as reports
from server.importing.customers import Wishes, import_customers
from server.installation import Installation, standing

commands = typer.Typer(no_args_is_help=True, help="导入其他系统的导出文件 / Load what another system exported")

SOME_REJECTED = 1


@commands.callback()
def _import() -> None:
    """导入其他系统的导出文件 / Load what another system exported."""


@commands.command("customers")
def customers(
    file: Annotated[Path, typer.Argument(help="客户导出文件（CSV 文本） / The export: CSV, in any encoding")],
    basis: Annotated[
        LegalBasis, typer.Option(help="处理个人信息的法律依据 / Legal basis of handling (PIPL art. 13)")
    ] = LegalBasis.CONTRACT,
    source: Annotated[str | None, typer.Option(help="没有来源的行的来源 / Source of rows that name none")] = None,
    encoding: Annotated[str | None, typer.Option(help="编码，默认自动识别 / Encoding, found by itself")] = None,
    data_dir: DataDir = None,
    report: Annotated[Path | None, typer.Option(help="把全部说明写入 CSV / Write all findings to a CSV file")] = None,
    most: Annotated[int, typer.Option("--list", min=0, help="每类最多列出几行 / Lines printed per list")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON 报告 / Print the report as JSON")] = False,
) -> None:
    """导入客户，可重复执行 / Load customers; running it again writes nothing twice.

    Ends with 0 when every row is there, 1 when some were rejected, 2 when nothing could be read or the database failed.
    """
    with told():
        wishes = Wishes(basis, source, encoding)
        if report:
            _refuse_the_export_itself(report, file)
            _write(report, "")  # before the work: a report that cannot be written should not cost an import
        with standing(settings_with(data_dir=data_dir)) as installation:
            tell_of_keys(installation)
            done = _imported(file, wishes, installation)
        if report:
            _write(report, reports.table(done))
    typer.echo(reports.json(done).decode() if as_json else reports.text(done, most), nl=as_json)
    raise typer.Exit(SOME_REJECTED if done.rejected else 0)


def _imported(file: Path, wishes: Wishes, to: Installation) -> reports.Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    screen = Console(stderr=True)
    with _broken_off(), Progress(*columns, console=screen, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("导入 / Importing", total=file.stat().st_size if file.is_file() else None)
        return import_customers(file, wishes, to.url, to.ring, lambda read: progress.update(task, completed=read))


def _refuse_the_export_itself(report: Path, file: Path) -> None:
    if report.exists() and file.exists() and report.samefile(file):
        raise Invalid("report", "报告不能写入导入的文件本身", "The report would overwrite the export itself")


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8-sig", newline="")  # with the mark by which Excel knows UTF-8
    except OSError:
        raise Invalid("report", "无法写入报告文件", "The report file cannot be written") from None


@contextmanager
def _broken_off() -> Iterator[None]:
    """Says, before the failure of a database is told, that it costs nothing to begin again."""
    try:
        yield
    except psycopg.Error:
        typer.echo(
            "导入中断：已写入的批次保留，再次导入即可继续，不会重复 / "
            "The import broke off: batches that were written stay; import the file again, nothing is written twice",
            err=True,
        )
        raise
