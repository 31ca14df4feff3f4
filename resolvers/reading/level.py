"""Running a plan: one level is one statement for all its parents, and the assembler of its rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from resolvers.reading.assemble import Assembler
from resolvers.reading.paging import Page
from resolvers.reading.statement import Request, Row, Statement

Linked = Callable[[UUID, int | None], Any]
"""From a parent's key and its count of children to the finished child."""

MOST_LISTED = 100
_by_key = itemgetter(0)


@dataclass
class Level:
    """Rows of one type at one place of the answer. `page` is None where a list is short by nature and not paged."""

    made: Assembler
    children: list[tuple["Level", int]]
    rows: Statement | None
    page: Page | None = None
    count: Statement | None = None
    extra: int = field(default=0)
    """1 where somebody asks whether there is more."""

    def judge(self, request: Request) -> int:
        """The most rows this level and those below can give to one parent. Raises Refused for a bad page or cursor."""
        most = self.page.judge(request) if self.page else MOST_LISTED
        return most * self.judge_one(request)

    def judge_one(self, request: Request) -> int:
        """The same for a single row of this level."""
        return 1 + sum(child.judge(request) for child, _ in self.children)

    async def paged(self, request: Request) -> Any:
        """The whole list, at the root of an answer."""
        fetched = await self.rows.rows(request) if self.rows else []
        rows, more, less = self._trimmed(fetched, request)
        total = (await self.count.rows(request))[0][0] if self.count else None
        return self.made(rows, more, less, total, await self._links(rows, request))

    async def found(self, ids: Sequence[UUID], stop: Row | None, total: int | None, request: Request) -> Any:
        """The page of these rows, which a search found; `stop` is where it stopped on its way, by order keys."""
        fetched = await self.rows.rows(request._replace(keys=ids)) if self.rows and ids else []
        rows, more, less = self._trimmed(fetched, request)
        if stop and self.page:
            more, less = more or not self.page.backward, less or self.page.backward
        return self.made(rows, more, less, total, await self._links(rows, request), None, stop)

    async def keyed(self, request: Request, keys: Sequence[UUID]) -> dict[UUID, Any]:
        """Single objects by id; what is out of reach is not there."""
        if self.rows is None or not keys:
            return {}
        rows = await self.rows.rows(request._replace(keys=keys))
        links = await self._links(rows, request)
        return {row[0]: self.made((), False, False, None, links, row) for row in rows}

    async def single(self, request: Request, key: UUID) -> Any:
        """The object that the statement finds for this id; None out of reach."""
        rows = await self.rows.rows(request._replace(keys=(key,))) if self.rows else []
        return self.made((), False, False, None, await self._links(rows, request), rows[0]) if rows else None

    async def linked(self, keys: list[UUID], request: Request) -> Linked:
        """The lists of all these parents, each given out by its parent's key."""
        fetched = await self.rows.rows(request._replace(keys=keys)) if self.rows and keys else []
        pages = {key: self._trimmed(list(rows), request) for key, rows in groupby(fetched, _by_key)}
        links = await self._links([row for page in pages.values() for row in page[0]], request)
        nothing, made = self._trimmed([], request), self.made

        def child(key: UUID, total: int | None) -> Any:
            rows, more, less = pages.get(key, nothing)
            return made(rows, more, less, total, links)

        return child

    async def _links(self, rows: Iterable[Row], request: Request) -> list[Linked]:
        if not self.children:
            return []
        return [
            await child.linked(list(dict.fromkeys(row[key] for row in rows if row[key] is not None)), request)
            for child, key in self.children
        ]

    def _trimmed(self, rows: list[Row], request: Request) -> tuple[list[Row], bool, bool]:
        """The page without the row that only tells of more; whether there is more after it, and before it."""
        if self.page is None:
            return rows, False, False
        size = self.page.limit(request)
        beyond = len(rows) > size
        ends = {name for name, _ in self.page.ends}
        if self.page.backward:
            return rows[:size][::-1], "before" in ends, beyond
        return rows[:size], beyond, "after" in ends
