"""Root fields that are no page, register or single row."""

from typing import Any

from resolvers.counts import customer_counts, ticket_counts
from resolvers.reading.roots import Making, Root, Special
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request
from resolvers.viewers import viewer_root


def typename_root(field: Field, making: Making) -> Root:
    """The root type's own name."""

    async def answer(request: Request) -> Any:
        return "Query"

    return Root(field, lambda request: 1, answer)


SPECIAL: dict[str, Special] = {
    "__typename": typename_root,
    "viewer": viewer_root,
    "customer_counts": customer_counts,
    "ticket_counts": ticket_counts,
}
