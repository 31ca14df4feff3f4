"""Options that several commands share, and the settings that they make."""

from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import WrongState
from server.settings import Environment, Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="内嵌数据库与密钥的目录 / Folder of the embedded database and of the keys"),
]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="监听端口，0 为任意空闲端口 / Port; 0 takes a free one")
]
Customers = Annotated[int, typer.Option(min=0, help="演示客户数量，至少 200 / How many demo customers, 200 at least")]


def settings_with(**given: Any) -> Settings:
    """The environment's settings, those given on the command line before them."""
    return Settings(**{name: value for name, value in given.items() if value is not None})


def settings_there(**given: Any) -> Settings:
    """The same, for commands that work on what is there: raises WrongState where no embedded database was ever made.

    Elsewhere than beside its data, such a command would make a second house and fill that.
    """
    settings = settings_with(**given)
    folder = settings.data_dir
    made = folder.is_dir() and any(inside.name.isdigit() for inside in folder.iterdir())
    if settings.database_url is None and not made:
        raise WrongState(
            "data_dir",
            f"{folder} 中没有数据库；请先运行 make run 或 zhike serve，或用 --data-dir、ZHIKE_DATABASE_URL 指明",
            f"There is no database in {folder}; run make run or zhike serve first, or name one with --data-dir",
        )
    return settings


def refuse_production(settings: Settings) -> None:
    """Raises WrongState in production: for commands that only belong on a developer's machine."""
    if settings.environment is Environment.PRODUCTION:
        raise WrongState(
            "environment",
            "该命令仅用于开发环境（ZHIKE_ENVIRONMENT=development）",
            "This command is for development only (ZHIKE_ENVIRONMENT=development)",
        )
