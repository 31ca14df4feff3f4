"""Searching sealed texts: candidates are found by the buckets of their names, opened in order, and compared.

One request opens at most `MAX_OPENED` texts, whatever it searches for. A page that stops there is short: it says that
there is more, and its cursor goes on from the last text that was opened, so nothing is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, any_, func, select

from auth.sealing.names import contains
from domain.customer import Customer
from resolvers.errors import Refused
from resolvers.reading.build import KEYS, NO_ROWS, Builder
from resolvers.reading.connection import connection
from resolvers.reading.filters import GivenFilter, narrowed
from resolvers.reading.level import Level
from resolvers.reading.noun import Filter, Noun
from resolvers.reading.paging import Page
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Row, Statement

if TYPE_CHECKING:
    from resolvers.reading.roots import Making

MAX_OPENED = 2_000
"""How many sealed texts one request opens, shared evenly by its searches: about 20 ms of work."""


class Scan(NamedTuple):
    """The ids of rows that hold the text, in order; where the scan stopped before further candidates, by order keys."""

    found: list[UUID]
    stop: Row | None


class Places(NamedTuple):
    """Where a candidate's tuple has what opens it, and its order keys."""

    id: int
    person: int
    sealed: int
    wrapped: int
    keys: tuple[int, ...]


class Search:
    """The candidates of one searched list, from `page`'s cursors on or all of them, in scope and behind other filters.

    A text of one character has no pair to go by: all rows are candidates.
    """

    def __init__(self, noun: Noun, field: Field, making: "Making", page: Page | None = None) -> None:
        self._noun, self._field, self._making, self._page = noun, field, making, page
        self._unseal = making.tools.unseal
        self._all = self._statement(lambda _narrowing, _row, _given: [])
        self._by_buckets = self._statement(lambda narrowing, row, given: [narrowing.narrow(row, given)])

    def _statement(self, candidates: Callable[[Filter, Any, GivenFilter], list[Any]]) -> Statement:
        builder = Builder(self._noun, *self._making)
        filters = narrowed(self._noun, self._making.kind, builder.row, self._field, builder.binds, self._making.tools)
        assert filters.search is not None
        narrowing, self._given = filters.search
        self._place = f"{self._noun.model.__tablename__}.{narrowing.opened}:".encode()
        self._at = self._places(builder, narrowing.opened)
        conditions = [*builder.scope(), *filters.conditions, *candidates(narrowing, builder.row, self._given)]
        chosen = builder.select(*conditions)
        if self._page:
            bounds, order = self._page.bounds(builder.row, builder.binds), self._page.ordering(builder.row)
            chosen = chosen.where(*bounds).order_by(*order)
        limit = builder.binds.new(lambda request: request.opens + 1, BigInteger())
        return Statement(chosen.limit(limit), builder.binds)

    def _places(self, builder: Builder, opened: str) -> Places:
        row, person = builder.row, "id" if self._noun.model is Customer else "customer_id"
        keys = self._page.keys if self._page else ()
        return Places(
            builder.column(row, "id"),
            builder.column(row, person),
            builder.column(row, f"{opened}_sealed"),
            builder.column(builder.data_key(row, person), "wrapped"),
            tuple(builder.column(row, attribute) for attribute, _ in keys),
        )

    def text(self, request: Request) -> str:
        """What is searched for. Raises Refused for what is longer than a name can be."""
        return self._given.text(request)

    async def first(self, request: Request, size: int) -> Scan:
        """The first rows in order, for a search that narrows nothing."""
        rows = await self._all.rows(request._replace(opens=size - 1))
        return Scan([row[self._at.id] for row in rows], None)

    async def scan(self, request: Request, enough: int | None = None) -> Scan:
        """The rows that hold the text, the first in order where some are enough."""
        text = self.text(request)
        candidates = await (self._by_buckets if len(text) > 1 else self._all).rows(request)
        found: list[UUID] = []
        for row in candidates[: request.opens]:
            if self._holds(row, text):
                found.append(row[self._at.id])
                if len(found) == enough:
                    return Scan(found, None)
        if len(candidates) <= request.opens:
            return Scan(found, None)
        last = candidates[request.opens - 1]
        return Scan(found, tuple(last[place] for place in self._at.keys))

    def _holds(self, row: Row, text: str) -> bool:
        at = self._at
        place = self._place + row[at.id].bytes
        return contains(self._unseal(row[at.wrapped], row[at.person], row[at.sealed], place), text)

    async def ids(self, request: Request) -> list[UUID] | None:
        """The ids of all rows that hold the text; None where it narrows nothing.

        Raises Refused where there are too many candidates to open.
        """
        if not self.text(request):
            return None
        scan = await self.scan(request)
        if scan.stop is not None:
            raise Refused(
                "LIMIT_EXCEEDED",
                "匹配此搜索的姓名过多，无法准确统计；请输入更长的搜索内容或增加其他筛选",
                "Too many names may match this search to be counted; search for a longer text or narrow further",
                {"limit": "search", "allowed": request.opens},
            )
        return scan.found


@dataclass(frozen=True)
class SearchedList:
    """A connection at the root that is searched: `level` reads and shows the rows that were found.

    `apart` is there where a count is asked for that the page's own scan does not give, since it begins at a cursor.
    """

    level: Level
    search: Search
    apart: Search | None

    @property
    def scans(self) -> int:
        """How many times it goes through candidates."""
        return 2 if self.apart else 1

    def judge(self, request: Request) -> int:
        """As `Level.judge`, the length of the text included."""
        self.search.text(request)
        return self.level.judge(request)

    async def answer(self, request: Request) -> Any:
        """The page, and the count where it is asked for: null where more candidates than may be opened would count."""
        assert self.level.page is not None
        wanted = self.level.page.limit(request) + self.level.extra
        if not self.search.text(request):
            total = (await self.level.count.rows(request))[0][0] if self.level.count else None
            return await self.level.found((await self.search.first(request, wanted)).found, None, total, request)
        scan = await self.search.scan(request, None if self.level.count and not self.apart else wanted)
        stop = scan.stop if len(scan.found) < wanted else None
        return await self.level.found(scan.found[:wanted], stop, await self._total(scan, request), request)

    async def _total(self, page: Scan, request: Request) -> int | None:
        if not self.level.count:
            return None
        scan = await self.apart.scan(request) if self.apart else page
        return None if scan.stop is not None else len(scan.found)


def searched_list(noun: Noun, field: Field, making: "Making") -> SearchedList:
    """A connection at the root with a search among its filters."""
    builder = Builder(noun, *making)
    page = builder.page(noun, field)
    answer = connection(builder, field, page)
    chosen = builder.select(builder.row.id == any_(KEYS), *builder.scope()).order_by(*page.ordering(builder.row))
    rows = Statement(chosen, builder.binds) if field.asked - NO_ROWS else None
    level = builder.level(answer, rows, page)
    if "total_count" in field.asked:
        level.count = _count(noun, field, making)
    apart = Search(noun, field, making) if level.count and page.ends else None
    return SearchedList(level, Search(noun, field, making, page), apart)


def _count(noun: Noun, field: Field, making: "Making") -> Statement:
    """Of the list that an empty search leaves as it is."""
    builder = Builder(noun, *making)
    conditions = narrowed(noun, making.kind, builder.row, field, builder.binds, making.tools).conditions
    return Statement(select(func.count()).select_from(builder.row).where(*builder.scope(), *conditions), builder.binds)
