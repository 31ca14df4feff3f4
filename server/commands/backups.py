"""`zhike backup` and `zhike restore`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from auth.sealing.keys import replace_file
from server.backup.restoring import restore as restore_files
from server.backup.restoring import ring_in
from server.backup.taking import take
from server.commands.failures import told
from server.commands.options import DataDir, settings_there, settings_with
from server.installation import database, key_file, standing
from server.postgres.roles import grant_serving
from server.settings import Settings

_told = Console(stderr=True, highlight=False)

Data = Annotated[Path, typer.Option("--data", help="数据文件 / File of the data")]
Keys = Annotated[Path, typer.Option("--keys", help="密钥文件，请与数据分开保管 / File of the keys; keep it elsewhere")]


def backup(data: Data, keys: Keys, data_dir: DataDir = None) -> None:
    """备份到两个新文件：数据与密钥 / Back up into two new files: the data, and the keys that open it."""
    with told(), standing(settings_there(data_dir=data_dir)) as here, _told.status("备份 / backing up") as status:
        done = take(here.upkeep_url, here.ring, data, keys, lambda part: status.update(f"备份 / backing up: {part}"))
    _told.print(f"数据 / data: {data} ({done.bytes:,} bytes)")
    _told.print(f"密钥 / keys: {keys} ({done.persons:,} 人 / persons)")
    _told.print("请将密钥文件与数据文件分开保管 / Keep the keys file apart from the data file")


def restore(data: Data, keys: Keys, data_dir: DataDir = None) -> None:
    """恢复到空数据库 / Restore into an empty database."""
    with told():
        settings = settings_with(data_dir=data_dir)
        with database(settings) as urls, _told.status("恢复 / restoring") as status:
            done = restore_files(urls.owner, data, keys, lambda part: status.update(f"恢复 / restoring: {part}"))
            grant_serving(urls)
        _place_ring(settings, keys)
    _told.print(f"客户 / customers: {done.customers:,}")
    if done.without_key:
        _told.print(
            f"其中 {done.without_key:,} 人的密钥已销毁，其个人信息不可恢复 / "
            f"The keys of {done.without_key:,} of them are destroyed: their personal data is gone"
        )


def _place_ring(settings: Settings, keys: Path) -> None:
    """The embedded default finds its ring beside its data; elsewhere the operator has set it already."""
    path = key_file(settings)
    if not (settings.database_url or settings.keys or path.exists()):
        replace_file(path, ring_in(keys))
