"""Keyset pages: the window of one list, its order, and the sealed cursors that point into it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, ColumnElement, UnaryExpression, inspect, tuple_

from auth.sealing.cursors import CursorBroken, CursorSealer
from resolvers.errors import Refused
from resolvers.reading.noun import Noun
from resolvers.reading.selection import Field
from resolvers.reading.statement import Binds, Request

DEFAULT, MOST, MAX_CURSOR = 20, 100, 512
UTC_TEXT = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
"""Plans read timestamps as naive UTC; a cursor must say so, or another session's time zone would move it."""

_FROM_JSON: dict[type, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, UUID: UUID}


class Page:
    """One list's order and window. Which ends are given belongs to the plan; sizes and positions to the request."""

    def __init__(self, noun: Noun, order: str, cursors: CursorSealer, field: Field) -> None:
        self.keys = noun.orders[order]
        self.place = f"{noun.name} {order}".encode()
        self.cursors = cursors
        first, last = field.arg("first"), field.arg("last")
        if first and last:
            raise Refused("BAD_PAGE", "first 与 last 只能给一个", "Give first or last, not both")
        self.backward, self.size = last is not None, first or last
        self.ends = [(name, arg.slot) for name in ("after", "before") if (arg := field.arg(name))]
        self.columns = [inspect(noun.model).columns[attribute] for attribute, _ in self.keys]
        if any(column.nullable for column in self.columns) or len({down for _, down in self.keys}) > 1:
            raise ValueError(f"{noun.name} {order}: order keys are never null and share one direction")

    def limit(self, request: Request) -> int:
        """How many rows are asked for. Raises Refused outside 1 to 100."""
        asked = request.values[self.size.slot] if self.size else DEFAULT
        if not 1 <= asked <= MOST:
            raise Refused("BAD_PAGE", f"每页为 1 至 {MOST} 条", f"A page holds 1 to {MOST}")
        return int(asked)

    def judge(self, request: Request) -> int:
        """Size and cursors of a request, looked at before the first statement is run. Raises Refused."""
        for _, slot in self.ends:
            self._position(request.values[slot])
        return self.limit(request)

    def bounds(self, row: Any, binds: Binds) -> Iterator[ColumnElement[bool]]:
        """What `after` and `before` demand of the row: a comparison that an index walks."""
        columns = tuple_(*(getattr(row, attribute) for attribute, _ in self.keys))
        for name, slot in self.ends:
            bound = tuple_(*(binds.new(self._part(slot, i), column.type) for i, column in enumerate(self.columns)))
            descends = self.keys[0][1] is (name == "after")
            yield columns < bound if descends else columns > bound

    def ordering(self, row: Any) -> Iterator[UnaryExpression[Any]]:
        """The order to fetch in: turned round when the page is taken from the end."""
        for attribute, down in self.keys:
            column = getattr(row, attribute)
            yield column.desc() if down is not self.backward else column.asc()

    def size_bind(self, binds: Binds, extra: int) -> ColumnElement[int]:
        """LIMIT, bound: as text it would make the planner sort per parent instead of walking the index."""
        return binds.new(lambda request: self.limit(request) + extra, BigInteger())

    def cursor(self, values: tuple[Any, ...]) -> str:
        """The position after these order keys, sealed."""
        return self.cursors.seal(orjson.dumps(values, option=UTC_TEXT), self.place)

    def _part(self, slot: int, index: int) -> Callable[[Request], Any]:
        return lambda request: self._position(request.values[slot])[index]

    def _position(self, text: str) -> list[Any]:
        try:
            values = orjson.loads(self.cursors.position(text, self.place))
        except CursorBroken:
            raise Refused("BAD_CURSOR", "游标不属于此列表", "Not a cursor of this list") from None
        kinds = [column.type.python_type for column in self.columns]
        return [_FROM_JSON.get(kind, kind)(value) for kind, value in zip(kinds, values, strict=True)]
