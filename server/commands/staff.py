"""`zhike staff`: who works here. The first administrator is made here; there is no default one."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from psycopg.errors import UniqueViolation
from sqlalchemy import select

from auth.door.session import ScopedSession, opened
from auth.entering.passwords import MOST, check_new, hashed
from auth.jobs import Job, SystemViewer
from domain.access_log import AuditEntry
from domain.errors import Duplicate, Invalid
from domain.identity import new_id
from domain.personal.text import person_name, plain
from domain.staff import Role, StaffMember, Team, login_name
from server.commands.failures import told
from server.commands.options import DataDir, settings_with
from server.commands.running import tell_of_keys
from server.installation import Installation, standing
from server.postgres.database import Database

commands = typer.Typer(no_args_is_help=True, help="员工 / Members of staff")


_ROLES = "|".join(role for role in Role if not role.is_machine)


@commands.callback()
def _staff() -> None:
    """员工 / Members of staff."""


@commands.command("add")
def add(
    login: Annotated[str, typer.Option(help="登录名，不分大小写 / Login; case does not count")],
    name: Annotated[str, typer.Option(help="姓名 / Name")],
    role: Annotated[Role, typer.Option(metavar=_ROLES, help="角色 / Role")],
    team: Annotated[str | None, typer.Option(help="所在组，没有则新建 / Team; a new one is made")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="从标准输入读取密码 / Read the password from standard input")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """新增可以登录的员工 / Add a member of staff who can sign in. The password is asked for, never an argument."""
    with told():
        if role.is_machine:
            raise Invalid("role", "合作方不是员工", "A partner is no member of staff")
        settings = settings_with(data_dir=data_dir)
        member = StaffMember(
            id=new_id(),
            login=login_name(login),
            name=person_name(name, field="name"),
            role=role,
            active=True,
            created_at=datetime.now(UTC),
        )
        grouped = plain(team, field="team", longest=100) if team else None
        password = _piped() if password_stdin else _typed()
        check_new(password, member.login)
        member.password_hash = hashed(password)
        with standing(settings) as installation:
            tell_of_keys(installation)
            asyncio.run(_written(installation, member, grouped))
    typer.echo(f"已新增员工 {member.login}（{role}） / {member.login} ({role}) can sign in now")


async def _written(installation: Installation, member: StaffMember, team: str | None) -> None:
    """Raises Duplicate where somebody has the login already."""
    database = Database(installation.url)
    try:
        async with opened(database.desks, SystemViewer(Job.STAFF), installation.ring) as session:
            member.team_id = await _team(session, team) if team else None
            session.add_all([member, _audited(member)])
    except UniqueViolation:
        raise Duplicate("login", "该登录名已被使用", "Somebody has this login already") from None
    finally:
        await database.close()


async def _team(session: ScopedSession, name: str) -> UUID:
    found = await session.scalar(select(Team).where(Team.name == name))
    if found is None:
        found = Team(id=new_id(), name=name)
        session.add(found)
    return found.id


def _audited(member: StaffMember) -> AuditEntry:
    return AuditEntry(
        at=member.created_at,
        viewer_kind=f"job:{Job.STAFF}",
        act="addStaff",
        subject_kind="staff",
        subject_id=member.id,
        outcome="DONE",
    )


def _piped() -> str:
    """One line; what follows it is not read."""
    try:
        return sys.stdin.buffer.readline(4 * MOST + 3).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Invalid("password", "密码须以 UTF-8 编码", "The password must be in UTF-8") from None


def _typed() -> str:
    if not sys.stdin.isatty():
        raise Invalid(
            "password",
            "没有终端可以询问密码；请用 --password-stdin",
            "There is no terminal to ask for the password at; use --password-stdin",
        )
    asked = typer.prompt("密码 / Password", hide_input=True, confirmation_prompt="再次输入 / Again", err=True)
    return str(asked)
