"""A GraphQL document, read as it stands: nothing is merged ahead, kept or made ready for anything."""

import re
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
    parse,
)
from graphql.execution.values import get_argument_values, get_variable_values

_WORD = re.compile("([A-Z])")


def snake(name: str) -> str:
    return _WORD.sub(lambda found: "_" + found[1].lower(), name)


class Document:
    """One operation with its variables."""

    def __init__(self, schema: GraphQLSchema, text: str, variables: dict[str, Any]) -> None:
        definitions = parse(text).definitions
        self.schema = schema
        self.fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        (self.operation,) = (one for one in definitions if isinstance(one, OperationDefinitionNode))
        self.variables: Any = get_variable_values(schema, self.operation.variable_definitions or (), variables)

    def type(self, name: str) -> Any:
        return self.schema.type_map[name]

    def roots(self) -> dict[str, list[FieldNode]]:
        return self.collected(self.type("Query"), [self.operation], {})

    def below(self, type_: str, nodes: list[FieldNode]) -> list[tuple[str, str, list[FieldNode]]]:
        """Response key, name and nodes of everything selected of a concrete type."""
        found = self.collected(self.type(type_), nodes, {})
        return [(key, several[0].name.value, several) for key, several in found.items()]

    def collected(self, type_: Any, nodes: list[Any], out: dict[str, Any]) -> dict[str, list[FieldNode]]:
        for selection in (one for node in nodes for one in node.selection_set.selections):
            if not all(self.holds(directive) for directive in selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                out.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            inner = self.fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            of = inner.type_condition.name.value if inner.type_condition else type_.name
            if of in {type_.name, *(interface.name for interface in type_.interfaces)}:
                self.collected(type_, [inner], out)
        return out

    def holds(self, directive: Any) -> bool:
        value = directive.arguments[0].value
        wanted = self.variables.coerced[value.name.value] if isinstance(value, VariableNode) else value.value
        return wanted is (directive.name.value == "include")

    def args(self, type_: str, node: FieldNode) -> dict[str, Any]:
        """The arguments given, by their names in the SDL."""
        return get_argument_values(self.type(type_).fields[node.name.value], node, self.variables)

    def inner(self, type_: str, nodes: list[FieldNode]) -> str:
        """The type that a field gives, lists and non-nulls taken off."""
        return str(get_named_type(self.type(type_).fields[nodes[0].name.value].type).name)
