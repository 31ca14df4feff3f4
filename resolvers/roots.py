"""Root fields that are no page, register or single row."""

from typing import Any

from resolvers.counts import COUNTED, customer_counts, ticket_counts
from resolvers.reading.roots import Making, Root, Special
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request
from resolvers.viewers import viewer_root


def typename_root(field: Field, making: Making) -> Root:
    """The root type's own name."""

    async def answer(request: Request) -> Any:
        return "Query"

    return Root(field, lambda request: 1, answer)


ARGUMENTS: dict[str, frozenset[str]] = {
    "viewer": frozenset(),
    **dict.fromkeys(COUNTED, frozenset({"by", "where"})),
}
"""The arguments that each of them reads, by Python's names. A root of the SDL with another one does not boot."""

SPECIAL: dict[str, Special] = {
    "__typename": typename_root,
    "viewer": viewer_root,
    "customer_counts": customer_counts,
    "ticket_counts": ticket_counts,
}
