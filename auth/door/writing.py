"""Rows as the statements that write them: the objects that an act leaves behind go in one (decision 0024), up to
`MOST_AT_ONCE` new ones.

The order of the parts of one statement does not matter: PostgreSQL checks foreign keys when it has ended.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Enum, inspect
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty

from auth.door.statement_text import DIALECT
from domain.base import Base

MOST_AT_ONCE = 100
"""New rows of one statement, so that its values stay far below the 65,535 that PostgreSQL takes."""


class Statement(NamedTuple):
    """What the driver sends: text with `$1`, `$2`, … and its values. It gives one number: how many rows it changed,
    which is `changed` unless somebody took one away.
    """

    sql: bytes
    values: list[object]
    changed: int


class _Insert(NamedTuple):
    table: str
    columns: tuple[str, ...]
    rows: int

    def text(self, numbers: Iterator[int]) -> str:
        rows = ", ".join(f"({', '.join(f'${next(numbers)}' for _ in self.columns)})" for _ in range(self.rows))
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES {rows}"  # noqa: S608 - our own names


class _Update(NamedTuple):
    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def text(self, numbers: Iterator[int]) -> str:
        sets = ", ".join(f"{column} = ${next(numbers)}" for column in self.columns)
        row = " AND ".join(f"{column} = ${next(numbers)}" for column in self.key)
        return f"UPDATE {self.table} SET {sets} WHERE {row} RETURNING 1"  # noqa: S608 - our own names


class _Delete(NamedTuple):
    table: str
    columns: tuple[str, ...]

    def text(self, numbers: Iterator[int]) -> str:
        row = " AND ".join(f"{column} = ${next(numbers)}" for column in self.columns)
        return f"DELETE FROM {self.table} WHERE {row}"  # noqa: S608 - our own names


_Shape = _Insert | _Update | _Delete
_Part = tuple[_Shape, list[object]]


class _Mapping(NamedTuple):
    """How a type is written: attributes with their columns, what the database does not fill, and what is bound how."""

    table: str
    place: int
    columns: Mapping[str, str]
    key: tuple[str, ...]
    defaults: Mapping[str, Callable[[Any], object]]
    binds: Mapping[str, Callable[[Any], object]]
    links: tuple[tuple[str, RelationshipProperty[Any]], ...]

    def names(self, attributes: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.columns[attribute] for attribute in attributes)

    def values(self, row: Base, attributes: Iterable[str]) -> list[object]:
        now, binds = row.__dict__, self.binds
        return [
            binds[name](value) if name in binds and value is not None else value
            for name, value in ((name, now.get(name)) for name in attributes)
        ]


def statements(new: Sequence[Base], changed: Sequence[Base]) -> Iterator[Statement]:
    """What writes these rows. New ones get their defaults here. They are written parents before children, and of one
    type in the order given; changes come with the last of them.
    """
    parts = [*_updates(changed), *_joins(new, changed)]
    ordered = sorted(new, key=_place)
    for start in range(0, max(len(ordered), 1), MOST_AT_ONCE):
        some = ordered[start : start + MOST_AT_ONCE]
        inserts = [_insert(list(rows)) for _, rows in groupby(some, type)]
        last = start + MOST_AT_ONCE >= len(ordered)
        if everything := inserts + (parts if last else []):  # what refers to new rows comes with the last of them
            yield _statement(everything)


def with_relatives(rows: Sequence[Base]) -> list[Base]:
    """New rows, with new rows that hang on them: nothing that was made is forgotten."""
    found: dict[Base, None] = {}
    waiting = list(reversed(rows))
    while waiting:
        row = waiting.pop()
        if row not in found and inspect(row).key is None:
            found[row] = None
            waiting += [other for name, link in _links_of(row) for other in _ends_at(row, name, link)]
    return list(found)


def take_keys(row: Base) -> None:
    """Fills the keys of parents that were given as objects."""
    model: type[Base] = type(row)
    state = inspect(row)
    for name, link in _mapping(model).links:
        if link.direction is RelationshipDirection.MANYTOONE and name in state.committed_state:
            parent = row.__dict__.get(name)
            for local, remote in _ends(link):
                setattr(row, local.key, parent and getattr(parent, remote.key))


def changed_columns(row: Base) -> tuple[str, ...]:
    """The columns of a loaded row that were set since, and to another value."""
    was, now = inspect(row).committed_state, row.__dict__
    model: type[Base] = type(row)
    columns = _mapping(model).columns
    return tuple(name for name, value in was.items() if name in columns and value != now.get(name))


def _place(row: Base) -> int:
    model: type[Base] = type(row)
    return _mapping(model).place


def _statement(parts: Sequence[_Part]) -> Statement:
    shapes = tuple(shape for shape, _ in parts)
    changed = sum(isinstance(shape, _Update) for shape in shapes)
    return Statement(_text(shapes), [value for _, values in parts for value in values], changed)


@lru_cache(maxsize=1000)
def _text(shapes: tuple[_Shape, ...]) -> bytes:
    numbers = iter(range(1, 65_536))
    parts = ", ".join(f"part_{at} AS ({shape.text(numbers)})" for at, shape in enumerate(shapes))
    updates = [
        f"(SELECT count(*) FROM part_{at})"  # noqa: S608 - our own names
        for at, shape in enumerate(shapes)
        if isinstance(shape, _Update)
    ]
    return f"WITH {parts} SELECT {' + '.join(updates) or '0'}".encode()


def _insert(rows: Sequence[Base]) -> _Part:
    model: type[Base] = type(rows[0])
    mapping = _mapping(model)
    for row in rows:
        for name, made in mapping.defaults.items():
            if row.__dict__.get(name) is None:
                row.__dict__[name] = made(None)  # SQLAlchemy lets every default take a context
    shape = _Insert(mapping.table, tuple(mapping.columns.values()), len(rows))
    return shape, [value for row in rows for value in mapping.values(row, mapping.columns)]


def _updates(rows: Sequence[Base]) -> Iterator[_Part]:
    for row in rows:
        if changed := changed_columns(row):
            model: type[Base] = type(row)
            mapping = _mapping(model)
            shape = _Update(mapping.table, mapping.names(changed), mapping.names(mapping.key))
            yield shape, mapping.values(row, (*changed, *mapping.key))


def _links_of(row: Base) -> list[tuple[str, RelationshipProperty[Any]]]:
    """The relationships that were set or loaded."""
    model: type[Base] = type(row)
    return [(name, link) for name, link in _mapping(model).links if row.__dict__.get(name)]


def _ends_at(row: Base, name: str, link: RelationshipProperty[Any]) -> list[Base]:
    found: Any = row.__dict__[name]
    return list(found) if link.uselist else [found]


def _joins(new: Sequence[Base], changed: Sequence[Base]) -> Iterator[_Part]:
    """Rows of tables that only join two others, such as a customer's tags."""
    for row in (*new, *changed):
        model: type[Base] = type(row)
        for name, link in _mapping(model).links:
            if link.secondary is None or name not in row.__dict__:
                continue
            history = inspect(row).attrs[name].history
            columns = tuple(_quoted(joining.name) for _, joining in _ends(link))
            table = _quoted(str(link.secondary.description))
            for other in history.deleted:
                yield _Delete(table, columns), _pair(link, row, other)
            for other in history.added:
                yield _Insert(table, columns, 1), _pair(link, row, other)


def _pair(link: RelationshipProperty[Any], row: Base, other: Base) -> list[object]:
    ends = ((row if local.table is inspect(type(row)).local_table else other, local) for local, _ in _ends(link))
    return [getattr(end, local.key) for end, local in ends]


def _ends(link: RelationshipProperty[Any]) -> Sequence[tuple[Any, Any]]:
    return link.local_remote_pairs or ()


@cache
def _mapping(model: type[Base]) -> _Mapping:
    mapper = inspect(model)
    table: Any = mapper.local_table
    mapped = [(attribute.key, attribute.columns[0]) for attribute in mapper.column_attrs]
    columns: dict[str, Any] = {name: column for name, column in mapped if _is_written(column)}
    return _Mapping(
        _quoted(table.name),
        model.metadata.sorted_tables.index(table),
        {name: _quoted(column.name) for name, column in columns.items()},
        tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key),
        {name: made for name, column in columns.items() if (made := _default(column)) is not None},
        {name: bind for name, column in columns.items() if (bind := _bind(column)) is not None},
        tuple((name, link) for name, link in mapper.relationships.items() if not link.viewonly),
    )


def _bind(column: Any) -> Callable[[Any], object] | None:
    if isinstance(column.type, Enum):
        return dict(zip(column.type.python_type, column.type.enums, strict=True)).__getitem__
    bind: Callable[[Any], object] | None = column.type.dialect_impl(DIALECT).bind_processor(DIALECT)
    if isinstance(column.type, ARRAY):
        # In an empty list the driver looks for a type for longer than all else of the row takes.
        return lambda value: (bind(value) if bind else value) if value else "{}"
    return bind


def _quoted(name: str) -> str:
    return str(DIALECT.identifier_preparer.quote(name))


def _default(column: Any) -> Callable[[Any], object] | None:
    if column.default is None:
        return None
    argument = column.default.arg
    made: Callable[[Any], object] = argument if column.default.is_callable else lambda _context: argument
    return made


def _is_written(column: Any) -> bool:
    """Whether a new row brings a value: not where the database alone makes it."""
    return column.server_default is None or column.default is not None
