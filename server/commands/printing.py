"""`zhike sdl` and `zhike access`: what the code says, printed."""

from typing import Annotated

import typer

from auth.report import document, matrix
from schema.build import build
from schema.sdl import printed


def sdl() -> None:
    """输出 GraphQL SDL / Print the schema."""
    typer.echo(printed(build()), nl=False)


def access(
    as_document: Annotated[bool, typer.Option("--document", help="输出 docs/access.md / Print the document")] = False,
) -> None:
    """输出访问矩阵 / Print who may see and do what."""
    typer.echo(document() if as_document else matrix(), nl=False)
