"""Whoever comes without a token: what is open to all, and the refusal of everything else."""

from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLError, OperationDefinitionNode

from resolvers.errors import Refused
from schema.answering.asked import Reply
from schema.answering.entering import OPEN_ACTS
from schema.answering.errors import ErrorKind
from schema.answering.limits import limits_rule, parse_document
from schema.answering.selecting import Operation

OPEN_TO_ALL = frozenset({"__typename", "viewer"})
MAX_TOKENS, MAX_SOURCE_LENGTH, MAX_FIELDS = 300, 10_000, 50
"""Of a document without a token: several times what entering takes. Validation may cost the square of the fields."""

LIMITS = (limits_rule(fields=MAX_FIELDS),)


def demand_open(query: str) -> None:
    """A stranger's document is validated only where it asks for what is open to all: the others cost a short parse.
    Raises Refused, for a document that is longer than entering takes too, and GraphQLError where it cannot be parsed.
    """
    for definition in _parsed(query).definitions:
        roots = definition.selection_set.selections if isinstance(definition, OperationDefinitionNode) else ()
        if not all(isinstance(root, FieldNode) and root.name.value in OPEN_ACTS | OPEN_TO_ALL for root in roots):
            raise unauthenticated()


def _parsed(query: str) -> DocumentNode:
    try:
        return parse_document(query, MAX_TOKENS, MAX_SOURCE_LENGTH)
    except GraphQLError as error:
        if error.extensions:  # a limit: to somebody known it may be short enough
            raise unauthenticated() from None
        raise


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
