"""Aliases of mapped classes, made once for all plans: making one costs as much as compiling a small statement.

Two rows of one statement need two aliases; two statements may use the same ones.
"""

from collections import Counter
from functools import cache
from typing import Any

from sqlalchemy.orm import aliased

from domain.base import Base


class Aliases:
    """Those of one statement in the making, its subqueries included: none is given out twice."""

    def __init__(self) -> None:
        self._given: Counter[type[Base]] = Counter()

    def new(self, model: type[Base]) -> Any:
        """An alias of the class that stands nowhere else in the statement."""
        self._given[model] += 1
        return _numbered(model, self._given[model])


@cache
def _numbered(model: type[Base], number: int) -> Any:
    return aliased(model)
