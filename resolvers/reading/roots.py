"""Root fields compiled: pages, registers, single rows and `node`."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Uuid, any_, func, select

from auth.viewer import ViewerKind
from domain.identity import read_public_id
from resolvers.errors import Refused
from resolvers.nouns import BY_CONNECTION, BY_PREFIX, NOUNS
from resolvers.reading.assemble import Rows
from resolvers.reading.build import KEYS, NO_ROWS, Builder
from resolvers.reading.connection import connection
from resolvers.reading.filters import conditions, is_searched
from resolvers.reading.level import MOST_LISTED, Level
from resolvers.reading.noun import Noun
from resolvers.reading.search import searched_list
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Statement, Tools

MOST_NODES, MOST_IDS = 25_000, 100
OF_ANY_NODE = frozenset({"id", "__typename"})

Answer = Callable[[Request], Awaitable[Any]]


class Root(NamedTuple):
    """One root field of an operation: `judge` looks at the request before any statement runs, `answer` reads."""

    field: Field
    judge: Callable[[Request], int]
    answer: Answer
    scans: int = 0
    """How many times it goes through candidates of a search."""


class Making(NamedTuple):
    """What every root is compiled with."""

    kind: ViewerKind
    tools: Tools
    hidden: set[str]


class Special(Protocol):
    """A root that is no page, list or single row: it compiles itself."""

    def __call__(self, field: Field, making: Making) -> Root: ...


def list_root(noun: Noun, field: Field, making: Making) -> Root:
    """A register, whole: short by nature."""
    builder = Builder(noun, *making)
    answer = Rows(builder.object(noun, builder.row, field.of(noun.name)))
    ordering = [getattr(builder.row, attribute) for attribute, _ in noun.orders[noun.order]]
    chosen = builder.select(*builder.scope()).order_by(*ordering).limit(MOST_LISTED)
    level = builder.level(answer, Statement(chosen, builder.binds))
    return Root(field, level.judge, level.paged)


def page_root(noun: Noun, field: Field, making: Making) -> Root:
    """A connection at the root; its count is a statement of its own."""
    if is_searched(noun, field):
        searched = searched_list(noun, field, making)
        return Root(field, searched.judge, searched.answer, searched.scans)
    builder = Builder(noun, *making)
    page = builder.page(noun, field)
    answer = connection(builder, field, page)
    narrowed = [*builder.scope(), *conditions(noun, making.kind, builder.row, field, builder.binds, making.tools)]
    rows = Statement(builder.window(builder.select(*narrowed), page), builder.binds) if field.asked - NO_ROWS else None
    level = builder.level(answer, rows, page)
    if "total_count" in field.asked:
        level.count = Statement(select(func.count()).select_from(builder.row).where(*narrowed), builder.binds)
    return Root(field, level.judge, level.paged)


def keyed_level(noun: Noun, fields: tuple[Field, ...], making: Making) -> Level:
    """Rows of one noun by their ids, those in reach."""
    builder = Builder(noun, *making)
    builder.column(builder.row, "id")
    answer = builder.object(noun, builder.row, fields)
    chosen = builder.select(builder.row.id == any_(KEYS), *builder.scope())
    return builder.level(answer, Statement(chosen, builder.binds))


def single_level(noun: Noun, fields: tuple[Field, ...], making: Making) -> Level:
    """One row of a noun by its id, if it is in reach."""
    builder = Builder(noun, *making)
    answer = builder.object(noun, builder.row, fields)
    key = builder.binds.new(
        lambda request: (request.keys or ())[0], Uuid()
    )  # an array of one costs twice as much to send
    return builder.level(answer, Statement(builder.select(builder.row.id == key, *builder.scope()), builder.binds))


def one_root(noun: Noun, field: Field, making: Making) -> Root:
    """One row by its id. Null for a stranger's row as for an id that never was."""
    level, slot = single_level(noun, field.of(noun.name), making), dict(field.args)["id"].slot

    async def answered(request: Request) -> Any:
        found = read_public_id(request.values[slot])
        if found is None or found[0] != noun.model.PREFIX:
            return None
        return await level.single(request, found[1])

    return Root(field, level.judge_one, answered)


def node_root(field: Field, making: Making) -> Root:
    """`node` and `nodes`: only the ids tell the types, so there is a plan per type.

    Types of which something is selected are planned at once, so that what is hidden or refused is so for any ids;
    others when first asked for.
    """

    @cache
    def level_of(prefix: str) -> Level:
        noun = BY_PREFIX[prefix]
        return keyed_level(noun, field.of(noun.name), making)

    def ids_of(request: Request) -> list[tuple[str, UUID] | None]:
        found = map(read_public_id, request.values[slot] if several else [request.values[slot]])
        return [id_ if id_ and id_[0] in BY_PREFIX else None for id_ in found]

    async def found(request: Request) -> list[Any]:
        ids = ids_of(request)
        rows: dict[tuple[str, UUID], Any] = {}
        for prefix in dict.fromkeys(id_[0] for id_ in ids if id_):
            keys = [id_[1] for id_ in ids if id_ and id_[0] == prefix]
            rows |= {(prefix, key): row for key, row in (await level_of(prefix).keyed(request, keys)).items()}
        return [rows.get(id_) if id_ else None for id_ in ids]

    async def one(request: Request) -> Any:
        return (await found(request))[0]

    def judge(request: Request) -> int:
        if several and len(request.values[slot]) > MOST_IDS:
            facts = {"limit": "ids", "allowed": MOST_IDS}
            raise Refused("LIMIT_EXCEEDED", f"一次最多 {MOST_IDS} 个 id", f"At most {MOST_IDS} ids at once", facts)
        return sum(level_of(id_[0]).judge_one(request) for id_ in ids_of(request) if id_)

    several = "ids" in dict(field.args)
    slot = dict(field.args)["ids" if several else "id"].slot
    for prefix, noun in BY_PREFIX.items():
        if not {inner.name for inner in field.of(noun.name)} <= OF_ANY_NODE:
            level_of(prefix)
    return Root(field, judge, found if several else one)


def judge_nodes(most: int) -> None:
    """Raises Refused where an answer could hold more nodes than one request may ask for."""
    if most > MOST_NODES:
        raise Refused(
            "LIMIT_EXCEEDED",
            f"此查询最多可返回 {most} 个节点，上限 {MOST_NODES}；请减小 first/last",
            f"This could return {most} nodes, the limit is {MOST_NODES}; ask for smaller pages",
            {"limit": "nodes", "allowed": MOST_NODES},
        )


def root(field: Field, making: Making, special: dict[str, Special]) -> Root:
    """The root that a field asks for."""
    if field.name in special:
        return special[field.name](field, making)
    if field.type == "Node":
        return node_root(field, making)
    if field.type in BY_CONNECTION:
        return page_root(BY_CONNECTION[field.type], field, making)
    noun = NOUNS[field.type]
    return one_root(noun, field, making) if field.args else list_root(noun, field, making)
