"""`zhike token`: access tokens for trying the API."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

import psycopg
import typer

from auth.entering.tokens import mint
from auth.sealing.keys import KeyRing
from auth.viewer import Grant
from domain.errors import Invalid, NotFound, WrongState
from domain.identity import public_id
from domain.partner import Partner
from domain.staff import StaffMember
from server.commands.failures import told
from server.commands.options import DataDir, settings_there
from server.installation import database as database_of
from server.installation import keys
from server.settings import Environment, Settings

CLIENT = "zhike-cli"


def token(
    login: Annotated[str | None, typer.Option(help="员工登录名 / Login of a member of staff")] = None,
    partner: Annotated[str | None, typer.Option(help="合作方名称 / Name of a partner")] = None,
    grant: Annotated[
        list[Grant] | None, typer.Option(help="合作方令牌的授权，可重复 / Grants of a partner's token")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 30, help="有效小时数 / How long it is valid")] = 1.0,
    even_in_production: Annotated[
        bool,
        typer.Option("--even-in-production", help="在生产环境也签发；跳过登录，须另行记录 / Sign in production too"),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """签发开发用访问令牌 / Print an access token for development."""
    with told():
        settings = settings_there(data_dir=data_dir)
        if settings.environment is Environment.PRODUCTION and not even_in_production:
            raise WrongState(
                "environment",
                "生产环境的令牌由登录签发；确需跳过登录时加 --even-in-production",
                "In production tokens come from signing in; to pass that by, say --even-in-production",
            )
        with database_of(settings) as urls, psycopg.connect(urls.serving) as connection:
            subject = subject_of(connection, login, partner)
        typer.echo(signed(keys(settings)[0], settings, subject, grant or [], timedelta(hours=hours)))


def subject_of(connection: psycopg.Connection[Any], login: str | None, partner: str | None) -> str:
    """The public id of this member of staff or partner. Raises NotFound, and Invalid unless one of the two is named."""
    if (login is None) == (partner is None):
        raise Invalid("login", "请指定 --login 或 --partner 之一", "Name either --login or --partner")
    asked, prefix = (
        ("SELECT id FROM staff_member WHERE login = %s AND active", StaffMember.PREFIX)
        if login
        else ("SELECT id FROM partner WHERE name = %s AND active", Partner.PREFIX)
    )
    found = connection.execute(asked, [login or partner]).fetchone()
    if found is None:
        raise NotFound("login", "没有这样的在职员工或合作方", "There is no such active member of staff or partner")
    return public_id(prefix, found[0])


def signed(ring: KeyRing, settings: Settings, subject: str, grants: Iterable[Grant], lifetime: timedelta) -> str:
    """An access token of this installation."""
    return mint(ring, subject, CLIENT, grants, lifetime, issuer=settings.issuer, audience=settings.audience)
