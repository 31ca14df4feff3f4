"""From a validated document to selections: fragments merged, `@include` and `@skip` decided, arguments made slots."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
)
from graphql.execution.values import (
    VariableValues,
    get_argument_values,
    get_directive_values,
)
from graphql.utilities.coerce_input_value import coerce_input_literal

from resolvers.reading.bounds import Bound
from resolvers.reading.selection import Arg, Field, Reader, Shape, shape
from schema.answering.by_url import InputUse, input_use
from schema.answering.variables import Variables
from schema.bounds import bound_of

ABSENT = "absent"
"""The shape of a variable that was not given: unlike null, it lets an argument's default stand."""

_WORD = re.compile("([A-Z])")


class Operation:
    """One operation of a validated document, from which requests are selected."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, name: str | None, length: int = 0) -> None:
        self.schema, self.document, self.length = schema, document, length
        self.node = chosen_operation(document, name)
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.variables = Variables(schema, self.node, self.fragments.values())

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.node.operation is OperationType.QUERY

    @property
    def is_mutation(self) -> bool:
        """Whether it acts."""
        return self.node.operation is OperationType.MUTATION

    @property
    def is_subscription(self) -> bool:
        """Whether it follows."""
        return self.node.operation is OperationType.SUBSCRIPTION

    @cached_property
    def input_use(self) -> InputUse:
        """What the document gives to arguments, which decides whether it may come in a URL."""
        return input_use(self.schema, [self.node, *self.fragments.values()])

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The request's variables as the schema wants them. Raises Several with one error per bad variable."""
        return self.variables.coerced(given) if self.node.variable_definitions else None

    def form(self, values: VariableValues | None) -> Shape:
        """All of the variables that the selections depend on."""
        if values is None:
            return ()
        return tuple(
            shape(snaked(values.coerced[name])) if name in values.coerced else ABSENT
            for name in self.variables.selecting
        )

    def select(self, values: VariableValues | None) -> tuple[tuple[Field, ...], list[Reader]]:
        """The root fields, and for every slot in them how to read it from a request's variables."""
        selecting = _Selecting(self, values)
        root = self.schema.get_root_type(self.node.operation)
        assert root is not None
        return selecting.fields(root, [self.node.selection_set]), selecting.readers

    def nodes(self, values: VariableValues | None, key: str) -> list[FieldNode]:
        """Where the document asks for a root field, for errors to point at."""
        root = self.schema.get_root_type(self.node.operation)
        assert root is not None
        return _Selecting(self, values).collected(root, [self.node.selection_set])[key]


class _Selecting:
    def __init__(self, operation: Operation, values: VariableValues | None) -> None:
        self.schema, self.fragments, self.values = operation.schema, operation.fragments, values
        self.readers: list[Reader] = []

    def fields(self, parent: GraphQLObjectType, sets: list[SelectionSetNode]) -> tuple[Field, ...]:
        return tuple(self.field(parent, key, nodes) for key, nodes in self.collected(parent, sets).items())

    def field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Field:
        label = nodes[0].name.value
        definition = parent.fields.get(label)
        if definition is None:  # __typename, __schema and __type are on no type's list
            return Field(label, label, key, "String")
        inner = get_named_type(definition.type)
        sets = [node.selection_set for node in nodes if node.selection_set]
        concrete = self.schema.get_possible_types(inner) if is_abstract_type(inner) else [inner]
        kids = tuple((type_.name, self.fields(type_, sets)) for type_ in concrete) if sets else ()
        name = definition.extensions["strawberry-definition"].python_name
        listed = is_list_type(get_nullable_type(definition.type))
        return Field(name, label, key, inner.name, self.arguments(definition, nodes[0]), kids, listed)

    def arguments(self, definition: GraphQLField, node: FieldNode) -> tuple[tuple[str, Arg], ...]:
        known = get_argument_values(definition, node, self.values, hide_suggestions=True)
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        return tuple(
            (
                snake(name),
                self.slot(
                    value,
                    _reader(given.get(name), definition.args[name], value, self.values),
                    bound_of(definition.args[name]),
                ),
            )
            for name, value in known.items()
        )

    def slot(self, value: Any, read: Reader, bound: Bound | None) -> Arg:
        self.readers.append(read)
        return Arg(shape(snaked(value)), len(self.readers) - 1, bound)

    def collected(self, parent: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in sets:
            for node in self.visited(parent, selection_set, seen):
                found.setdefault((node.alias or node.name).value, []).append(node)
        return found

    def visited(
        self, parent: GraphQLObjectType, selection_set: SelectionSetNode, seen: set[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self.included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if self.applies(node.type_condition, parent):
                    yield from self.visited(parent, node.selection_set, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self.applies(fragment.type_condition, parent):
                    yield from self.visited(parent, fragment.selection_set, seen)

    def included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.values)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.values)
        return not include or bool(include["if"])

    def applies(self, condition: NamedTypeNode | None, parent: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == parent.name:
            return True
        wanted = self.schema.type_map[condition.name.value]
        return is_abstract_type(wanted) and self.schema.is_sub_type(wanted, parent)


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """A GraphQL name as Python spells it."""
    return _WORD.sub(lambda found: "_" + found[1].lower(), name)


def snaked(value: Any) -> Any:
    """An input object with Python's names."""
    return {snake(key): snaked(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _reader(node: ValueNode | None, definition: GraphQLArgument, value: Any, first: VariableValues | None) -> Reader:
    """How a later request of the same form reads this argument; a literal is the same in all of them.

    What the first request sent as a variable is not kept: readers outlive it.
    """
    if isinstance(node, VariableNode) and first is not None and node.name.value in first.coerced:
        name = node.name.value
        return lambda values: snaked(values.coerced[name])
    if node is None or isinstance(node, VariableNode) or not _has_variable(node):
        constant = snaked(value)
        return lambda values: constant
    return lambda values: snaked(_literal(node, definition, values))


def _literal(node: ValueNode, definition: GraphQLArgument, values: VariableValues) -> Any:
    made = coerce_input_literal(node, definition.type, values)
    if made is Undefined:
        raise GraphQLError("参数值无效 / An argument is not valid", node, extensions={"code": "BAD_USER_INPUT"})
    return made


def _has_variable(node: ValueNode) -> bool:
    if isinstance(node, VariableNode):
        return True
    inner = [*(getattr(node, "values", None) or ()), *(field.value for field in getattr(node, "fields", None) or ())]
    return any(_has_variable(one) for one in inner)


def chosen_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation that a request asks for. Raises GraphQLError (BAD_REQUEST) where that is not one."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    found = [d for d in operations if name is None or (d.name and d.name.value == name)]
    if len(found) == 1:
        return found[0]
    message = "请用 operationName 指明要执行的操作 / Say with operationName which operation to run"
    raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
