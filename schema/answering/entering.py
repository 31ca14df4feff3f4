"""From `signIn` and `refreshSession` to a session: the two mutations that answer without a token."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from auth.entering.signing_in import Entered, SignIns
from domain.errors import DomainError
from resolvers.acting import Given, Refusal
from resolvers.errors import Refused
from resolvers.reading.payload import picked
from resolvers.reading.selection import Field
from resolvers.viewers import facts
from schema.answering.acting import user_errors
from schema.answering.errors import ErrorKind

ENTRANCES: Mapping[str, Callable[[SignIns, Given], Awaitable[Entered]]] = {
    "signIn": lambda sign_ins, given: sign_ins.sign_in(given["login"], given["password"], given.get("device") or None),
    "refreshSession": lambda sign_ins, given: sign_ins.refresh(given["refresh_token"]),
}
OPEN_ACTS = frozenset({*ENTRANCES, "__typename"})
"""What a mutation without a token may ask."""


async def enter(sign_ins: SignIns | None, field: Field, given: Given) -> Any:
    """The payload. Nothing of it comes from a plan: who enters is not the viewer of this request."""
    if sign_ins is None:
        raise Refused(ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE.zh, ErrorKind.UNAVAILABLE.en)
    try:
        payload = _opened(await ENTRANCES[field.label](sign_ins, given))
    except DomainError as error:
        payload = {**NOTHING, "userErrors": user_errors([Refusal.of(error)])}
    return picked({**payload, "__typename": field.type}, field.of(field.type))


NOTHING: Mapping[str, Any] = {"accessToken": None, "refreshToken": None, "expiresAt": None, "viewer": None}


def refuse_guessing(fields: Sequence[Field]) -> None:
    """Raises Refused where a request tries more than once: under aliases one request would be a thousand guesses."""
    if sum(field.label in ENTRANCES for field in fields) > 1:
        raise Refused(
            ErrorKind.LIMIT_EXCEEDED,
            "每个请求只能有一个 signIn 或 refreshSession",
            "Ask for one signIn or refreshSession per request",
            {"limit": "signIns", "allowed": 1},
        )


def _opened(session: Entered) -> dict[str, Any]:
    return {
        "accessToken": session.access_token,
        "refreshToken": session.refresh_token,
        "expiresAt": session.expires_at,
        "viewer": facts(session.viewer),
        "userErrors": [],
    }
