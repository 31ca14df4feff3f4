"""The filled cells of one row, by what their columns hold."""

from collections.abc import Mapping

from domain.errors import DomainError
from domain.personal.text import compact
from server.importing.headings import Column

Cells = Mapping[Column, list[str]]


def first(cells: Cells, column: Column) -> str:
    """The first cell of a column; empty where there is none."""
    return cells[column][0] if cells.get(column) else ""


def bare_code(number: str) -> str:
    """A code in upper case without spaces, quotation marks and hyphens; empty where the domain would refuse it."""
    try:
        return compact(number, field="id_number", longest=60).replace("-", "").upper()
    except DomainError:
        return ""
