"""Values written in the document: of the right type, each error with the path of the value that is wrong."""

from collections.abc import Callable, Iterator
from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    ValidationContext,
    ValidationRule,
    ValueNode,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
)
from graphql.utilities.validate_input_value import validate_input_literal

from schema.answering.wording import unknown_field


class LiteralsRule(ValidationRule):
    """Stands for the library's rule of the same purpose, which tells no path and prints a whole object once for each
    field that the object should not have.
    """

    context: ValidationContext

    def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:
        argument = self.context.get_argument()
        if argument is not None:
            self._check(node.value, argument.type, node.name.value)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_args: Any) -> None:
        type_ = self.context.get_input_type()
        if node.default_value is not None and type_ is not None:
            self._check(node.default_value, type_, node.variable.name.value)

    def _check(self, node: ValueNode, type_: GraphQLInputType, name: str) -> None:
        is_known = True
        for field, type_name, path in _unknown(node, type_, (name,)):
            is_known = False
            message = f"Expected value of type '{type_name}' not to include unknown field '{field.name.value}'"
            unknown = unknown_field(message)
            place = [*path, *([unknown] if unknown else [])]
            self.context.report_error(GraphQLError(message, field, extensions={"inputPath": place}))
        if is_known:
            validate_input_literal(node, type_, self._reporting(name), None, None, hide_suggestions=True)

    def _reporting(self, name: str) -> Callable[[GraphQLError, list[str | int]], None]:
        def report(error: GraphQLError, path: list[str | int]) -> None:
            cause, extensions = error.original_error, {"inputPath": [name, *path]}
            self.context.report_error(
                GraphQLError(error.message, error.nodes, original_error=cause, extensions=extensions)
            )

        return report


def _unknown(
    node: ValueNode, type_: GraphQLInputType, path: tuple[str | int, ...]
) -> Iterator[tuple[ObjectFieldNode, str, tuple[str | int, ...]]]:
    """Fields of object literals that their types do not have, with the type's name and the object's path."""
    pending: list[tuple[ValueNode, Any, tuple[str | int, ...]]] = [(node, type_, path)]
    while pending:
        node, type_, path = pending.pop()
        plain = get_nullable_type(type_)
        if isinstance(node, ListValueNode) and isinstance(plain, GraphQLList):
            pending += [(value, plain.of_type, (*path, index)) for index, value in enumerate(node.values or ())]
        elif isinstance(node, ObjectValueNode):
            named = get_named_type(plain)
            if not isinstance(named, GraphQLInputObjectType):
                continue
            known = named.fields
            for field in node.fields or ():
                if field.name.value in known:
                    pending.append((field.value, known[field.name.value].type, (*path, field.name.value)))
                else:
                    yield field, named.name, path
