"""`zhike import`: the command line around an import."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError

from auth.keys import KeysRefused
from domain.errors import DomainError, Invalid
from domain.purpose import LegalBasis
from server.embedded import EmbeddedPostgresError
from server.importing import report as reports
from server.importing.customers import Wishes, import_customers
from server.importing.target import target
from server.settings import Settings

commands = typer.Typer(no_args_is_help=True, help="导入其他系统的导出文件 / Load what another system exported")

SOME_REJECTED, NOTHING_READ = 1, 2


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
    data_dir: Annotated[Path | None, typer.Option(help="内嵌数据库的目录 / Folder of the embedded database")] = None,
    report: Annotated[Path | None, typer.Option(help="把全部说明写入 CSV / Write all findings to a CSV file")] = None,
    most: Annotated[int, typer.Option("--list", min=0, help="每类最多列出几行 / Lines printed per list")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON 报告 / Print the report as JSON")] = False,
) -> None:
    """导入客户，可重复执行 / Load customers; running it again writes nothing twice.

    Ends with 0 when every row is there, 1 when some were rejected, 2 when nothing could be read or the database failed.
    """
    with _failures_told():
        wishes = Wishes(basis, source, encoding)
        if report:
            _refuse_the_export_itself(report, file)
            _write(report, "")  # before the work: a report that cannot be written should not cost an import
        chosen: dict[str, Any] = {"data_dir": data_dir} if data_dir else {}
        done = _imported(file, wishes, Settings(**chosen))
        if report:
            _write(report, reports.table(done))
    typer.echo(reports.json(done).decode() if as_json else reports.text(done, most), nl=as_json)
    raise typer.Exit(SOME_REJECTED if done.rejected else 0)


def _imported(file: Path, wishes: Wishes, settings: Settings) -> reports.Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with (
        target(settings) as (url, ring),
        Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress,
    ):
        task = progress.add_task("导入 / Importing", total=file.stat().st_size if file.is_file() else None)
        return import_customers(file, wishes, url, ring, lambda read: progress.update(task, completed=read))


def _refuse_the_export_itself(report: Path, file: Path) -> None:
    if report.exists() and file.exists() and report.samefile(file):
        raise Invalid("report", "报告不能写入导入的文件本身", "The report would overwrite the export itself")


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8-sig", newline="")  # with the mark by which Excel knows UTF-8
    except OSError:
        raise Invalid("report", "无法写入报告文件", "The report file cannot be written") from None


@contextmanager
def _failures_told() -> Iterator[None]:
    """Whatever ends the import ends it with a sentence: texts of the database quote rows, and are not shown."""
    try:
        yield
    except (DomainError, KeysRefused, EmbeddedPostgresError, ValidationError) as refusal:
        typer.echo(str(refusal), err=True)
    except (psycopg.Error, DBAPIError) as failure:
        state = getattr(failure.orig if isinstance(failure, DBAPIError) else failure, "sqlstate", None)
        typer.echo(
            f"数据库出错（{state or '无法连接'}），已写入的批次保留；排除后再次导入即可，不会重复 / "
            f"The database failed ({state or 'no connection'}). Batches that were written stay; "
            "import the file again when it is back, nothing is written twice",
            err=True,
        )
    else:
        return
    raise typer.Exit(NOTHING_READ)
