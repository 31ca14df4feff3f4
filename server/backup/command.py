"""`zhike backup` and `zhike restore`: the command line around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from pydantic import ValidationError
from rich.console import Console

from auth.keys import KeysRefused, replace_file
from domain.errors import DomainError
from server.backup.programs import BackupError
from server.backup.restoring import restore as restore_files
from server.backup.restoring import ring_in
from server.backup.taking import take
from server.embedded import EmbeddedPostgresError, running
from server.importing.target import target
from server.settings import Settings

FAILED = 2
_told = Console(stderr=True)

Data = Annotated[Path, typer.Option("--data", help="数据文件 / File for the data")]
Keys = Annotated[Path, typer.Option("--keys", help="密钥文件，请与数据分开保管 / File for the keys; keep it elsewhere")]
Folder = Annotated[Path | None, typer.Option("--data-dir", help="内嵌数据库的目录 / Folder of the embedded database")]


def backup(data: Data, keys: Keys, data_dir: Folder = None) -> None:
    """备份到两个文件：数据与密钥 / Back up into two files: the data, and the keys that open it."""
    with _failures_told(), target(_settings(data_dir)) as (url, ring), _told.status("备份 / backing up") as status:
        taken = take(url, ring, data, keys, lambda part: status.update(f"备份 / backing up: {part}"))
    _told.print(f"数据 / data: {data} ({taken.bytes:,} bytes)")
    _told.print(f"密钥 / keys: {keys} ({taken.persons:,} 人 / persons)")
    _told.print("请将密钥文件与数据文件分开保管 / Keep the keys file apart from the data file")


def restore(data: Data, keys: Keys, data_dir: Folder = None) -> None:
    """恢复到空数据库 / Restore into an empty database."""
    settings = _settings(data_dir)
    with _failures_told(), _empty_target(settings) as url:
        _place_ring(settings, keys)
        with _told.status("恢复 / restoring") as status:
            done = restore_files(url, data, keys, lambda part: status.update(f"恢复 / restoring: {part}"))
    _told.print(f"客户 / customers: {done.customers:,}")
    if done.without_key:
        _told.print(
            f"其中 {done.without_key:,} 人的密钥已销毁，其个人信息不可恢复 / "
            f"The keys of {done.without_key:,} of them are destroyed: their personal data is gone"
        )


@contextmanager
def _empty_target(settings: Settings) -> Iterator[str]:
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    with running(settings.data_dir) as server:
        yield server.url()


def _place_ring(settings: Settings, keys: Path) -> None:
    """The embedded default finds its ring beside its data; elsewhere the operator has set it already."""
    ring = ring_in(keys)
    path = settings.data_dir / "keys.json"
    if settings.database_url or settings.keys or settings.keys_file or path.exists():
        return
    replace_file(path, ring)


def _settings(data_dir: Path | None) -> Settings:
    chosen: dict[str, Any] = {"data_dir": data_dir} if data_dir else {}
    return Settings(**chosen)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except (BackupError, EmbeddedPostgresError, KeysRefused, DomainError) as failure:
        _told.print(str(failure), style="red", markup=False)
        raise typer.Exit(FAILED) from None
    except ValidationError as failure:
        _told.print("; ".join(error["msg"] for error in failure.errors()), style="red", markup=False)
        raise typer.Exit(FAILED) from None
    except psycopg.Error as failure:
        said = f"数据库拒绝了连接或语句（{failure.sqlstate}）/ The database refused ({failure.sqlstate})"
        _told.print(said, style="red", markup=False)
        raise typer.Exit(FAILED) from None
