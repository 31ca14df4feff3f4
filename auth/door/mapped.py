"""SQLAlchemy's session as the scoped session uses it: for select() over mapped classes, within the viewer's scope."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Result, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.util import identity_key

from auth.door.scope import AskerKind, scope_of
from domain.base import Base


class Unscoped(Exception):
    """A way to rows that the scoped session does not give. A mistake of the program, never of a caller."""


class MappedSession(Session):
    """Reads within the scope of one kind of asker. What is changed in it, the scoped session writes."""

    def __init__(self, *, kind: AskerKind, binds_of_scope: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self.kind, self.binds_of_scope = kind, binds_of_scope

    def found(self, model: type[Base], id_: Any) -> Base | None:
        """A row that was read before."""
        row: Base | None = self.identity_map.get(identity_key(model, id_))
        return None if row is None or inspect(row).expired else row

    def changed(self) -> list[Base]:
        """The rows that were changed since."""
        return list(self.dirty)


@event.listens_for(MappedSession, "do_orm_execute")
def _scope_statement(state: ORMExecuteState) -> Result[Any] | None:
    if not state.is_select or not state.is_orm_statement or state.is_from_statement:
        raise Unscoped("The scoped session runs select() over mapped classes; to write, change or add objects")
    session = state.session
    assert isinstance(session, MappedSession)
    if session.binds_of_scope:
        state.parameters = state.parameters or {}
    scoped = state.statement.options(*scope_of(session.kind))
    return state.invoke_statement(scoped, params=dict(session.binds_of_scope) or None)


@event.listens_for(MappedSession, "before_flush")
def _refuse(_session: MappedSession, _context: Any, _rows: Any) -> None:
    raise Unscoped("Rows are written by the scoped session")
