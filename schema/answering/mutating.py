"""Running a mutation: root by root, straight to the acts and entrances (decision 0021)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import FieldNode
from graphql.error import located_error

from resolvers.outcome import Refusal
from resolvers.reading.bounds import invalid, refuse_much_text
from resolvers.reading.counting import payload_statements
from resolvers.reading.payload import Payload
from resolvers.reading.selection import Field, Reader
from schema.answering.acting import Performed, Writing
from schema.answering.asked import Reply
from schema.answering.entering import ENTRANCES, SessionOpener, refused
from schema.answering.errors import formatted


class Mutation(NamedTuple):
    """A mutation selected for one form of variables and planned for one kind of viewer, if any."""

    fields: tuple[Field, ...]
    readers: list[Reader]
    payloads: Mapping[str, Payload]

    @property
    def weight(self) -> int:
        """Fields, a statement counting as ten."""
        return sum(field.size + 10 * payload_statements(field) for field in self.fields)

    @property
    def hidden(self) -> set[str]:
        """What of the payloads this viewer may not see."""
        return {name for payload in self.payloads.values() for name in payload.hidden}


class Mutating(NamedTuple):
    """One mutation request: its values, what it acts with, and the client's address. `writing` is absent without a
    token.
    """

    mutation: Mutation
    values: list[Any]
    writing: Writing | None
    sessions: SessionOpener
    client_address: str

    async def answer(self, nodes: Callable[[str], list[FieldNode]]) -> Reply:
        """Root fields in their order. Payloads are not null: one that fails takes `data` with it, and no root after it
        runs. `nodes` tells where the document asks for a root. Raises Refused where all texts are too long together.
        """
        refuse_much_text(
            (self.values[slot], bound) for field in self.mutation.fields for _, slot, bound in field.bounded()
        )
        data, waits = {}, []
        for field in self.mutation.fields:
            try:
                data[field.key], wait = await self._root(field)
                waits.append(wait or 0)
            except Exception as error:  # noqa: BLE001 - told as a refusal, or logged as a surprise
                return {"data": None, "errors": [formatted(located_error(error, nodes(field.key), [field.key]))]}
        return {"data": data, "extensions": {"retryAfter": max(waits)}} if any(waits) else {"data": data}

    async def _root(self, field: Field) -> Performed:
        if field.label == "__typename":
            return Performed("Mutation")
        input_ = dict(field.args)["input"]
        given = self.values[input_.slot]
        if input_.bound and (errors := invalid(given, input_.bound)):
            return Performed(await self._refused(field, [Refusal.of(error) for error in errors]))
        if field.label in ENTRANCES:
            return await self.sessions.open(field, given, self.client_address)
        assert self.writing is not None, "without a token only entrances are open"
        return await self.writing.perform(field, self.mutation.payloads[field.key], given)

    async def _refused(self, field: Field, refusals: Sequence[Refusal]) -> Any:
        """The payload of an input that is longer than it may be: nothing is done, and nothing is written down."""
        if field.label in ENTRANCES:
            return refused(field, refusals)
        assert self.writing is not None, "without a token only entrances are open"
        return await self.writing.refused(field, self.mutation.payloads[field.key], refusals)
