"""One GraphQL request as the HTTP request holds it, and the reply to it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple, TypeAlias

from auth.viewer import Viewer

Reply: TypeAlias = dict[str, object]
"""`data`, `errors`, `extensions` as JSON-ready values; without the key `data` the request itself was refused."""

Reauthenticate: TypeAlias = Callable[[], Awaitable[Viewer]]
"""Gives the viewer of a stream with the rights of the moment; raises when the access token is no longer good."""

Replies: TypeAlias = AsyncGenerator[Reply | None, None]
"""The replies of a stream as they come; None where there is nothing new."""


class Asked(NamedTuple):
    """A well-formed request: a document, the operation wanted when it has several, and variables as decoded JSON.

    `idempotency_key` is the request's header of that name: under it acts are done once. `client_address` is the IP
    address that the request came from, "" where that is not known: for counting only.

    The document is not parsed yet; the variables are neither coerced nor checked against it, but hold no NUL character.
    """

    query: str
    operation_name: str | None
    variables: dict[str, object]
    idempotency_key: str | None = None
    client_address: str = ""


class Subscribed(NamedTuple):
    """A subscription that was accepted and has not begun: `replies` begins it, and is called once."""

    replies: Callable[[Reauthenticate], Replies]
