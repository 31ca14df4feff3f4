"""The viewer's own answer: who they are and what they see of each field. Only `staffMember` reads the database."""

from typing import Any

from auth.access import Sight, Varying
from auth.policy import PAGE
from auth.rows import reaches_none, seen
from auth.viewer import Viewer, ViewerKind
from domain.base import Base
from resolvers.nouns import noun_of
from resolvers.reading.payload import picked
from resolvers.reading.roots import Making, Root, single_level
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request
from resolvers.staff import STAFF


def viewer_root(field: Field, making: Making) -> Root:
    """`viewer`. Each `staffMember` selected below it is one statement, under the viewer's own rights."""
    selected = field.of("Viewer")
    levels = {
        inner.key: single_level(STAFF, inner.of(STAFF.name), making)
        for inner in selected
        if inner.name == "staff_member"
    }

    def judge(request: Request) -> int:
        return 1 + sum(level.judge_one(request) for level in levels.values())

    async def answer(request: Request) -> Any:
        members = {key: await level.single(request, request.viewer.id) for key, level in levels.items()}
        plain = picked(facts(request.viewer), tuple(inner for inner in selected if inner.key not in members))
        return {inner.key: members[inner.key] if inner.key in members else plain[inner.key] for inner in selected}

    return Root(field, judge, answer)


def facts(viewer: Viewer) -> dict[str, Any]:
    """The viewer as the SDL's type has it, but for `staffMember`."""
    return {
        "__typename": "Viewer",
        "id": viewer.own_id,
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
