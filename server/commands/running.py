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
from server.postgres.migrating import migrate_for_serving
from server.postgres.roles import may_do_too_much, refuse_owner
from server.settings import Environment


def serve(port: Port = None, data_dir: DataDir = None) -> None:
    """启动 API 服务 / Serve the API until told to stop."""
    with told():
        settings = settings_with(port=port, data_dir=data_dir)
        configure_logging(settings.log_level)
        stop_on_sigterm()
        listening = listener(settings.host, settings.port)
        with listening, standing(settings) as installation:
            tell_of_keys(installation)
            _judge_role(installation)
            serve_on(application(installation), listening, _log_address, settings.connection_limits)


def _log_address(url: str) -> None:
    structlog.get_logger("zhike.serve").info("serving", url=url)


def migrate(data_dir: DataDir = None) -> None:
    """把数据库升级到当前版本 / Bring the database to this program's version."""
    with told():
        settings = settings_with(data_dir=data_dir)
        configure_logging(settings.log_level)
        with database(settings) as urls:
            migrate_for_serving(urls)
        typer.echo("数据库已是当前版本 / The database stands at this version")


def seed(customers: Customers = 200, data_dir: DataDir = None) -> None:
    """写入演示数据 / Write the demo's data, what is missing of it."""
    with told():
        settings = settings_with(data_dir=data_dir)
        refuse_production(settings)
        with standing(settings) as installation:
            written = seed_demo(installation.upkeep_url, installation.ring, customers)
        typer.echo(f"写入客户 {written} 个 / {written} customers written")


def _judge_role(installation: Installation) -> None:
    """Raises WrongState where production would serve as the owner; elsewhere a line of the log tells of it."""
    if installation.settings.environment is Environment.PRODUCTION:
        refuse_owner(installation.url)
    elif may_do_too_much(installation.url):
        advice = "set ZHIKE_MIGRATION_DATABASE_URL; production refuses this"
        structlog.get_logger("zhike.serve").warning("serving_as_owner", advice=advice)


def tell_of_keys(installation: Installation) -> None:
    """Says where keys were made: whoever loses them loses the data."""
    if installation.made:
        typer.echo(
            f"已生成密钥文件 {installation.made}，请与数据分开备份 / "
            f"Made the keys {installation.made}; back them up apart from the data",
            err=True,
        )
