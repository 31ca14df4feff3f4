"""From `signIn` and `refreshSession` to a session: the two mutations that answer without a token."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from auth.signing_in import Entered, SignIns
from domain.errors import DomainError
from resolvers.acting import Refusal
from resolvers.errors import Refused
from resolvers.reading.payload import picked
from resolvers.reading.selection import Field
from resolvers.viewers import facts
from schema.acting import user_errors
from schema.errors import ErrorKind
from schema.planned import Completed

ENTRANCES = frozenset({"signIn", "refreshSession"})
OPEN_ACTS = ENTRANCES | {"__typename"}
"""What a mutation without a token may ask."""


@dataclass(frozen=True)
class Entering:
    """The part of a mutation's context that needs no viewer: its root fields, and where sessions come from."""

    sign_ins: SignIns | None
    fields: Mapping[str, Field]

    async def enter(self, key: str, way: Callable[[SignIns], Awaitable[Entered]]) -> Any:
        """The payload. Nothing of it comes from a plan: who enters is not the viewer of this request."""
        field = self.fields[key]
        if self.sign_ins is None:
            raise Refused(ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE.zh, ErrorKind.UNAVAILABLE.en)
        try:
            payload = _opened(await way(self.sign_ins))
        except DomainError as error:
            payload = {**NOTHING, "userErrors": user_errors([Refusal.of(error)])}
        return picked({**payload, "__typename": field.type}, field.of(field.type))


NOTHING: Mapping[str, Any] = {"accessToken": None, "refreshToken": None, "expiresAt": None, "viewer": None}


def entering(fields: Sequence[Field], sign_ins: SignIns | None) -> Entering:
    """Raises Refused where a request tries more than once: under aliases one request would be a thousand guesses."""
    if sum(field.label in ENTRANCES for field in fields) > 1:
        raise Refused(
            ErrorKind.LIMIT_EXCEEDED,
            "每个请求只能有一个 signIn 或 refreshSession",
            "Ask for one signIn or refreshSession per request",
            {"limit": "signIns", "allowed": 1},
        )
    return Entering(sign_ins, {field.key: field for field in fields})


async def entered(info: strawberry.Info, way: Callable[[SignIns], Awaitable[Entered]]) -> Any:
    """What came of it, as a finished payload."""
    return Completed(await info.context.entering.enter(info.path.key, way))


def _opened(session: Entered) -> dict[str, Any]:
    return {
        "accessToken": session.access_token,
        "refreshToken": session.refresh_token,
        "expiresAt": session.expires_at,
        "viewer": facts(session.viewer),
        "userErrors": [],
    }
