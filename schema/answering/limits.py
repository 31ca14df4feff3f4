"""Static limits of a document, judged before anything runs.

Each definition is measured once and its spreads are added up from the fragments' totals, so that the cost is linear in
the document although the document's expansion may be exponential (fragments that spread the next fragment twice).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    ValidationContext,
    ValidationRule,
    parse,
)

MAX_TOKENS = 2_000
MAX_SOURCE_LENGTH = 50_000
MAX_FRAGMENTS = 200
MOST_ERRORS = 10
"""Told of one request. The library prints a whole input for every field of it that does not exist."""

_ADVICE = {
    "tokens": ("查询词元过多", "拆成几个请求", "The document has too many tokens", "split it into several requests"),
    "sourceLength": ("查询文本过长", "把值放进变量", "The document is too long", "send values as variables"),
    "depth": ("查询嵌套过深", "从更近的类型开始查询", "The query is nested too deeply", "start it from a nearer type"),
    "aliases": ("别名过多", "拆成几个请求", "The query has too many aliases", "split it into several requests"),
    "roots": ("根字段过多", "拆成几个请求", "The query has too many root fields", "split it into several requests"),
    "directives": ("指令过多", "合并条件", "The query has too many directives", "merge the conditions"),
    "fragments": ("片段过多", "合并片段", "The document has too many fragments", "merge some of them"),
    "values": ("变量中的值过多", "分几次发送", "The variables hold too many values", "send fewer at once"),
    "overlaps": (
        "同名选择过多，无法逐一比较",
        "合并重复的选择",
        "Too many selections of equal names to compare",
        "merge the repeated ones",
    ),
    "fields": (
        "展开后的字段过多",
        "少选字段或少用片段",
        "The query has too many fields",
        "select fewer or spread less",
    ),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much one operation may ask, its fragments expanded at every spread."""

    depth: int
    aliases: int
    roots: int
    directives: int
    fields: int


@dataclass(slots=True)
class Measure:
    """What a definition asks by itself, then with its fragments. `roots` are its top level's distinct response keys."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    roots: set[str] = field(default_factory=set)
    spreads: list[tuple[str, int]] = field(default_factory=list)
    """Fragment names, each with the number of fields around the spread."""

    def add(self, fragment: "Measure", around: int, most_roots: int) -> None:
        """Count a fragment, already complete, at a spread that stands inside `around` fields."""
        if fragment.fields:
            self.depth = max(self.depth, around + fragment.depth)
        self.fields += fragment.fields
        self.aliases += fragment.aliases
        self.directives += fragment.directives
        # One key too many is enough to refuse: without this bound unions would cost the square of the document.
        if not around and len(self.roots) <= most_roots:
            self.roots |= fragment.roots


class LimitsRule(ValidationRule):
    """Refuses operations that ask more than `allowed`; run beside the specified rules, which refuse fragment cycles.

    `roots` bound mutations alone: what a query costs is bounded by its statements and rows. Depth counts fields, the
    leaf included, introspection too. Aliases, directives and fields count at every spread anew; roots are distinct
    response keys, since equal ones merge. Each limit reports once per operation, with `extensions` {code:
    LIMIT_EXCEEDED, limit, allowed}. More than 200 fragments are refused, since the library compares each with each.
    """

    allowed: Allowed

    def enter_document(self, document: DocumentNode, *_args: Any) -> None:
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        if len(fragments) > MAX_FRAGMENTS:
            self.report_error(exceeded("fragments", MAX_FRAGMENTS))
        try:
            totals = _totals(fragments, self.allowed.roots)
        except CycleError:
            return
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._judge(definition, _complete(_measured(definition), totals, self.allowed.roots))

    def _judge(self, operation: OperationDefinitionNode, asked: Measure) -> None:
        for limit in fields(self.allowed):
            if limit.name == "roots" and operation.operation is not OperationType.MUTATION:
                continue
            count = len(asked.roots) if limit.name == "roots" else getattr(asked, limit.name)
            if count > getattr(self.allowed, limit.name):
                self.report_error(exceeded(limit.name, getattr(self.allowed, limit.name), operation))


@cache
def limits_rule(
    depth: int = 15, aliases: int = 50, roots: int = 10, directives: int = 50, fields: int = 1_000
) -> type[LimitsRule]:
    """The rule class for these limits, always the same class for the same limits: validation caches key on it."""
    made = Allowed(depth, aliases, roots, directives, fields)
    return type("LimitsRule", (LimitsRule,), {"allowed": made})


def parse_document(source: str, most_tokens: int = MAX_TOKENS, longest: int = MAX_SOURCE_LENGTH) -> DocumentNode:
    """A document's syntax tree; raises GraphQLError, with LIMIT_EXCEEDED for too many tokens or too long a text."""
    try:
        return parse(source, max_lexical_tokens=most_tokens, max_source_length=longest)
    except GraphQLError as error:
        for limit, allowed, unit in (("tokens", most_tokens, "tokens"), ("sourceLength", longest, "code points")):
            if f"more than {allowed} {unit}" in error.message:
                raise exceeded(limit, allowed) from None
        raise


def limit_errors(schema: GraphQLSchema, document: DocumentNode, rule: type[LimitsRule]) -> list[GraphQLError]:
    """The limits that a document exceeds. Not through `validate`, which would walk every field for its type."""
    errors: list[GraphQLError] = []
    rule(ValidationContext(schema, document, TypeInfo(schema), errors.append)).enter_document(document)
    return errors


def exceeded(limit: str, allowed: int, operation: OperationDefinitionNode | None = None) -> GraphQLError:
    """The error for one limit, naming what is allowed and what to do instead."""
    zh, zh_advice, en, en_advice = _ADVICE[limit]
    message = f"{zh}（最多 {allowed}）：请{zh_advice} / {en} (at most {allowed}): {en_advice}"
    return GraphQLError(message, operation, extensions={"code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed})


def _totals(fragments: dict[str, FragmentDefinitionNode], most_roots: int) -> dict[str, Measure]:
    own = {name: _measured(fragment) for name, fragment in fragments.items()}
    order = TopologicalSorter({name: {spread for spread, _ in measure.spreads} for name, measure in own.items()})
    totals: dict[str, Measure] = {}
    for name in order.static_order():
        if name in own:
            totals[name] = _complete(own[name], totals, most_roots)
    return totals


def _complete(measure: Measure, totals: dict[str, Measure], most_roots: int) -> Measure:
    for name, around in measure.spreads:
        if name in totals:
            measure.add(totals[name], around, most_roots)
    return measure


def _measured(definition: OperationDefinitionNode | FragmentDefinitionNode) -> Measure:
    measure = Measure(directives=len(definition.directives or ()))
    for variable in definition.variable_definitions or ():
        measure.directives += len(variable.directives or ())
    for node, around in _selections(definition.selection_set, 0):
        measure.directives += len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            measure.spreads.append((node.name.value, around))
        elif isinstance(node, FieldNode):
            _count_field(measure, node, around)
    return measure


def _count_field(measure: Measure, node: FieldNode, around: int) -> None:
    measure.fields += 1
    measure.aliases += node.alias is not None
    measure.depth = max(measure.depth, around + 1)
    if not around:
        measure.roots.add((node.alias or node.name).value)


def _selections(selection_set: SelectionSetNode | None, around: int) -> Iterator[tuple[SelectionNode, int]]:
    """Every selection written below, each with the number of fields around it."""
    pending = [(selection_set, around)]
    while pending:
        here, around = pending.pop()
        for node in here.selections if here else ():
            yield node, around
            if not isinstance(node, FragmentSpreadNode):
                below = getattr(node, "selection_set", None)
                pending.append((below, around + isinstance(node, FieldNode)))
