"""From a mutation's field to an act and back: input, idempotency key, payload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import strawberry
from strawberry import UNSET

from auth.idempotency import Key
from auth.sealing import Digests
from auth.viewer import Viewer
from resolvers.acting import Act, Acts, Call, Outcome, Refusal
from resolvers.reading.payload import Payload
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request
from schema.asked import Asked
from schema.planned import Completed


@dataclass(frozen=True)
class Planned:
    """One root field of a mutation: what was selected of its payload, and how to read it."""

    field: Field
    payload: Payload


@dataclass
class Writing:
    """The part of a mutation's context that acts. Root fields run one after the other, each in its own transaction."""

    acts: Acts
    digests: Digests
    viewer: Viewer
    asked: Asked
    values: list[Any]
    planned: Mapping[str, Planned]
    lend: Any

    async def perform(self, key: str, act: Act, given: Mapping[str, Any]) -> dict[str, Any]:
        """Does the act and reads its payload. What the payload asks for is judged first: a bad page does nothing."""
        planned = self.planned[key]
        async with self.lend() as run:
            planned.payload.judge(Request(self.viewer, self.values, run, datetime.now(UTC)))
        outcome = await self.acts.perform(act, Call(self.viewer, given, self._key(key, act)))
        async with self.lend() as run:
            request = Request(self.viewer, self.values, run, datetime.now(UTC))
            return await planned.payload.read(request, outcome.ids, _facts(planned.field, act, outcome))

    def _key(self, field: str, act: Act) -> Key | None:
        if self.asked.idempotency_key is None or not act.repeatable:
            return None
        request = orjson.dumps(
            [self.asked.query, self.asked.operation_name, self.asked.variables], option=orjson.OPT_SORT_KEYS
        )
        fingerprints = self.digests.candidates("idempotency", request.decode())
        return Key(self.viewer.id, self.asked.idempotency_key, field, fingerprints)


async def acted(info: strawberry.Info, act: Act, given: object) -> Any:
    """What an act came to, as a finished payload."""
    return Completed(await info.context.writing.perform(info.path.key, act, plain(given)))


def plain(given: Any) -> dict[str, Any]:
    """An input without what the client left out."""
    assert is_dataclass(given)
    values = {field.name: getattr(given, field.name) for field in fields(given)}
    return {name: value for name, value in values.items() if value is not UNSET}


def user_errors(refusals: Sequence[Refusal]) -> list[dict[str, Any]]:
    """The refusals as a payload lists them."""
    return [
        {"__typename": "UserError", "code": code, "field": list(path) or None, "message": message}
        for code, path, message in refusals
    ]


def _facts(field: Field, act: Act, outcome: Outcome) -> dict[str, Any]:
    return {**act.facts, **outcome.facts, "userErrors": user_errors(outcome.refusals), "__typename": field.type}
