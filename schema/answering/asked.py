"""One GraphQL request as the HTTP body holds it, and the reply to it."""

from typing import NamedTuple, TypeAlias

Reply: TypeAlias = dict[str, object]
"""`data`, `errors`, `extensions` as JSON-ready values; without the key `data` the request itself was refused."""


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
