"""Plans: selections x kind of viewer, compiled once, run for every request."""

from collections.abc import Awaitable, Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import any_, func, select

from auth.viewer import ViewerKind
from domain.identity import read_public_id
from resolvers.errors import Refused
from resolvers.nouns import BY_CONNECTION, BY_PREFIX, NOUNS
from resolvers.reading.assemble import Rows
from resolvers.reading.build import KEYS, NO_ROWS, Builder
from resolvers.reading.connection import connection
from resolvers.reading.filters import conditions
from resolvers.reading.level import MOST_LISTED, Level
from resolvers.reading.noun import Noun
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Statement, Tools

MOST_NODES, MOST_IDS, MOST_PLANS = 25_000, 100, 1_000
OF_ANY_NODE = frozenset({"id", "__typename"})

Answer = Callable[[Request], Awaitable[Any]]


class Root(NamedTuple):
    """One root field of an operation: `judge` looks at the request before any statement runs, `answer` reads."""

    field: Field
    judge: Callable[[Request], int]
    answer: Answer


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


def one_root(noun: Noun, field: Field, making: Making) -> Root:
    """One row by its id. Null for a stranger's row as for an id that never was."""
    level, slot = keyed_level(noun, field.of(noun.name), making), dict(field.args)["id"].slot

    async def answer(request: Request) -> Any:
        found = read_public_id(request.values[slot])
        if found is None or found[0] != noun.model.PREFIX:
            return None
        return (await level.keyed(request, [found[1]])).get(found[1])

    return Root(field, lambda request: _below(level, request), answer)


def node_root(field: Field, making: Making) -> Root:
    """`node` and `nodes`: only the ids tell the types, so there is a plan per type.

    Types of which something is selected are planned at once, so that what is hidden or refused is so for any ids; others
    when first asked for.
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
            raise Refused("LIMIT_EXCEEDED", f"一次最多 {MOST_IDS} 个 id", f"At most {MOST_IDS} ids at once")
        return sum(_below(level_of(id_[0]), request) for id_ in ids_of(request) if id_)

    several = "ids" in dict(field.args)
    slot = dict(field.args)["ids" if several else "id"].slot
    for prefix, noun in BY_PREFIX.items():
        if not {inner.name for inner in field.of(noun.name)} <= OF_ANY_NODE:
            level_of(prefix)
    return Root(field, judge, found if several else one)


def _below(level: Level, request: Request) -> int:
    return 1 + sum(child.judge(request) for child, _ in level.children)


def _judge_nodes(most: int) -> None:
    if most > MOST_NODES:
        raise Refused(
            "LIMIT_EXCEEDED",
            f"此查询最多可返回 {most} 个节点，上限 {MOST_NODES}；请减小 first/last",
            f"This could return {most} nodes, the limit is {MOST_NODES}; ask for smaller pages",
            {"limit": "nodes", "allowed": MOST_NODES},
        )


class Failed(NamedTuple):
    """A root that was refused; its siblings are answered all the same."""

    key: str
    error: Refused


class Plan:
    """All planned roots of an operation for one kind of viewer. Holds nothing of any request."""

    def __init__(self, fields: tuple[Field, ...], kind: ViewerKind, tools: Tools, special: dict[str, Special]) -> None:
        self.hidden: set[str] = set()
        self.roots: list[Root] = []
        self.refused: list[Failed] = []
        for field in fields:
            hidden: set[str] = set()
            try:
                self.roots.append(_root(field, Making(kind, tools, hidden), special))
                self.hidden |= hidden
            except Refused as refused:
                self.refused.append(Failed(field.key, refused))

    async def run(self, request: Request) -> tuple[dict[str, Any], list[Failed]]:
        """Answers by response key. Every root is judged before the first statement; a refused one is null."""
        failed = list(self.refused)
        judged = [root for root in self.roots if self._passes(root, request, failed)]
        _judge_nodes(sum(root.judge(request) for root in judged))
        answers = {root.field.key: await self._answered(root, request, failed) for root in judged}
        return answers, failed

    def _passes(self, root: Root, request: Request, failed: list[Failed]) -> bool:
        try:
            root.judge(request)
        except Refused as refused:
            failed.append(Failed(root.field.key, refused))
            return False
        return True

    async def _answered(self, root: Root, request: Request, failed: list[Failed]) -> Any:
        try:
            return await root.answer(request)
        except Refused as refused:
            failed.append(Failed(root.field.key, refused))
            return None


def _root(field: Field, making: Making, special: dict[str, Special]) -> Root:
    if field.name in special:
        return special[field.name](field, making)
    if field.type == "Node":
        return node_root(field, making)
    if field.type in BY_CONNECTION:
        return page_root(BY_CONNECTION[field.type], field, making)
    noun = NOUNS[field.type]
    return one_root(noun, field, making) if field.args else list_root(noun, field, making)


class Planner:
    """Makes plans and keeps them: the least recently used of a thousand is forgotten first."""

    def __init__(self, tools: Tools, special: dict[str, Special]) -> None:
        self.plan = lru_cache(MOST_PLANS)(lambda fields, kind: Plan(fields, kind, tools, special))
