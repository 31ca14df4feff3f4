"""One SQL statement of a plan: its text, and where each of its parameters comes from. What a request brings is bound,
and never part of a plan.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam
from sqlalchemy.sql.type_api import TypeEngine

from auth.door.statement_text import text_of
from auth.rows import VIEWER_ID, VIEWER_TEAM
from auth.sealing.cursors import CursorSealer
from auth.sealing.seals import Digests, UnsealOne
from auth.viewer import Viewer

Row = tuple[Any, ...]
Execute = Callable[[bytes, Sequence[Any]], Awaitable[list[Row]]]


class Tools(NamedTuple):
    """What a plan needs of the keys: to open names, to digest search texts, to seal cursors."""

    unseal: UnsealOne
    digests: Digests
    cursors: CursorSealer


class Request(NamedTuple):
    """All that a plan is run with and that is not part of it. `values` are the arguments by slot."""

    viewer: Viewer
    values: Sequence[Any]
    execute: Execute
    at: datetime
    keys: Sequence[UUID] | None = ()
    opens: int = 0
    """How many sealed texts each search of the request may open."""

    def after(self, slots: int) -> "Request":
        """The same for a root before whose own values there are so many."""
        return Request(self.viewer, self.values[slots:], self.execute, self.at, self.keys, self.opens)


ReadBind = Callable[[Request], Any]


class Binds:
    """The parameters of one statement in the making, each with its reader."""

    def __init__(self) -> None:
        self.readers: dict[str, ReadBind] = {
            VIEWER_ID: lambda request: request.viewer.id,
            VIEWER_TEAM: lambda request: request.viewer.team_id,
            "keys": lambda request: request.keys,
        }

    def new(self, read: ReadBind, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """A parameter that every request fills anew."""
        name = f"p{len(self.readers)}"
        self.readers[name] = read
        return bindparam(name, type_=type_)


def plain(made: Select[Any]) -> Select[Any]:
    """The same statement without the marks of the ORM, which would have it worked through once more for entities."""
    made._propagate_attrs = {}  # noqa: SLF001 - no other way says it
    return made


class Statement:
    """Compiled once, run for every request. Raises KeyError when made with a bind that has no reader."""

    def __init__(self, made: Select[Any], binds: Binds) -> None:
        self.sql, names = text_of(plain(made))
        self._readers = [binds.readers[name] for name in names]

    async def rows(self, request: Request) -> list[Row]:
        """Runs it for one request."""
        return await request.execute(self.sql, [read(request) for read in self._readers])
