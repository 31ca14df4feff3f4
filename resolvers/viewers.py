"""The viewer's own answer: who they are and what they see of each field. Read from the page, not from the database."""

from typing import Any

from auth.access import Sight, Varying
from auth.policy import PAGE
from auth.rows import reaches_none, seen
from auth.viewer import Viewer, ViewerKind
from domain.base import Base
from resolvers.nouns import noun_of
from resolvers.reading.payload import picked
from resolvers.reading.roots import Making, Root
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request


def viewer_root(field: Field, making: Making) -> Root:
    """`viewer`, without a statement."""

    async def answer(request: Request) -> Any:
        return picked(facts(request.viewer), field.of("Viewer"))

    return Root(field, lambda request: 1, answer)


def facts(viewer: Viewer) -> dict[str, Any]:
    """The viewer as the SDL's type has it."""
    return {
        "__typename": "Viewer",
        "id": viewer.public_id,
        "role": viewer.role.value,
        "name": viewer.name,
        "grants": sorted(grant.value for grant in viewer.grants),
        "access": matrix(viewer.kind),
    }


def matrix(kind: ViewerKind) -> list[dict[str, Any]]:
    """What this kind of viewer sees of each field. Where it varies from row to row, the duller sight is told."""
    return [
        {
            "__typename": "FieldAccess",
            "type": noun_of(model).name,
            "field": noun_of(model).label(field),
            "sight": told(model, field, kind).value,
        }
        for model, page in PAGE.items()
        for field in page.fields
    ]


def told(model: type[Base], field: str, kind: ViewerKind) -> Sight:
    """One word for a cell."""
    if reaches_none(model, kind):
        return Sight.HIDDEN
    sight = seen(model, field, kind)
    return Sight.MASKED if isinstance(sight, Varying) else sight
