"""Whoever comes without a token: what is open to all, and the refusal of everything else."""

from typing import Any

from graphql import FieldNode, OperationDefinitionNode

from resolvers.errors import Refused
from schema.answering.asked import Reply
from schema.answering.entering import OPEN_ACTS
from schema.answering.errors import ErrorKind
from schema.answering.limits import parse_document
from schema.answering.selecting import Operation

OPEN_TO_ALL = frozenset({"__typename", "viewer"})


def demand_open(query: str) -> None:
    """A stranger's document is validated only where it asks for what is open to all: the others cost a parse. Raises
    Refused.
    """
    for definition in parse_document(query).definitions:
        roots = definition.selection_set.selections if isinstance(definition, OperationDefinitionNode) else ()
        if not all(isinstance(root, FieldNode) and root.name.value in OPEN_ACTS | OPEN_TO_ALL for root in roots):
            raise unauthenticated()


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
