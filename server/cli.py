"""The command `zhike`."""

import typer

from server.commands import keys, printing, staff
from server.commands.backups import backup, restore
from server.commands.demo import demo
from server.commands.rescan import rescan
from server.commands.running import migrate, seed, serve
from server.commands.tokens import token
from server.importing import command as importing

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Tracebacks with local variables would show personal values.
    pretty_exceptions_enable=False,
    help="知客：只有一个 GraphQL API 的客户关系管理后端 / Zhike: a CRM backend with one GraphQL API",
)
for command in (demo, serve, migrate, seed, token, backup, restore, rescan, printing.sdl, printing.access):
    app.command()(command)
app.add_typer(importing.commands, name="import")
app.add_typer(keys.commands, name="keys")
app.add_typer(staff.commands, name="staff")


def main() -> None:
    """Entry point of the console script."""
    app()
