"""Fields of one response key that cannot be merged (GraphQL, section 5.3.2), found in time linear in the fields.

The library compares each field of a key with each. Equality is transitive: comparing each with the first is enough, if
fields are grouped first by the types on which they can meet.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    is_leaf_type,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from schema.answering.limits import exceeded

MAX_VISITS = 20_000
"""Fields looked at, each as often as it can meet others: many times what a document within the limits has."""
CHARACTERS_PER_VISIT = 1_000
"""Of printed arguments: comparing as many costs less than looking at a field."""
MAX_DEPTH = 100
"""A fragment inside itself is told by another rule; here it comes to an end."""


class Selected(NamedTuple):
    """A field where it is written: the type that it is asked of, and what the schema says of it."""

    parent: Any
    node: FieldNode
    definition: GraphQLField


Sets: TypeAlias = Iterable[tuple[Any, SelectionSetNode]]
"""Selection sets to be merged, each with the type that it is written on."""


class MergingRule(ValidationRule):
    """Stands for the library's `OverlappingFieldsCanBeMergedRule`: refuses the same documents, one error per key."""

    context: ValidationContext

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: Any) -> None:
        root = self.context.schema.get_root_type(node.operation)
        self.visits, self._texts = 0, _Texts()
        if root is not None:
            self._merge([(root, node.selection_set)], 0, shape_only=False)

    def _merge(self, sets: Sets, depth: int, *, shape_only: bool) -> None:
        for key, fields in self._collected(sets).items():
            self.visits += len(fields) + (0 if shape_only else self._texts.compared(fields))
            if self.visits > MAX_VISITS or depth > MAX_DEPTH:
                break
            if conflict := _different_shapes(fields) or (not shape_only and self._texts.different(fields)):
                self._report(key, *conflict)
            else:
                self._merge_below(fields, depth + 1, shape_only=shape_only)
        if self.visits > MAX_VISITS and depth == 0:
            self.context.report_error(exceeded("overlaps", MAX_VISITS))

    def _merge_below(self, fields: list[Selected], depth: int, *, shape_only: bool) -> None:
        groups = [fields] if shape_only else list(_meeting(fields))
        for group in groups:
            self._merge(list(_below(group)), depth, shape_only=shape_only)
        if len(groups) > 1:
            self._merge(list(_below(fields)), depth, shape_only=True)

    def _collected(self, sets: Sets) -> dict[str, list[Selected]]:
        found: dict[str, list[Selected]] = {}
        spread: set[str] = set()
        pending = list(sets)
        while pending:
            parent, selection_set = pending.pop()
            for node in selection_set.selections:
                if isinstance(node, FieldNode):
                    definition = self.context.schema.get_field(parent, node.name.value) if parent else None
                    if definition is not None:
                        key = (node.alias or node.name).value
                        found.setdefault(key, []).append(Selected(parent, node, definition))
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition
                    inner = self.context.schema.get_type(condition.name.value) if condition else parent
                    pending.append((inner, node.selection_set))
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    if fragment := self.context.get_fragment(node.name.value):
                        inner = self.context.schema.get_type(fragment.type_condition.name.value)
                        pending.append((inner, fragment.selection_set))
        return found

    def _report(self, key: str, one: Selected, other: Selected) -> None:
        message = f"Fields '{key}' conflict because they are different fields or have different arguments or types"
        self.context.report_error(GraphQLError(f"{message}. Use different aliases.", [one.node, other.node]))


def _meeting(fields: list[Selected]) -> Iterator[list[Selected]]:
    """The fields that one object can have at once: those of each object type, with those of interfaces and unions."""
    abstract = [field for field in fields if not isinstance(field.parent, GraphQLObjectType)]
    concrete: dict[str, list[Selected]] = {}
    for field in fields:
        if isinstance(field.parent, GraphQLObjectType):
            concrete.setdefault(field.parent.name, []).append(field)
    if not concrete:
        yield abstract
    for group in concrete.values():
        yield [*abstract, *group]


def _below(fields: list[Selected]) -> Iterator[tuple[Any, SelectionSetNode]]:
    for field in fields:
        if field.node.selection_set:
            yield get_named_type(field.definition.type), field.node.selection_set


def _different_shapes(fields: list[Selected]) -> tuple[Selected, Selected] | None:
    first = fields[0]
    shape = _shape(first.definition.type)
    return next(((first, field) for field in fields[1:] if _shape(field.definition.type) != shape), None)


def _shape(type_: Any) -> tuple[Any, ...]:
    """Lists and nulls of a type; leaves by name, since objects may differ."""
    wrappers: list[str] = []
    while isinstance(type_, GraphQLList | GraphQLNonNull):
        wrappers.append("list" if isinstance(type_, GraphQLList) else "non-null")
        type_ = type_.of_type
    return (*wrappers, type_.name if is_leaf_type(type_) else None)


class _Texts:
    """What fields ask, for comparison: names and arguments, each argument printed once however often it is met."""

    def __init__(self) -> None:
        self._asked: dict[int, tuple[Any, ...]] = {}

    def different(self, fields: list[Selected]) -> tuple[Selected, Selected] | None:
        """Two fields that an object can have at once and that ask for different things."""
        if len(fields) == 1:
            return None
        for group in _meeting(fields):
            asked = self._of(group[0].node)
            if other := next((field for field in group[1:] if self._of(field.node) != asked), None):
                return group[0], other
        return None

    def compared(self, fields: list[Selected]) -> int:
        """How much of arguments is compared, in fields: the comparison of long texts is work as well."""
        if len(fields) == 1:
            return 0
        return sum(len(text) for field in fields for _, text in self._of(field.node)[1:]) // CHARACTERS_PER_VISIT

    def _of(self, node: FieldNode) -> tuple[Any, ...]:
        # By identity: the nodes live as long as the document, and their own hash goes through all that is below.
        if id(node) not in self._asked:
            self._asked[id(node)] = _asked(node)
        return self._asked[id(node)]


def _asked(node: FieldNode) -> tuple[Any, ...]:
    arguments = sorted((one.name.value, print_ast(sort_value_node(one.value))) for one in node.arguments or ())
    return node.name.value, *arguments
