"""Answering a request: straight from plans and acts; through the executor where no plan answers, as introspection."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from graphql import (
    ExecutionResult,
    GraphQLError,
    execute,
    specified_rules,
    validate,
)
from strawberry import Schema

from auth.entering.signing_in import SignIns
from auth.viewer import Viewer, ViewerKind
from resolvers.acting import Acts
from resolvers.errors import Refused
from resolvers.reading.plan import Failed, Plan, Planner
from resolvers.reading.selection import Field, Reader
from resolvers.reading.statement import Request
from schema.answering.acting import Writing
from schema.answering.asked import Asked, Reply
from schema.answering.entering import OPEN_ACTS, Lend, SessionOpener, refuse_guessing
from schema.answering.errors import ErrorEntry, ErrorKind, Several, formatted
from schema.answering.limits import MOST_ERRORS, LimitsRule, limits_rule, parse_document, told
from schema.answering.mutating import Mutating, Mutation
from schema.answering.planned import PassOn
from schema.answering.selecting import Operation
from schema.answering.strangers import LIMITS as STRANGERS_LIMITS
from schema.answering.strangers import demand_open, queried, unauthenticated
from schema.answering.streaming import Still, Stream

MOST_OPERATIONS, MOST_FORMS, LONGEST_KEPT = 500, 1_000, 8_000
"""What is kept of operations and their forms. A document of 8,000 characters and its plan take up to 0.8 MB."""
Limits = tuple[type[LimitsRule], ...]
LIMITS: Limits = (limits_rule(),)

STREAM_ZH = "订阅须以 Accept: text/event-stream 请求"
STREAM_EN = "Ask for a subscription with Accept: text/event-stream"

Kind = TypeVar("Kind")
Made = TypeVar("Made")


class Prepared(NamedTuple):
    """An operation selected for one form of variables and planned for one kind of viewer."""

    fields: tuple[Field, ...]
    readers: list[Reader]
    plan: Plan
    direct: bool


class Execution:
    """Answers well-formed requests. Keeps parsed operations, their selections and their plans, each within bounds.

    Without `acts` it only reads; without `sign_ins` it opens no sessions.
    """

    def __init__(
        self, schema: Schema, planner: Planner, lend: Lend, acts: Acts | None = None, sign_ins: SignIns | None = None
    ) -> None:
        self._schema, self._planner, self._lend = schema._schema, planner, lend
        self._acts, self._sessions = acts, SessionOpener(sign_ins, planner, lend)
        self._kept = lru_cache(MOST_OPERATIONS)(self._validated)
        self._prepared: dict[Any, Any] = {}

    async def answer(self, asked: Asked, viewer: Viewer | None) -> Reply:
        """The reply. Expected failures are told in it; anything raised is a surprise."""
        try:
            return await self._answered(asked, viewer)
        except Several as several:
            return {"errors": [formatted(error) for error in several.errors]}
        except (GraphQLError, Refused) as error:
            return {"errors": [formatted(error)]}

    async def _answered(self, asked: Asked, viewer: Viewer | None) -> Reply:
        if viewer is None:
            return await self._to_stranger(asked)
        operation = self._operation(asked.query, asked.operation_name)
        values = operation.coerced(asked.variables)
        if operation.is_mutation:
            mutation = self._once(self._mutation, operation, values, viewer.kind)
            return await self._acted(mutation, operation, values, asked, viewer)
        if operation.is_subscription:
            raise Refused(ErrorKind.BAD_REQUEST, STREAM_ZH, STREAM_EN)
        prepared = self._prepare(operation, values, viewer.kind)
        slots = [read(values) for read in prepared.readers]
        async with self._lend() as run:
            request = Request(viewer, slots, run, datetime.now(UTC))
            if prepared.direct:
                return _reply(prepared, *await prepared.plan.run(request))
            return await self._executed(operation, asked, prepared, request)

    async def follow(self, asked: Asked, viewer: Viewer, still: Still) -> AsyncGenerator[Reply | None, None]:
        """Replies of a subscription as they come, None where there is nothing new; anything else is answered once.

        `still` is asked before each look and gives the viewer with today's rights, or raises when there is none.
        """
        try:
            operation = self._operation(asked.query, asked.operation_name)
            values = operation.coerced(asked.variables)
            if not operation.is_subscription:
                yield await self._answered(asked, viewer)
                return
            fields, readers = operation.select(values)
            stream = Stream(fields[0], [read(values) for read in readers], self._planner, self._lend)
            async with aclosing(stream.replies(viewer, still)) as replies:
                async for reply in replies:
                    yield reply
        except Several as several:
            yield {"errors": [formatted(error) for error in several.errors]}
        except (GraphQLError, Refused) as error:
            yield {"errors": [formatted(error)]}

    def _operation(self, query: str, name: str | None) -> Operation:
        return (self._kept if len(query) <= LONGEST_KEPT else self._validated)(query, name)

    def _validated(self, query: str, name: str | None, limits: Limits = LIMITS) -> Operation:
        document = parse_document(query)
        for rules in (limits, specified_rules):  # in this order: the limits bound what the other rules cost
            if errors := validate(
                self._schema, document, rules, MOST_ERRORS, hide_suggestions=True, allow_empty_selection_sets=False
            ):
                raise Several(told(errors))
        return Operation(self._schema, document, name, len(query))

    def _prepare(self, operation: Operation, values: Any, kind: ViewerKind) -> Prepared:
        return self._once(self._made, operation, values, kind)

    def _once(
        self, make: Callable[[Operation, Any, Kind], Made], operation: Operation, values: Any, kind: Kind
    ) -> Made:
        """Kept only for operations that are kept: others never come again as the same object."""
        if operation.length > LONGEST_KEPT:
            return make(operation, values, kind)
        place = (operation, operation.form(values), kind)
        found: Made | None = self._prepared.get(place)
        if found is None:
            if len(self._prepared) >= MOST_FORMS:
                self._prepared.clear()
            found = self._prepared[place] = make(operation, values, kind)
        return found

    def _made(self, operation: Operation, values: Any, kind: ViewerKind) -> Prepared:
        fields, readers = operation.select(values)
        planned = tuple(field for field in fields if field.label not in {"__schema", "__type"})
        return Prepared(fields, readers, self._planner.plan(planned, kind), planned == fields and operation.is_query)

    async def _to_stranger(self, asked: Asked) -> Reply:
        """What is open to all. Nothing of it is kept: strangers would push out what others use."""
        demand_open(asked.query)
        operation = self._validated(asked.query, asked.operation_name, STRANGERS_LIMITS)
        values = operation.coerced(asked.variables)
        if operation.is_mutation:
            return await self._acted(self._mutation(operation, values, None), operation, values, asked, None)
        if operation.is_subscription:
            raise Refused(ErrorKind.BAD_REQUEST, STREAM_ZH, STREAM_EN)
        return queried(operation, values)

    async def _acted(
        self, mutation: Mutation, operation: Operation, values: Any, asked: Asked, viewer: Viewer | None
    ) -> Reply:
        """Root by root. Without a token only those that open sessions."""
        if self._acts is None:
            raise Refused(ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE.zh, ErrorKind.UNAVAILABLE.en)
        slots = [read(values) for read in mutation.readers]
        asked = asked._replace(variables=operation.variables.declared(asked.variables))
        writing = Writing(self._acts, self._planner.tools.digests, viewer, asked, slots, self._lend) if viewer else None
        reply = await Mutating(mutation, slots, writing, self._sessions).answer(
            lambda key: operation.nodes(values, key)
        )
        return _with_hidden(reply, mutation.hidden)

    def _mutation(self, operation: Operation, values: Any, kind: ViewerKind | None) -> Mutation:
        """Selected and planned. Raises Refused before anything is done."""
        fields, readers = operation.select(values)
        refuse_guessing(fields)
        if kind is None:
            if not {field.label for field in fields} <= OPEN_ACTS:
                raise unauthenticated()
            return Mutation(fields, readers, {})
        acting = [field for field in fields if field.label not in OPEN_ACTS]
        return Mutation(fields, readers, {one.key: self._planner.payload(one, kind) for one in acting})

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
        reply["extensions"] = {"access": {"hidden": sorted(hidden)}}
    return reply
