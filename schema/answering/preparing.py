"""From a document to what answers it: validated, selected and planned once, and kept for the next request."""

import asyncio
from typing import Any, NamedTuple

from graphql import OverlappingFieldsCanBeMergedRule, ValuesOfCorrectTypeRule, specified_rules, validate
from strawberry import Schema

from auth.viewer import Viewer, ViewerKind
from resolvers.reading.counting import payload_statements, refuse_many_fields, refuse_many_statements, statements
from resolvers.reading.plan import Plan, Planner
from resolvers.reading.selection import Field, Reader
from resolvers.reading.weighing import refuse_heavy
from schema.answering.asked import Asked
from schema.answering.entering import OPEN_ACTS, refuse_guessing
from schema.answering.errors import Several
from schema.answering.kept import Kept
from schema.answering.limits import MOST_ERRORS, LimitsRule, limit_errors, limits_rule, parse_document
from schema.answering.literals import LiteralsRule
from schema.answering.merging import MergingRule
from schema.answering.mutating import Mutation
from schema.answering.selecting import Operation
from schema.answering.strangers import unauthenticated

LONGEST_KEPT = 8_000
"""Characters of a document that is kept; a longer one is read anew each time."""
MOST_TOKENS_KEPT, MOST_FIELDS_KEPT = 200_000, 50_000
"""Tokens of all documents kept; fields of all plans kept, a statement counting as ten."""
LIMITS = limits_rule()
RULES = (
    *(rule for rule in specified_rules if rule not in {OverlappingFieldsCanBeMergedRule, ValuesOfCorrectTypeRule}),
    MergingRule,
    LiteralsRule,
)
"""The specification's rules. Two are our own: the library's cost the square of a document, or tell no path."""


class Prepared(NamedTuple):
    """An operation selected for one form of variables and planned for one kind of viewer."""

    fields: tuple[Field, ...]
    readers: list[Reader]
    plan: Plan
    direct: bool

    @property
    def weight(self) -> int:
        """What it takes of the bound on plans."""
        return weight_of(self.fields)


class Preparation:
    """Operations, their selections and their plans, each made once and kept within bounds, per client as well."""

    def __init__(self, schema: Schema, planner: Planner) -> None:
        self._schema, self._planner = schema._schema, planner
        self.operations: Kept[tuple[str, str | None], Operation] = Kept(MOST_TOKENS_KEPT)
        self.plans: Kept[tuple[tuple[Field, ...], ViewerKind], Plan] = Kept(MOST_FIELDS_KEPT)
        self.prepared: Kept[Any, Any] = Kept(MOST_FIELDS_KEPT)

    def operation(self, asked: Asked, viewer: Viewer) -> Operation:
        """The operation asked for. Raises GraphQLError, Several."""
        if len(asked.query) > LONGEST_KEPT:
            return self.validated(asked.query, asked.operation_name)
        place = (asked.query, asked.operation_name)
        found = self.operations.get(place, viewer.id)
        if found is None:
            found = self.validated(*place)
            self.operations.put(place, found, viewer.id, found.document.token_count)
        return found

    def validated(self, query: str, name: str | None, limits: type[LimitsRule] = LIMITS) -> Operation:
        """The operation of a document that nobody keeps. Raises GraphQLError, Several."""
        document = parse_document(query)
        # In this order: the limits bound what the other rules cost.
        if errors := limit_errors(self._schema, document, limits):
            raise Several(errors[:MOST_ERRORS])
        if errors := validate(
            self._schema, document, RULES, MOST_ERRORS, hide_suggestions=True, allow_empty_selection_sets=False
        ):
            raise Several(errors)
        return Operation(self._schema, document, name, len(query))

    async def query(self, operation: Operation, values: Any, viewer: Viewer) -> Prepared:
        """A query, selected and planned. Raises Refused where it takes too much.

        Others are answered in between: before a new one is planned, and between its roots.
        """
        place = (operation, operation.form(values), viewer.kind)
        found: Prepared | None = self.prepared.get(place, viewer.id)
        if found is None:
            await asyncio.sleep(0)
            found = await self._query(operation, values, viewer)
            if operation.length <= LONGEST_KEPT:
                self.prepared.put(place, found, viewer.id, found.weight)
        return found

    def mutation(self, operation: Operation, values: Any, viewer: Viewer | None) -> Mutation:
        """A mutation, selected and its payloads planned. Raises Refused before anything is done. Without a viewer
        nothing is kept: anonymous requests would push out what others use.
        """
        if viewer is None:
            return self._open_mutation(operation, values)
        place = (operation, operation.form(values), viewer.kind)
        found: Mutation | None = self.prepared.get(place, viewer.id)
        if found is None:
            found = self._mutation(operation, values, viewer)
            # Kept only for operations that are kept: others never come again as the same object.
            if operation.length <= LONGEST_KEPT:
                self.prepared.put(place, found, viewer.id, found.weight)
        return found

    async def _query(self, operation: Operation, values: Any, viewer: Viewer) -> Prepared:
        fields, readers = operation.select(values)
        planned = tuple(field for field in fields if field.label not in {"__schema", "__type"})
        refuse_many_fields(planned)
        refuse_many_statements(sum(map(statements, planned)))
        refuse_heavy(planned)
        return Prepared(fields, readers, await self._plan(planned, viewer), planned == fields and operation.is_query)

    async def _plan(self, fields: tuple[Field, ...], viewer: Viewer) -> Plan:
        """Equal questions in unlike documents are one plan."""
        place = (fields, viewer.kind)
        found = self.plans.get(place, viewer.id)
        if found is None:
            found = await self._planner.plan_in_turns(fields, viewer.kind)
            self.plans.put(place, found, viewer.id, weight_of(fields))
        return found

    def _mutation(self, operation: Operation, values: Any, viewer: Viewer) -> Mutation:
        fields, readers = operation.select(values)
        refuse_guessing(fields)
        acting = [field for field in fields if field.label not in OPEN_ACTS]
        refuse_many_fields(acting)
        refuse_many_statements(sum(map(payload_statements, acting)))
        refuse_heavy(acting)
        return Mutation(fields, readers, {one.key: self._planner.payload(one, viewer.kind) for one in acting})

    def _open_mutation(self, operation: Operation, values: Any) -> Mutation:
        fields, readers = operation.select(values)
        refuse_guessing(fields)
        if not {field.label for field in fields} <= OPEN_ACTS:
            raise unauthenticated()
        return Mutation(fields, readers, {})


def weight_of(fields: tuple[Field, ...]) -> int:
    """Fields, a statement counting as ten."""
    return sum(field.size + 10 * statements(field) for field in fields)
