"""Compiling one level: walks the fields selected of a type and gathers columns, joins and child levels."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.types import Text

from auth.access import Sight
from auth.rows import is_clear, reaches_none, seen
from auth.viewer import ViewerKind
from domain.data_key import DataKey
from resolvers.errors import Refused
from resolvers.nouns import BY_CONNECTION, NOUNS, noun_of
from resolvers.reading.aliases import Aliases
from resolvers.reading.assemble import Col, Const, Link, Node, Obj, Rows, compiled
from resolvers.reading.conditions import allowed, column, derived, reached
from resolvers.reading.connection import connection
from resolvers.reading.filters import conditions
from resolvers.reading.level import MOST_LISTED, Level
from resolvers.reading.noun import Noun
from resolvers.reading.paging import Page
from resolvers.reading.personal import id_document, personal_text
from resolvers.reading.relation import (
    equal,
    hangs_on,
    model_behind,
    parent_key,
    points_at,
    relation_of,
    scoped_by_parent,
)
from resolvers.reading.selection import Field
from resolvers.reading.statement import Binds, Statement, Tools, plain

NO_ROWS = frozenset({"total_count", "__typename"})
"""What can be answered of a connection without its rows."""

KEYS: Any = bindparam("keys", type_=ARRAY(Uuid()))
PARENTS: Any = func.unnest(KEYS).table_valued("key", name="parents").render_derived()


class Builder:
    """One level in the making. `hidden` gathers what was asked for and may not be seen, as `Type.field`."""

    def __init__(
        self,
        noun: Noun,
        kind: ViewerKind,
        tools: Tools,
        hidden: set[str],
        first: Sequence[Any] = (),
        aliases: Aliases | None = None,
    ) -> None:
        self.noun, self.kind, self.tools, self.hidden = noun, kind, tools, hidden
        self.aliases = aliases or Aliases()
        self.row: Any = self.aliases.new(noun.model)
        self.binds = Binds()
        self.columns: list[Any] = list(first)
        self.places: dict[Any, int] = {}
        self.joins: list[tuple[Any, ...]] = []
        self.joined: dict[Any, Any] = {}
        self.children: list[tuple[Level, int]] = []
        self.extra = 0
        """1 once somebody asks whether there is more."""

    # -- objects ------------------------------------------------------------------------------------------------------

    def object(self, noun: Noun, row: Any, fields: tuple[Field, ...], present_at: int | None = None) -> Obj:
        """One object of a type, as selected."""
        return Obj([(field.key, self.value(noun, row, field)) for field in fields], present_at)

    def value(self, noun: Noun, row: Any, field: Field) -> Node:
        """One field of an object, as sharply as the page allows."""
        if field.name == "__typename":
            return Const(noun.name)
        if field.name == "viewer_can":
            return self._acts(row, field)
        sight = seen(noun.model, field.name, self.kind)
        if sight is Sight.HIDDEN:
            self.hidden.add(f"{noun.name}.{field.label}")
        if field.type == "PersonalText":
            return personal_text(self, noun, row, field, sight)
        if field.type == "IdDocument":
            return id_document(self, noun, row, field, sight)
        return self._clear(noun, row, field) if sight is Sight.CLEAR else Const(None)

    def _clear(self, noun: Noun, row: Any, field: Field) -> Node:
        if field.name == "id":
            return Col(self._public_id(noun, row))
        if field.name in noun.derived:
            return Col(self.column(row, field.name, derived(row, noun.derived[field.name])))
        if field.name in noun.through:
            relation, attribute = noun.through[field.name]
            return Col(self.column(self.join(row, relation), attribute))
        if field.type in BY_CONNECTION:
            return self._connected(row, field)
        if field.type in NOUNS:
            return self._related(row, field)
        return Col(self.column(row, field.name))

    def column(self, row: Any, name: str, expression: Any = None) -> int:
        """The number of a column, selected once however often it is asked for."""
        place = (row, name)
        if place not in self.places:
            self.places[place] = len(self.columns)
            self.columns.append(column(row, name) if expression is None else expression)
        return self.places[place]

    def _public_id(self, noun: Noun, row: Any) -> int:
        return self.column(row, "public id", derived(row, _public_id(noun.model.PREFIX)))

    def _acts(self, row: Any, field: Field) -> Obj:
        def answer(act: Field) -> Node:
            if act.name == "__typename":
                return Const(field.type)
            condition = allowed(act.name, row, self.kind)
            if isinstance(condition, bool):
                return Const(condition)
            return Col(self.column(row, f"may {act.name}", condition))

        return Obj([(act.key, answer(act)) for act in field.of(field.type)])

    # -- relations ----------------------------------------------------------------------------------------------------

    def join(self, row: Any, relation: str) -> Any:
        """The to-one row behind a relation, joined once. What is shown of it is decided by the row's own page."""
        target: Any = self.aliases.new(model_behind(row, relation))
        return self._joined(row, relation, target, points_at(row, relation, target))

    def join_in_reach(self, row: Any, relation: str) -> Any:
        """The same, there only where the viewer reaches it."""
        target: Any = self.aliases.new(model_behind(row, relation))
        link, within = points_at(row, relation, target), reached(target, self.kind)
        return self._joined(row, relation, target, link if within is True else and_(link, _expression(within)))

    def _joined(self, row: Any, place: str, target: Any, link: Any) -> Any:
        if (row, place) not in self.joined:
            self.joins.append((target, link))
            self.joined[row, place] = target
        return self.joined[row, place]

    def data_key(self, row: Any, person: str) -> Any:
        """The wrapped key of the person that a row belongs to; `person` is the column that says who."""
        target: Any = self.aliases.new(DataKey)
        return self._joined(row, "data key", target, equal(target, "id", row, person))

    def _related(self, row: Any, field: Field) -> Node:
        noun = NOUNS[field.type]
        if relation_of(row, field.name).uselist:
            return self._listed(noun, row, field)
        target = self.join_in_reach(row, field.name)
        there = self._public_id(noun, target) if noun.model.PREFIX else self.column(target, "id")
        return self.object(noun, target, field.of(noun.name), there)

    def _below(self, noun: Noun) -> "Builder":
        return Builder(noun, self.kind, self.tools, self.hidden, first=[PARENTS.c.key])

    def _listed(self, noun: Noun, row: Any, field: Field) -> Link:
        """A short list behind a to-many relation, whole."""
        below, relation = self._below(noun), relation_of(row, field.name)
        answer = Rows(below.object(noun, below.row, field.of(noun.name)))
        chosen = below.select(*below.scope(), *hangs_on(relation, below.row, PARENTS.c.key))
        ordering = [getattr(below.row, attribute) for attribute, _ in noun.orders[noun.order]]
        return self._child(row, field, below.lateral(chosen.order_by(*ordering).limit(MOST_LISTED), answer), None)

    def _connected(self, row: Any, field: Field) -> Link:
        """A paged list below the row; its count, where asked for, is a column of the row's own statement."""
        noun, relation = noun_of(model_behind(row, field.name)), relation_of(row, field.name)
        scoped = scoped_by_parent(relation, noun.model, self.kind)
        total = self._total(noun, row, field, scoped) if "total_count" in field.asked else None
        below, page = self._below(noun), self.page(noun, field)
        answer = connection(below, field, page)
        if not field.asked - NO_ROWS:
            tuple(conditions(noun, self.kind, below.row, field, below.binds, self.tools))  # refused as with rows
            return self._child(row, field, below.level(answer, None, page), total)
        chosen = below.select(
            *(below.only() if scoped else below.scope()),
            *hangs_on(relation, below.row, PARENTS.c.key),
            *conditions(noun, self.kind, below.row, field, below.binds, self.tools),
        )
        return self._child(row, field, below.lateral(below.window(chosen, page), answer, page), total)

    def _child(self, row: Any, field: Field, level: Level, total: int | None) -> Link:
        key = self.column(row, parent_key(relation_of(row, field.name)))
        self.children.append((level, key))
        return Link(len(self.children) - 1, key, total)

    def _total(self, noun: Noun, row: Any, field: Field, scoped: bool) -> int:
        counting = Builder(noun, self.kind, self.tools, self.hidden, aliases=self.aliases)
        relation = relation_of(row, field.name)
        counted = (
            select(func.count())
            .select_from(counting.row)
            .where(*hangs_on(relation, counting.row, getattr(row, parent_key(relation))))
            .where(*(counting.only() if scoped else counting.scope()))
            .where(*conditions(noun, self.kind, counting.row, field, self.binds, self.tools))
        )
        # A place of its own: one row may be asked for twice, under two aliases, with two ways of narrowing its list.
        self.columns.append(counted.correlate(row).scalar_subquery())
        return len(self.columns) - 1

    # -- lists --------------------------------------------------------------------------------------------------------

    def page(self, noun: Noun, field: Field) -> Page:
        """The window of a list. Raises Refused for an order by what is not CLEAR, or by two ends at once."""
        asked = field.arg("order_by")
        order = f"{asked.shape_of('field').value} {asked.shape_of('direction').value}" if asked else noun.order
        # Without any row in reach, the order that nobody asked for gives nothing away: the list is empty.
        for attribute, _ in noun.orders[order] if asked or not reaches_none(noun.model, self.kind) else ():
            if attribute != "id" and not is_clear(noun.model, noun.ranks.get(attribute, attribute), self.kind):
                raise Refused("FORBIDDEN", f"无权按此字段排序：{order}", f"You may not order {noun.name} by {order}")
        return Page(noun, order, self.tools.cursors, field)

    def only(self) -> list[Any]:
        """What narrows the mapped class to this noun, whoever asks."""
        return [derived(self.row, self.noun.only)] if self.noun.only else []

    def scope(self) -> list[Any]:
        """The rows of this noun that the viewer reaches."""
        within = reached(self.row, self.kind)
        return [*self.only()] if within is True else [*self.only(), _expression(within)]

    def select(self, *where: Any) -> Select[Any]:
        """The columns gathered, from the row and everything joined to it."""
        named = [column.label(f"c{i}") for i, column in enumerate(self.columns) if column is not PARENTS.c.key]
        made = select(*(named or [true().label("c0")])).select_from(self.row)
        for join in self.joins:
            made = made.outerjoin(*join)
        return made.where(*where)

    def window(self, chosen: Select[Any], page: Page) -> Select[Any]:
        """One page of it."""
        ordered = chosen.where(*page.bounds(self.row, self.binds)).order_by(*page.ordering(self.row))
        return ordered.limit(page.size_bind(self.binds, self.extra))

    def lateral(self, chosen: Select[Any], answer: Node, page: Page | None = None) -> Level:
        """The level that finds these rows for all parents at once, the parent's key before each row."""
        inner = plain(chosen).lateral("page")
        named = [_column_of_page(column.key) for column in chosen.selected_columns]
        rows = select(PARENTS.c.key, *named).select_from(PARENTS).join(inner, true())
        return self.level(answer, Statement(rows, self.binds), page)

    def level(self, answer: Node, rows: Statement | None, page: Page | None = None) -> Level:
        """The finished level."""
        names: dict[str, object] = {"unseal": self.tools.unseal}
        if page:
            names["cursor"] = page.cursor
        return Level(compiled(answer, **names), self.children, rows, page, extra=self.extra)


def public_id_of(inner: Any, prefix: str) -> ColumnElement[str]:
    """A public id, made in SQL."""
    return literal_column(f"'{prefix}_'", Text) + func.replace(cast(inner, Text), "-", "")


@cache
def _column_of_page(name: str) -> ColumnElement[Any]:
    return literal_column(f"page.{name}")


@cache
def _public_id(prefix: str) -> Callable[[Any], ColumnElement[str]]:
    return lambda row: public_id_of(row.id, prefix)


def _expression(within: Any) -> ColumnElement[bool]:
    return false() if within is False else within
