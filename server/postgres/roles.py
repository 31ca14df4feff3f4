"""Two roles of the database: the owner, who migrates, and the role that serves, which may do what requests need.

The role that serves owns nothing: it cannot change tables, lift triggers or rewrite what happened, whatever a session
of it sets. `zhike migrate` makes it and gives it its privileges anew each time.
"""

import os
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import DuplicateObject, InsufficientPrivilege, UniqueViolation
from sqlalchemy import Table

from domain.errors import WrongState
from domain.tables import Base

SERVING_ROLE = "zhike_app"
"""The role that serves on the embedded server."""

READ, CHANGE, APPEND, WRITE = "SELECT", "SELECT, UPDATE", "SELECT, INSERT", "SELECT, INSERT, UPDATE, DELETE"

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('zhike migrations'))"

OURS = """
SELECT relname, relkind FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'S')
  AND pg_has_role(current_user, relowner, 'USAGE')
"""

# Superusers are members of every role.
TOO_MUCH = """
SELECT coalesce(bool_or(
    pg_has_role(current_user, relowner, 'MEMBER')
    OR relname = ANY(%s) AND has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE')
), false)
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
"""


class DatabaseUrls(NamedTuple):
    """Both ways to one database, as libpq URLs. They are the same where nobody made a role for serving."""

    serving: str
    owner: str


def privileges(table: Table) -> str:
    """What the role that serves may do with a table: reference data is read, or changed where acts change it; what
    happened is added to.
    """
    if table.dialect_options["postgresql"]["partition_by"]:
        return APPEND
    if table.info.get("changeable"):
        return CHANGE
    return READ if table.info.get("register") else WRITE


def grant_serving(urls: DatabaseUrls) -> None:
    """Makes the role of the serving URL, if it is not there, and gives it exactly its privileges.

    Nothing happens where both URLs name one role. Raises WrongState where the owner may not make roles.
    """
    account = conninfo_to_dict(urls.serving)
    role = str(account.get("user") or os.environ.get("PGUSER") or "")
    with psycopg.connect(urls.owner) as connection:
        if role in {"", connection.info.user}:
            return
        connection.execute(ONE_AT_A_TIME)
        _make_role(connection, role, account.get("password"))
        _grant(connection, sql.Identifier(role))


def may_do_too_much(url: str) -> bool:
    """Whether the role of the URL owns tables, directly or through another role, or may rewrite what happened."""
    append_only = [table.name for table in Base.metadata.tables.values() if privileges(table) == APPEND]
    with psycopg.connect(url) as connection:
        row = connection.execute(TOO_MUCH, [append_only]).fetchone()
    return bool(row and row[0])


def refuse_owner(url: str) -> None:
    """Raises WrongState for a role that may do more than serving needs."""
    if may_do_too_much(url):
        raise WrongState(
            "database",
            "生产环境不能以数据表所有者或超级用户身份提供服务：请将 ZHIKE_MIGRATION_DATABASE_URL 设为所有者的 URL，"
            "将 ZHIKE_DATABASE_URL 设为另一个角色的 URL，然后运行 zhike migrate",
            "In production the server does not run as the owner of the tables, a member of it or a superuser: set "
            "ZHIKE_MIGRATION_DATABASE_URL to the owner's URL and ZHIKE_DATABASE_URL to that of another role, and run "
            "`zhike migrate`, which makes the role",
        )


def _make_role(connection: psycopg.Connection[Any], role: str, password: object) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        return
    statement = sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role))
    if password:
        # Hashed here: statements may stand in the server's log.
        hashed = connection.pgconn.encrypt_password(str(password).encode(), role.encode(), b"scram-sha-256")
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(hashed.decode()))
    try:
        with connection.transaction():
            connection.execute(statement)
    except (DuplicateObject, UniqueViolation):
        pass  # made a moment ago, for another database of the cluster
    except InsufficientPrivilege:
        raise WrongState(
            "database",
            "ZHIKE_MIGRATION_DATABASE_URL 的角色无权创建角色：请由管理员先创建 ZHIKE_DATABASE_URL 中的角色"
            "（CREATE ROLE … LOGIN PASSWORD …），再运行 zhike migrate",
            "The role of ZHIKE_MIGRATION_DATABASE_URL may not make roles: let an administrator make the role of "
            "ZHIKE_DATABASE_URL (CREATE ROLE … LOGIN PASSWORD …), then run `zhike migrate` again",
        ) from None


def _grant(connection: psycopg.Connection[Any], role: sql.Identifier) -> None:
    mapped = {table.name: privileges(table) for table in Base.metadata.tables.values()}
    schema = connection.execute("SELECT current_schema()").fetchone()
    assert schema is not None
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema[0]), role))
    for name, kind in connection.execute(OURS).fetchall():
        what = sql.SQL("SEQUENCE {}" if kind == "S" else "TABLE {}").format(sql.Identifier(name))
        given = sql.SQL("USAGE, SELECT" if kind == "S" else mapped.get(name, READ))
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(what, role))
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(given, what, role))
