"""From a mutation's field to an act and back: input, idempotency key, payload."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from auth.idempotency import Key
from auth.sealing.seals import Digests
from auth.viewer import Viewer
from resolvers.acting import Act, Acts, Call, Given
from resolvers.acts.register import ACTS
from resolvers.outcome import Outcome, Refusal
from resolvers.reading.payload import Payload
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request
from schema.answering.asked import Asked


class Performed(NamedTuple):
    """What one root field of a mutation came to; `retry_after` is in seconds, where time heals a refusal."""

    payload: Any
    retry_after: int | None = None


class Writing(NamedTuple):
    """The part of a mutation request that acts. Root fields run one after the other, each in its own transaction.

    `asked` has no variables but those that the operation declares: their types bound how deeply they are nested.
    """

    acts: Acts
    digests: Digests
    viewer: Viewer
    asked: Asked
    values: list[Any]
    lend: Any

    async def perform(self, field: Field, payload: Payload, given: Given) -> Performed:
        """Does the act and reads its payload. What the payload asks for is judged first: a bad page does nothing."""
        act = ACTS[field.label]
        request = Request(self.viewer, self.values, _asks_nothing, datetime.now(UTC))
        payload.judge(request)
        outcome = await self.acts.perform(act, Call(self.viewer, given, self._key(field.key, act)))
        async with self.lend() as run:
            read = await payload.read(request._replace(execute=run), outcome.ids, _facts(field, act, outcome))
        return Performed(read, longest_wait(outcome.refusals))

    async def refused(self, field: Field, payload: Payload, refusals: Sequence[Refusal]) -> dict[str, Any]:
        """The payload of an act that was not even begun."""
        request = Request(self.viewer, self.values, _asks_nothing, datetime.now(UTC))
        payload.judge(request)
        return await payload.read(request, {}, _facts(field, ACTS[field.label], Outcome(refusals=refusals)))

    def _key(self, field: str, act: Act) -> Key | None:
        if self.asked.idempotency_key is None or not act.repeatable:
            return None
        request = orjson.dumps(
            [self.asked.query, self.asked.operation_name, self.asked.variables], option=orjson.OPT_SORT_KEYS
        )
        return Key.of(self.digests, self.viewer.id, (self.asked.idempotency_key, field), request.decode())


def user_errors(refusals: Sequence[Refusal]) -> list[dict[str, Any]]:
    """The refusals as a payload lists them."""
    return [
        {"__typename": "UserError", "code": one.code, "field": list(one.field) or None, "message": one.message}
        for one in refusals
    ]


def longest_wait(refusals: Sequence[Refusal]) -> int | None:
    """The seconds after which all of them may have healed; None where time heals none."""
    return max((one.retry_after for one in refusals if one.retry_after is not None), default=None)


async def _asks_nothing(_statement: bytes, _parameters: Sequence[Any]) -> list[Any]:
    raise AssertionError("what is only judged asks the database nothing")


def _facts(field: Field, act: Act, outcome: Outcome) -> dict[str, Any]:
    return {**act.facts, **outcome.facts, "userErrors": user_errors(outcome.refusals), "__typename": field.type}
