"""Introspection without a token: the schema is public, and asking for it is bounded and remembered."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from math import ceil
from typing import Any, NamedTuple

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_introspection_query,
    parse,
)

from resolvers.errors import Refused
from schema.answering.asked import Asked
from schema.answering.errors import ErrorKind
from schema.answering.limits import limits_rule

DESCRIBING = frozenset({"__schema", "__type"})
MAX_TOKENS, MAX_SOURCE_LENGTH = 600, 10_000
"""Several times what the tools' introspection query takes, which has 200 tokens."""

LIMITS = limits_rule(aliases=10, directives=20, fields=400)
MAX_TIMES_STANDARD = 1.5
"""How large an answer may be estimated, in answers to the tools' introspection query with all its options."""

_MOST_WRAPPED = 3

KEPT, LONGEST_KEPT = 48, 400_000
MOST_NEW, WITHIN = 20, 60.0
"""Answers that are worked out anew, in so many seconds: each costs up to a tenth of a second."""


def digest(asked: Asked) -> bytes:
    """What an answer is kept under."""
    request = [asked.query, asked.operation_name, asked.variables]
    return blake2b(orjson.dumps(request, option=orjson.OPT_SORT_KEYS), digest_size=32).digest()


class Kept:
    """Answers of this process to introspection, by request: all clients of one tool send the same."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._answers: OrderedDict[bytes, bytes] = OrderedDict()
        self._worked_out: deque[float] = deque()
        self._clock = clock

    def get(self, request: bytes) -> bytes | None:
        """The answer to this very request, if it is kept."""
        if request in self._answers:
            self._answers.move_to_end(request)
        return self._answers.get(request)

    def put(self, request: bytes, answer: bytes) -> None:
        """Keeps an answer; the one that was not asked for the longest goes."""
        if len(answer) <= LONGEST_KEPT:
            self._answers[request] = answer
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)

    def begin(self) -> None:
        """Counts an answer that is worked out anew. Raises Refused where there were too many of late."""
        now = self._clock()
        while self._worked_out and self._worked_out[0] <= now - WITHIN:
            self._worked_out.popleft()
        if len(self._worked_out) >= MOST_NEW:
            raise _too_often(ceil(self._worked_out[0] + WITHIN - now))
        self._worked_out.append(now)


def refuse_large(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> None:
    """Raises Refused where the answer would be larger than any tool's. The document is valid, and within `LIMITS`."""
    sizes, allowed = _bounds(schema)
    if _estimated(operation.selection_set, fragments, sizes) > allowed:
        raise Refused(
            ErrorKind.LIMIT_EXCEEDED,
            f"自省结果过大（估计最多 {allowed} 个字段）：请少嵌套列表",
            f"The introspection asks for too much (an estimated {allowed} fields at most): nest fewer lists",
            {"limit": "introspection", "allowed": allowed},
        )


@lru_cache(1)
def _bounds(schema: GraphQLSchema) -> "tuple[_Sizes, int]":
    sizes, document = _Sizes.of(schema), parse(get_introspection_query(**_ALL_OPTIONS))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return sizes, int(_estimated(operation.selection_set, fragments, sizes) * MAX_TIMES_STANDARD)


_ALL_OPTIONS = {
    "descriptions": True,
    "specified_by_url": True,
    "directive_is_repeatable": True,
    "schema_description": True,
    "input_value_deprecation": True,
}


class _Sizes(NamedTuple):
    """How many entries each list of the introspection schema has on average."""

    by_field: Mapping[str, int]

    @classmethod
    def of(cls, schema: GraphQLSchema) -> "_Sizes":
        types = schema.type_map.values()
        composites = [one for one in types if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)]
        args = [field.args for one in composites for field in one.fields.values()]
        sizes = {
            "types": len(schema.type_map),
            "directives": len(schema.directives),
            "fields": _mean([one.fields for one in composites]),
            "inputFields": _mean([one.fields for one in types if isinstance(one, GraphQLInputObjectType)]),
            "enumValues": _mean([one.values for one in types if isinstance(one, GraphQLEnumType)]),
            "possibleTypes": 1,
            "args": _mean(args),
            "interfaces": 1,
        }
        return cls(sizes)


def _mean(lists: list[Any]) -> int:
    return ceil(sum(map(len, lists)) / max(len(lists), 1))


def _estimated(
    selections: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    sizes: _Sizes,
    wrapped: int = 0,
) -> int:
    """`wrapped` counts the `ofType` around: below the third there is nothing, since types are `[T!]!` at most."""
    if wrapped > _MOST_WRAPPED:
        return 0
    return sum(
        1
        + sizes.by_field.get(node.name.value, 1)
        * _estimated(node.selection_set, fragments, sizes, wrapped + 1 if node.name.value == "ofType" else 0)
        for node in _fields(selections, fragments)
    )


def _fields(
    selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(fragments[node.name.value].selection_set, fragments)


def _too_often(seconds: int) -> Refused:
    return Refused(
        ErrorKind.LIMIT_EXCEEDED,
        f"不带令牌的新自省请求过多，请 {seconds} 秒后再试，或使用 schema.graphql",
        f"Too many new introspection requests without a token: try again in {seconds} seconds, or use schema.graphql",
        {"limit": "introspections", "allowed": MOST_NEW, "retryAfter": seconds},
    )
