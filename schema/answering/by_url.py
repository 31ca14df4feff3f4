"""Queries that come in a URL (GET): only reading, and nothing in them that can hold personal data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    ListValueNode,
    Node,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    TypeMetaFieldDef,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    visit,
)
from graphql.utilities import type_from_ast

from resolvers.errors import Refused
from schema.answering.errors import ErrorKind
from schema.in_url import is_personal_in_url


class InputUse(NamedTuple):
    """What a document gives to arguments: whether what it writes itself is personal, and where variables go."""

    personal: str | None
    """The name of the first argument or input field that must not stand in a URL."""
    variables: list[tuple[str, GraphQLInputType]]


def refuse_personal(use: InputUse, given: Mapping[str, Any]) -> None:
    """Raises Refused where the request gives anything to an argument that can hold personal data."""
    name = use.personal or next(
        filter(None, (_in_value(type_, given.get(name)) for name, type_ in use.variables)), None
    )
    if name is not None:
        kind = ErrorKind.PERSONAL_DATA_IN_URL
        raise Refused(kind, f"{kind.zh}: {name}", f"{kind.en}: {name}", {"argument": name})


def refuse_by_url() -> Refused:
    """The refusal of a mutation or subscription that came in a URL."""
    kind = ErrorKind.METHOD_NOT_ALLOWED
    return Refused(kind, "GET 只能用于查询，请改用 POST", "GET is for queries only: send this by POST")


def input_use(schema: GraphQLSchema, nodes: Iterable[Node]) -> InputUse:
    """What these definitions (an operation and the fragments beside it) give to arguments, literals and variables."""
    info = TypeInfo(schema)
    found = _Arguments(schema, info)
    for node in nodes:
        visit(node, TypeInfoVisitor(info, found))
    return InputUse(next(iter(found.personal), None), found.variables)


class _Arguments(Visitor):
    def __init__(self, schema: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self._schema, self._info = schema, info
        self.personal: list[str] = []
        self.variables: list[tuple[str, GraphQLInputType]] = []

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        definition = self._info.get_argument()
        if definition is None or self._info.get_field_def() is TypeMetaFieldDef:
            return  # the name of a type is nobody's
        if is_personal_in_url(definition):
            self.personal.append(node.name.value)
        self._take(definition.type, node.value)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        type_ = type_from_ast(self._schema, node.type)
        if node.default_value is not None and type_ is not None:
            self._take(type_, node.default_value)  # type: ignore[arg-type]

    def _take(self, type_: GraphQLInputType, node: ValueNode) -> None:
        for name, inner, value in _written(type_, node):
            if isinstance(value, VariableNode):
                self.variables.append((value.name.value, inner))
            if name is not None:
                self.personal.append(name)


def _written(type_: GraphQLInputType, node: ValueNode) -> Iterator[tuple[str | None, GraphQLInputType, ValueNode]]:
    """Every value inside a literal: the name of its input field where that is personal, its type, its node."""
    yield None, type_, node
    named = get_named_type(type_)
    if isinstance(node, ListValueNode):
        for inner in node.values:
            yield from _written(type_, inner)
    if isinstance(node, ObjectValueNode) and isinstance(named, GraphQLInputObjectType):
        for field in node.fields:
            if (definition := named.fields.get(field.name.value)) is not None:
                if is_personal_in_url(definition):
                    yield field.name.value, definition.type, field.value
                yield from _written(definition.type, field.value)


def _in_value(type_: GraphQLInputType, value: Any) -> str | None:
    """The first personal input field for which a variable's JSON value holds anything."""
    if isinstance(value, list):
        return next(filter(None, (_in_value(type_, inner) for inner in value)), None)
    named = get_named_type(type_)
    if not isinstance(value, dict) or not isinstance(named, GraphQLInputObjectType):
        return None
    for name, inner in value.items():
        definition = named.fields.get(name)
        if definition is not None and inner is not None:
            found = name if is_personal_in_url(definition) else _in_value(definition.type, inner)
            if found:
                return found
    return None
