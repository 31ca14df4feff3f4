"""`zhike keys`: making and rotating the key ring."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn

from auth.sealing.keys import KeyRing, KeysRefused, Suite, Use, create_file, load, replace_file
from server.commands.failures import told
from server.commands.options import DataDir, settings_there
from server.installation import standing
from server.reindexing import reindex as reindex_names

commands = typer.Typer(no_args_is_help=True, help="密钥 / Keys")

File = Annotated[Path, typer.Argument(help="密钥文件 / The key file (ZHIKE_KEYS_FILE)")]


@commands.callback()
def _keys() -> None:
    """密钥 / Keys."""


@commands.command("create")
def create(
    file: Annotated[Path | None, typer.Argument(help="密钥文件；省略则输出文本 / Key file; without it, print")] = None,
    crypto: Annotated[Suite, typer.Option(help="密码套件 / Ciphers")] = Suite.INTL,
) -> None:
    """生成密钥 / Make a key ring: into a new file that only its owner reads, or as text for ZHIKE_KEYS."""
    if file is None:
        typer.echo(KeyRing.generate(crypto).dump())
        return
    with told():
        try:
            create_file(file, crypto)
        except FileExistsError:
            raise KeysRefused(
                f"{file} 已存在；更换密钥请用 zhike keys rotate",
                f"{file} exists; to change keys use `zhike keys rotate`",
            ) from None
        except OSError:
            raise KeysRefused(f"无法写入 {file}", f"{file} cannot be written") from None
    typer.echo(f"已写入 {file}，请与数据分开备份 / Written; back it up apart from the data", err=True)


@commands.command("rotate")
def rotate(
    file: File,
    use: Annotated[list[Use] | None, typer.Option(help="更换哪一类，默认全部 / Which keys; all by default")] = None,
) -> None:
    """更换密钥，旧密钥保留以便解密 / Put new current keys before the old ones, which still open what they sealed."""
    with told():
        replace_file(file, load(None, file).rotated(*(use or [])))
    typer.echo("已更换；请重启所有进程 / Rotated; restart all processes", err=True)
    if not use or Use.GRAM in use:
        typer.echo("然后运行 zhike keys reindex / Then run `zhike keys reindex`", err=True)


@commands.command("reindex")
def reindex(data_dir: DataDir = None) -> None:
    """重建姓名索引 / Index all names under the current key; searches work before and meanwhile."""
    with told(), standing(settings_there(data_dir=data_dir)) as installation:
        bar = Progress(TextColumn("{task.description}"), MofNCompleteColumn(), console=Console(stderr=True))
        with bar:
            task = bar.add_task("姓名 / Names", total=None)
            changed = reindex_names(installation.url, installation.ring, lambda n: bar.update(task, completed=n))
        typer.echo(f"更新姓名索引 {changed} 条 / {changed} names indexed anew")
