r"""Lines to records: quoted line breaks are honoured, and a quotation mark that never closes costs one line only.

Some programs write a quotation mark within a cell as `\"` instead of `""`. Such a record is read as it was meant where
only that reading is possible; where both are, nobody can tell, and it has no cells.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from server.importing.source import Lines

MOST_LINES = 200
_BACKSLASHED = re.compile(r'(?<!\\)\\"')


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and the physical line where it begins.

    Where its quotation marks do not work there are no cells, and `raw` holds that line. `failed` are the places of
    cells of a workbook in which a formula failed.
    """

    line: int
    cells: list[str] | None
    raw: str = field(default="", compare=False)
    failed: frozenset[int] = frozenset()


class _Reading(NamedTuple):
    """One way to read the next record: its cells and the lines that it takes."""

    cells: list[str]
    taken: int


def records(lines: Lines, delimiter: str, width: int | None = None) -> Iterator[Record]:
    """All records, without those that hold nothing but blanks. `width` is how many cells a record should have."""
    while True:
        begin = lines.taken + 1
        cells, raw = _next(lines, delimiter, width)
        if lines.taken < begin:
            return
        if cells is None or any(map(str.strip, cells)):
            yield Record(begin, cells, raw)


def _next(lines: Lines, delimiter: str, width: int | None) -> tuple[list[str] | None, str]:
    taken: list[str] = []
    cells = _parsed(lines, delimiter, taken)
    if not taken or (cells is not None and not any('\\"' in line for line in taken)):
        return cells, ""
    lines.give_back(taken)
    doubled = None if cells is None else _Reading(cells, len(taken))
    chosen = _chosen(doubled, _backslashed(lines, delimiter), width)
    # Whatever went wrong, the lines after the first are read again: a row must never swallow the next ones.
    skipped = list(islice(lines, chosen.taken if chosen else 1))
    return (chosen.cells, "") if chosen else (None, "".join(skipped).rstrip("\r\n"))


def _backslashed(lines: Lines, delimiter: str) -> _Reading | None:
    r"""The next record with `\"` read as a quotation mark; its lines come again."""
    taken: list[str] = []
    cells = _parsed(lines, delimiter, taken, backslashed=True)
    lines.give_back(taken)
    return None if cells is None else _Reading(cells, len(taken))


def _chosen(doubled: _Reading | None, backslashed: _Reading | None, width: int | None) -> _Reading | None:
    if doubled is None or backslashed is None:
        return doubled or backslashed
    if [_BACKSLASHED.sub('""', cell) for cell in doubled.cells] == backslashed.cells:
        return doubled  # no mark stands within quotation marks: 5\" is what the cell says
    fitting = [one for one in (doubled, backslashed) if width is None or len(one.cells) == width]
    return fitting[0] if len(fitting) == 1 or (fitting and width is None) else None


def _parsed(lines: Lines, delimiter: str, taken: list[str], *, backslashed: bool = False) -> list[str] | None:
    """One record of at most so many lines, None where it is not complete by then. `taken` gets the lines."""
    wanted_more = False

    def limited() -> Iterator[str]:
        nonlocal wanted_more
        for line in lines:
            taken.append(line)
            yield _BACKSLASHED.sub('""', line) if backslashed else line
            if len(taken) == MOST_LINES:
                break
        wanted_more = bool(taken)

    try:
        cells = next(csv.reader(limited(), delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None
    return None if wanted_more else cells
