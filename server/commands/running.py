"""`zhike serve`, `zhike migrate`, `zhike seed`."""

import structlog
import typer

from server.commands.failures import told
from server.commands.options import Customers, DataDir, Port, refuse_production, settings_with
from server.composition import application
from server.demo.seeding import seed as seed_demo
from server.http.serving import listener, stop_on_sigterm
from server.http.serving import serve as serve_on
from server.http.telemetry import configure_logging
from server.installation import Installation, database, standing
from server.postgres.migrating import migrate as migrate_database


def serve(port: Port = None, data_dir: DataDir = None) -> None:
    """启动 API 服务 / Serve the API until told to stop."""
    with told():
        settings = settings_with(port=port, data_dir=data_dir)
        configure_logging(settings.log_level)
        stop_on_sigterm()
        listening = listener(settings.host, settings.port)
        with listening, standing(settings) as installation:
            tell_of_keys(installation)
            serve_on(application(installation), listening, _log_address, settings.connection_limits)


def _log_address(url: str) -> None:
    structlog.get_logger("zhike.serve").info("serving", url=url)


def migrate(data_dir: DataDir = None) -> None:
    """把数据库升级到当前版本 / Bring the database to this program's version."""
    with told():
        settings = settings_with(data_dir=data_dir)
        configure_logging(settings.log_level)
        with database(settings) as url:
            migrate_database(url)
        typer.echo("数据库已是当前版本 / The database stands at this version")


def seed(customers: Customers = 200, data_dir: DataDir = None) -> None:
    """写入演示数据 / Write the demo's data, what is missing of it."""
    with told():
        settings = settings_with(data_dir=data_dir)
        refuse_production(settings)
        with standing(settings) as installation:
            written = seed_demo(installation.url, installation.ring, customers)
        typer.echo(f"写入客户 {written} 个 / {written} customers written")


def tell_of_keys(installation: Installation) -> None:
    """Says where keys were made: whoever loses them loses the data."""
    if installation.made:
        typer.echo(
            f"已生成密钥文件 {installation.made}，请与数据分开备份 / "
            f"Made the keys {installation.made}; back them up apart from the data",
            err=True,
        )
