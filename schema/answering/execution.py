"""Answering a request: straight from plans and acts; through the executor where no plan answers, as introspection."""

from contextlib import aclosing
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
)
from strawberry import Schema

from auth.entering.signing_in import SignIns
from auth.viewer import Viewer
from resolvers.acting import Acts
from resolvers.errors import Refused
from resolvers.reading.bounds import refuse_excess
from resolvers.reading.counting import payload_statements, refuse_many_fields, refuse_many_statements
from resolvers.reading.plan import Failed, Planner
from resolvers.reading.statement import Request
from resolvers.reading.weighing import refuse_heavy
from schema.answering import introspection
from schema.answering.acting import Writing
from schema.answering.asked import Asked, Reauthenticate, Replies, Reply, Subscribed
from schema.answering.by_url import refuse_by_url, refuse_personal
from schema.answering.entering import Lend, SessionOpener
from schema.answering.errors import ErrorEntry, ErrorKind, Several, formatted
from schema.answering.mutating import Mutating, Mutation
from schema.answering.planned import PassOn
from schema.answering.preparing import Preparation, Prepared
from schema.answering.selecting import Operation
from schema.answering.strangers import (
    KEPT_DOCUMENTS,
    demand_open,
    opens_sessions,
    operation_type,
    queried,
    unauthenticated,
)
from schema.answering.strangers import LIMITS as STRANGERS_LIMITS
from schema.answering.streaming import SUBSCRIPTIONS


class Execution:
    """Answers well-formed requests. What a shape of question needs is prepared once (`Preparation`).

    Without `acts` it only reads; without `sign_ins` it opens no sessions. `open_introspection`: the schema is told to
    whoever asks, without a token too.
    """

    def __init__(
        self,
        schema: Schema,
        planner: Planner,
        lend: Lend,
        acts: Acts | None = None,
        sign_ins: SignIns | None = None,
        *,
        open_introspection: bool = True,
    ) -> None:
        self._schema, self._planner, self._lend = schema._schema, planner, lend
        self._acts, self._sessions = acts, SessionOpener(sign_ins, planner, lend)
        self._preparation = Preparation(schema, planner)
        self._anonymous = lru_cache(KEPT_DOCUMENTS)(
            lambda query, name: self._preparation.validated(query, name, STRANGERS_LIMITS)
        )
        self._open_introspection, self._introspected = open_introspection, introspection.Kept()
        self._introspected_by_viewers = introspection.Kept()

    async def answer(self, asked: Asked, viewer: Viewer | None) -> Reply | bytes | Subscribed:
        """The reply, or a subscription to begin. Expected failures are told in it; anything raised is a surprise."""
        try:
            return await self._answered(asked, viewer)
        except (Several, GraphQLError, Refused) as error:
            return _refusal(error)

    async def answer_by_url(self, asked: Asked, viewer: Viewer | None) -> Reply | bytes | Subscribed:
        """The same for what came in a URL: queries only, and none that is given what can hold personal data."""
        try:
            self._refuse_by_url(asked, viewer)
            return await self._answered(asked, viewer)
        except (Several, GraphQLError, Refused) as error:
            return _refusal(error)

    async def enter(self, asked: Asked) -> Reply | bytes | None:
        """The reply to a document that only opens or carries on a session. None for any other: nothing of it is done.

        Whoever sends it may hold a token that is no good any more, which is no part of the question.
        """
        try:
            if not opens_sessions(asked.query, asked.operation_name):
                return None
            return await self._to_stranger(asked)
        except (Several, GraphQLError, Refused) as error:
            return _refusal(error)

    def _refuse_by_url(self, asked: Asked, viewer: Viewer | None) -> None:
        """Raises Refused. Of what is open to all nothing is given personal data, so there the kind alone decides."""
        if viewer is None:
            if operation_type(asked.query, asked.operation_name) is not OperationType.QUERY:
                raise refuse_by_url()
            return
        operation = self._preparation.operation(asked, viewer)
        if not operation.is_query:
            raise refuse_by_url()
        refuse_personal(operation.input_use, asked.variables)

    async def _answered(self, asked: Asked, viewer: Viewer | None) -> Reply | bytes | Subscribed:
        if viewer is None:
            return await self._to_stranger(asked)
        operation = self._preparation.operation(asked, viewer)
        values = operation.coerced(asked.variables)
        if operation.is_mutation:
            mutation = self._preparation.mutation(operation, values, viewer)
            return await self._acted(mutation, operation, values, asked, viewer)
        if operation.is_subscription:
            return Subscribed(lambda still: self._follow(operation, values, viewer, still))
        prepared = await self._preparation.query(operation, values, viewer)
        if not prepared.direct:
            introspection.refuse_large(self._schema, operation.node, operation.fragments)
            if all(field.label in introspection.DESCRIBING for field in prepared.fields):
                return await self._described_to_viewer(asked, operation, prepared)
        slots = [read(values) for read in prepared.readers]
        async with self._lend() as run:
            request = Request(viewer, slots, run, datetime.now(UTC))
            if prepared.direct:
                return _reply(prepared, *await prepared.plan.run(request))
            return await self._executed(operation, asked, prepared, request)

    async def _follow(self, operation: Operation, values: Any, viewer: Viewer, still: Reauthenticate) -> Replies:
        """`still` is asked before each look at the events."""
        try:
            fields, readers = operation.select(values)
            refuse_many_fields(fields)
            refuse_many_statements(sum(map(payload_statements, fields)))
            refuse_heavy(fields)
            slots = [read(values) for read in readers]
            for name, slot, bound in fields[0].bounded():
                refuse_excess(slots[slot], bound, name)
            stream = SUBSCRIPTIONS[fields[0].label](fields[0], slots, self._planner, self._lend)
            async with aclosing(stream.replies(viewer, still)) as replies:
                async for reply in replies:
                    yield reply
        except (Several, GraphQLError, Refused) as error:
            yield _refusal(error)

    async def _to_stranger(self, asked: Asked) -> Reply | bytes:
        """What is open to all. Its documents are kept apart: they would push the operations of viewers out."""
        if demand_open(asked.query, introspection=self._open_introspection):
            return await self._described(asked)
        operation = self._anonymous(asked.query, asked.operation_name)
        values = operation.coerced(asked.variables)
        if operation.is_mutation:
            mutation = self._preparation.mutation(operation, values, None)
            return await self._acted(mutation, operation, values, asked, None)
        return queried(operation, values)

    async def _described(self, asked: Asked) -> bytes:
        """The answer to an anonymous request for the schema. Raises Refused, Several and GraphQLError."""
        request = introspection.digest(asked)
        if (known := self._introspected.get(request)) is not None:
            return known
        operation = self._preparation.validated(asked.query, asked.operation_name, introspection.LIMITS)
        if not operation.is_query:
            raise unauthenticated()
        introspection.refuse_large(self._schema, operation.node, operation.fragments)
        fields, _ = operation.select(operation.coerced(asked.variables))
        self._introspected.begin()
        reply = await self._run(operation, asked, Answers({field.key: None for field in fields}, {}))
        answer = orjson.dumps(reply)
        if "errors" not in reply:
            self._introspected.put(request, answer)
        return answer

    async def _described_to_viewer(self, asked: Asked, operation: Operation, prepared: Prepared) -> Reply | bytes:
        """The same with a token: the schema is one for all, so what was worked out for one viewer is kept for all.
        Apart from what is kept for strangers, so that neither pushes the other's out.
        """
        request = introspection.digest(asked)
        if (known := self._introspected_by_viewers.get(request)) is not None:
            return known
        reply = await self._run(operation, asked, Answers({field.key: None for field in prepared.fields}, {}))
        if "errors" in reply:
            return reply
        answer = orjson.dumps(reply)
        self._introspected_by_viewers.put(request, answer)
        return answer

    async def _acted(
        self, mutation: Mutation, operation: Operation, values: Any, asked: Asked, viewer: Viewer | None
    ) -> Reply:
        """Root by root. Without a token only those that open sessions."""
        if self._acts is None:
            raise Refused(ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE.zh, ErrorKind.UNAVAILABLE.en)
        slots = [read(values) for read in mutation.readers]
        asked = asked._replace(variables=operation.variables.declared(asked.variables))
        writing = Writing(self._acts, self._planner.tools.digests, viewer, asked, slots, self._lend) if viewer else None
        reply = await Mutating(mutation, slots, writing, self._sessions, asked.client_address).answer(
            lambda key: operation.nodes(values, key)
        )
        return _with_hidden(reply, mutation.hidden)

    async def _executed(self, operation: Operation, asked: Asked, prepared: Prepared, request: Request) -> Reply:
        """Through the executor, for what no plan answers, such as introspection; planned roots are finished values."""
        answers, failed = await prepared.plan.run(request)
        context = Answers(answers, {failure.key: failure.error for failure in failed})
        return _with_hidden(await self._run(operation, asked, context), prepared.plan.hidden)

    async def _run(self, operation: Operation, asked: Asked, context: object) -> Reply:
        result = execute(
            self._schema,
            operation.document,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            executor_class=PassOn,
        )
        done = result if isinstance(result, ExecutionResult) else await result
        assert isinstance(done, ExecutionResult)
        reply: Reply = {"data": done.data}
        if done.errors:
            reply["errors"] = [formatted(error) for error in done.errors]
        return reply


class Answers(NamedTuple):
    """What the plans made of the root fields, for the executor to pass on."""

    answers: dict[str, Any]
    failed: dict[str, Refused]

    async def root(self, key: str) -> Any:
        """One root's answer. Raises Refused where it was refused."""
        if key in self.failed:
            raise self.failed[key]
        return self.answers[key]


def _refusal(error: Several | GraphQLError | Refused) -> Reply:
    errors = error.errors if isinstance(error, Several) else [error]
    return {"errors": [formatted(one) for one in errors]}


def _reply(prepared: Prepared, answers: dict[str, Any], failed: list[Failed]) -> Reply:
    refused = {failure.key: failure.error for failure in failed}
    if any(field.key in refused and field.name == "nodes" for field in prepared.fields):
        reply: Reply = {"data": None}
    else:
        reply = {"data": {field.key: answers.get(field.key) for field in prepared.fields}}
    if refused:
        reply["errors"] = [_at(field.key, refused[field.key]) for field in prepared.fields if field.key in refused]
    return _with_hidden(reply, prepared.plan.hidden)


def _at(key: str, error: Refused) -> ErrorEntry:
    return {**formatted(error), "path": [key]}


def _with_hidden(reply: Reply, hidden: set[str]) -> Reply:
    """Which of the fields asked for this viewer may not see (design §3)."""
    if hidden:
        told = reply.setdefault("extensions", {})
        assert isinstance(told, dict)
        told["access"] = {"hidden": sorted(hidden)}
    return reply
