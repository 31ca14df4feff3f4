"""From `signIn` and `refreshSession` to a session: the two mutations that answer without a token."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from auth.entering.signing_in import Entered, SignIns
from auth.viewer import Viewer
from domain.errors import DomainError
from resolvers.acting import Given
from resolvers.errors import Refused
from resolvers.outcome import Refusal
from resolvers.reading.payload import picked
from resolvers.reading.plan import Planner
from resolvers.reading.selection import Field
from resolvers.reading.statement import Execute, Request
from schema.answering.acting import Performed, user_errors
from schema.answering.errors import ErrorKind

Lend = Callable[[], AbstractAsyncContextManager[Execute]]

ENTRANCES: Mapping[str, Callable[[SignIns, Given, str], Awaitable[Entered]]] = {
    "signIn": lambda sign_ins, given, address: sign_ins.sign_in(
        given["login"],
        given["password"],
        given.get("device") or None,
        given.get("device_token") or None,
        address,
    ),
    "refreshSession": lambda sign_ins, given, address: sign_ins.refresh(given["refresh_token"], address),
}
OPEN_ACTS = frozenset({*ENTRANCES, "__typename"})
"""What a mutation without a token may ask."""


class SessionOpener(NamedTuple):
    """Runs `signIn` and `refreshSession`. Without `sign_ins` it opens no sessions."""

    sign_ins: SignIns | None
    planner: Planner
    lend: Lend

    async def open(self, field: Field, given: Given, address: str) -> Performed:
        """The payload. Its `viewer` is read as the query's root is, for who signed in, not for who sent the request.

        `address` is the client's, for counting failures by.
        """
        if self.sign_ins is None:
            raise Refused(ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE.zh, ErrorKind.UNAVAILABLE.en)
        selected = field.of(field.type)
        try:
            issued = await ENTRANCES[field.label](self.sign_ins, given, address)
        except DomainError as error:
            refusal = Refusal.of(error)
            return Performed(refused(field, [refusal]), refusal.retry_after)
        facts = {**_opened(issued), "__typename": field.type}
        viewers = await self._viewers(tuple(inner for inner in selected if inner.name == "viewer"), issued.viewer)
        told = {
            inner.key: viewers[inner.key] if inner.key in viewers else picked(facts[inner.label], inner.of(inner.type))
            for inner in selected
        }
        return Performed(told)

    async def _viewers(self, fields: tuple[Field, ...], viewer: Viewer) -> dict[str, Any]:
        if not fields:
            return {}
        plan = self.planner.plan(fields, viewer.kind)
        async with self.lend() as run:
            answers, _ = await plan.run(Request(viewer, (), run, datetime.now(UTC)))
        return answers


def refused(field: Field, refusals: Sequence[Refusal]) -> dict[str, Any]:
    """The payload where no session was opened."""
    payload = {**NOTHING, "userErrors": user_errors(refusals), "__typename": field.type}
    return {inner.key: picked(payload[inner.label], inner.of(inner.type)) for inner in field.of(field.type)}


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
        "userErrors": [],
    }
