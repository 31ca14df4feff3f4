"""The variables of an operation: their values in a request, and which of them selections depend on."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.pyutils import print_path_list
from graphql.utilities.coerce_input_value import coerce_input_value
from graphql.utilities.validate_input_value import validate_input_value

from schema.answering.errors import Several
from schema.answering.limits import MOST_ERRORS
from schema.answering.wording import unknown_field

MAX_VALUES = 5_000
"""List items and object fields in all variables of a request together. Who reads a request judges it, before anything
walks them (`server.http.payloads`); nesting too, since what follows recurses.
"""


class Variables:
    """What one operation defines. `selecting` names those on which its selections depend."""

    def __init__(
        self, schema: GraphQLSchema, node: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]
    ) -> None:
        self._schema, self._definitions = schema, node.variable_definitions or ()
        signatures = [get_variable_signature(schema, definition) for definition in self._definitions]
        self._signatures = [one for one in signatures if isinstance(one, GraphQLVariableSignature)]
        self.selecting = _selecting(node, fragments)

    def coerced(self, given: Mapping[str, Any]) -> VariableValues:
        """A request's values as the schema wants them. Raises Several with one error per bad variable."""
        if (right := self._taken(given)) is not None:
            return right
        values = get_variable_values(self._schema, self._definitions, dict(given), MOST_ERRORS, hide_suggestions=True)
        if isinstance(values, list):
            raise Several(self._placed(given) or values)
        return values

    def declared(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Those of a request's values that the operation defines; whatever else came with them tells it nothing."""
        return {one.name: given[one.name] for one in self._signatures if one.name in given}

    def _placed(self, given: Mapping[str, Any]) -> list[GraphQLError]:
        """One error for each value that is there and wrong, with its path in `extensions`."""
        errors: list[GraphQLError] = []
        for signature, definition in zip(self._signatures, self._definitions, strict=False):
            if signature.name in given or not signature.default:
                value = given.get(signature.name, Undefined)
                validate_input_value(value, signature.type, _placing(errors, signature.name, definition), True)
        return errors

    def _taken(self, given: Mapping[str, Any]) -> VariableValues | None:
        """What the library makes of variables that are all there and right; it would look up every type in each
        request. None where one is absent or wrong, which the library then tells.
        """
        values = VariableValues({}, {})
        for signature in self._signatures:
            value = given.get(signature.name, Undefined)
            taken = Undefined if value is Undefined else coerce_input_value(value, signature.type)
            if taken is Undefined:
                return None
            values.sources[signature.name] = VariableValueSource(signature, value)
            values.coerced[signature.name] = taken
        return values


def _placing(
    errors: list[GraphQLError], name: str, definition: VariableDefinitionNode
) -> Callable[[GraphQLError, list[str | int]], None]:
    def place(error: GraphQLError, path: list[str | int]) -> None:
        if len(errors) == MOST_ERRORS:
            errors.append(GraphQLError("Too many errors processing variables"))
        elif len(errors) < MOST_ERRORS:
            message = f"Variable '${name}' has invalid value{print_path_list(path)}: {error.message}"
            unknown = unknown_field(error.message)
            extensions = {"inputPath": [name, *path, *([unknown] if unknown else [])]}
            errors.append(GraphQLError(message, definition, original_error=error, extensions=extensions))

    return place


class _Found(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)


def _selecting(node: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]) -> list[str]:
    """The variables that decide what is selected: all, but of a mutation not those that only an act is given."""
    defined = [definition.variable.name.value for definition in node.variable_definitions or ()]
    if node.operation is not OperationType.MUTATION:
        return defined
    found = _Found()
    roots: list[Any] = [*node.selection_set.selections, *fragments]
    for root in roots:
        for part in (*(root.directives or ()), getattr(root, "selection_set", None)):
            if part is not None:
                visit(part, found)
    return [name for name in defined if name in found.names]
