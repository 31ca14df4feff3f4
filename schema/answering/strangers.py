"""Anonymous requests: what is open to all, and the refusal of everything else."""

from functools import lru_cache
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLError, OperationDefinitionNode, OperationType

from resolvers.errors import Refused
from schema.answering.asked import Reply
from schema.answering.entering import ENTRANCES, OPEN_ACTS
from schema.answering.errors import ErrorKind
from schema.answering.introspection import DESCRIBING
from schema.answering.introspection import MAX_SOURCE_LENGTH as LONGEST_INTROSPECTION
from schema.answering.introspection import MAX_TOKENS as INTROSPECTION_TOKENS
from schema.answering.limits import limits_rule, parse_document
from schema.answering.selecting import Operation, chosen_operation

OPEN_TO_ALL = frozenset({"__typename", "viewer"})
MAX_TOKENS, MAX_SOURCE_LENGTH, MAX_FIELDS = 300, 10_000, 50
"""Of a document without a token: several times what entering takes. Validation may cost the square of the fields."""

LIMITS = limits_rule(fields=MAX_FIELDS)

KEPT_DOCUMENTS = 64
"""How many anonymous documents are kept, apart from those of viewers: none is longer than the limits above."""


def demand_open(query: str, *, introspection: bool) -> bool:
    """Whether an anonymous document asks for the schema. It is validated only where it asks for what is open to all:
    the others cost a short parse. Raises Refused, for a document that is longer than such a one can be too, and
    GraphQLError where it cannot be parsed.
    """
    names = _root_names(_parsed(query))
    if not names <= OPEN_ACTS | OPEN_TO_ALL | (DESCRIBING if introspection else frozenset()):
        raise unauthenticated()
    return not names.isdisjoint(DESCRIBING)


def operation_type(query: str, name: str | None) -> OperationType:
    """Which kind of operation an anonymous document asks for. Raises as `demand_open` does."""
    return chosen_operation(_parsed(query), name).operation


def opens_sessions(query: str, name: str | None) -> bool:
    """Whether the document's operation does nothing but open or carry on a session."""
    try:
        document = _parsed(query)
        operation = chosen_operation(document, name)
    except (GraphQLError, Refused):
        return False
    names = _root_names(document)
    mutates = operation.operation is OperationType.MUTATION
    return mutates and names <= OPEN_ACTS and not names.isdisjoint(ENTRANCES)


def queried(operation: Operation, values: Any) -> Reply:
    """The reply to a query: only `__typename`, and `viewer`, which is null. Raises Refused."""
    fields, _ = operation.select(values)
    if not {field.label for field in fields} <= OPEN_TO_ALL:
        raise unauthenticated()
    return {"data": {field.key: "Query" if field.label == "__typename" else None for field in fields}}


def unauthenticated() -> Refused:
    """What asks for a token came without one."""
    kind = ErrorKind.UNAUTHENTICATED
    return Refused(kind, kind.zh, kind.en)


def _root_names(document: DocumentNode) -> set[str]:
    """The fields at the top of every operation; "" for a fragment there, which is open to nobody."""
    return {
        root.name.value if isinstance(root, FieldNode) else ""
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        for root in definition.selection_set.selections
    }


@lru_cache(KEPT_DOCUMENTS)
def _parsed(query: str) -> DocumentNode:
    """Documents of clients that sign in come again and again, and so do those of floods of guesses."""
    parse = _parse_introspection if any(name in query for name in DESCRIBING) else _parse_short
    try:
        return parse(query)
    except GraphQLError as error:
        if error.extensions:  # a limit: to somebody known it may be short enough
            raise unauthenticated() from None
        raise


def _parse_short(query: str) -> DocumentNode:
    return parse_document(query, MAX_TOKENS, MAX_SOURCE_LENGTH)


def _parse_introspection(query: str) -> DocumentNode:
    return parse_document(query, INTROSPECTION_TOKENS, LONGEST_INTROSPECTION)
