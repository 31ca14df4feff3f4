"""`zhike demo`: a database of its own, the invented house in it, a server before it, tokens to try."""

from datetime import timedelta
from typing import Annotated, NamedTuple

import orjson
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from auth.viewer import Grant
from server.commands.failures import told
from server.commands.options import Customers, DataDir, Port, refuse_production, settings_with
from server.commands.running import tell_of_keys
from server.commands.tokens import signed, subject_of
from server.composition import application
from server.demo.house import PARTNER, SIGN_INS
from server.demo.passwords import DEMO_PASSWORD, give_passwords
from server.demo.seeding import seed
from server.http.serving import listener, serve, stop_on_sigterm
from server.http.telemetry import configure_logging
from server.installation import Installation, standing
from server.postgres.migrating import migrate_for_serving

LIFETIME = timedelta(hours=24)
PARTNER_GRANTS = (Grant.CUSTOMERS, Grant.NAMES, Grant.CONTACTS, Grant.PROFILE, Grant.TICKETS)

SEES = {
    "rep": "销售：自己的客户 / own customers",
    "other_rep": "销售：自己的客户 / own customers",
    "support": "客服：本组或本人工单的客户（含近 90 天关闭的），来电客户一小时 / "
    "customers with a ticket of the team or theirs, closed ones for 90 days, callers for an hour",
    "manager": "经理：全部客户 / all customers",
    "privacy_officer": "个人信息保护负责人：访问记录 / the access log",
    "admin": "管理员：员工，不含客户 / staff, no customers",
    "partner": f"合作方 {PARTNER}：单独同意的客户 / customers who consented",
}


class SignIn(NamedTuple):
    """Somebody of the demo, and a token to ask as them."""

    login: str
    token: str


def demo(
    port: Port = None,
    customers: Customers = 200,
    data_dir: DataDir = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="就绪后输出一行 JSON / Print one JSON line when ready")
    ] = False,
) -> None:
    """启动演示：内嵌数据库、演示数据、API 和令牌 / Run the demo: database, data, API and tokens."""
    with told():
        settings = settings_with(port=port, data_dir=data_dir)
        refuse_production(settings)
        configure_logging(settings.log_level)
        stop_on_sigterm()
        listener(settings.host, settings.port).close()  # rather now than after the seeding
        with standing(settings, migrate_for_serving) as installation:
            tell_of_keys(installation)
            seed(installation.upkeep_url, installation.ring, customers)
            give_passwords(installation.url)
            listening = listener(settings.host, settings.port)
            show = _print_json if as_json else _print_table
            with listening:
                serve(
                    application(installation),
                    listening,
                    lambda url: show(url, installation, sign_ins(installation)),
                    settings.connection_limits,
                )


def sign_ins(installation: Installation) -> list[SignIn]:
    """Six members of staff and the partner, each with a token for a day."""
    with psycopg.connect(installation.url) as connection:
        subjects = {login: subject_of(connection, login, None) for login in SIGN_INS}
        subjects["partner"] = subject_of(connection, None, PARTNER)
    return [SignIn(login, _token(installation, login, subject)) for login, subject in subjects.items()]


def _token(installation: Installation, login: str, subject: str) -> str:
    grants = PARTNER_GRANTS if login == "partner" else ()
    return signed(installation.ring, installation.settings, subject, grants, LIFETIME)


def _print_json(url: str, installation: Installation, people: list[SignIn]) -> None:
    line = {"url": url, "database": installation.url, "tokens": {person.login: person.token for person in people}}
    typer.echo(orjson.dumps(line).decode())


def _print_table(url: str, _installation: Installation, people: list[SignIn]) -> None:
    console = Console()
    table = Table("登录名 / login", "看到什么 / sees", title=f"知客 Zhike  {url}")
    for person in people:
        table.add_row(person.login, SEES[person.login])
    console.print(table)
    console.print(f"员工密码，用于 signIn / Password of the staff, for signIn: {DEMO_PASSWORD}", highlight=False)
    console.print("令牌，24 小时有效 / Tokens, valid for 24 hours (Authorization: Bearer …)")
    for person in people:
        console.print(f"{person.login}\n{person.token}\n", soft_wrap=True, highlight=False, markup=False)
    console.print("Ctrl-C 停止 / stops", highlight=False)
