"""Lines to records: quoted line breaks are honoured, and a quotation mark that never closes costs one line only."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

from server.importing.source import Lines

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and the physical line where it begins.

    Where its quotation marks do not work there are no cells, and `raw` holds that line.
    """

    line: int
    cells: list[str] | None
    raw: str = field(default="", compare=False)


def records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """All records, without those that hold nothing but blanks."""
    while True:
        begin = lines.taken + 1
        cells, raw = _next(lines, delimiter)
        if lines.taken < begin:
            return
        if cells is None or any(map(str.strip, cells)):
            yield Record(begin, cells, raw)


def _next(lines: Lines, delimiter: str) -> tuple[list[str] | None, str]:
    taken: list[str] = []
    strict = _parsed(lines, delimiter, taken, most=MOST_LINES, strict=True)
    if strict is not None or not taken:
        return strict, ""
    # Whatever went wrong, the lines after the first are read again: a row must never swallow the next ones.
    lines.give_back(taken)
    alone: list[str] = []
    cells = _parsed(lines, delimiter, alone, most=1, strict=False)
    return cells, "" if cells else "".join(alone).rstrip("\r\n")


def _parsed(lines: Lines, delimiter: str, taken: list[str], *, most: int, strict: bool) -> list[str] | None:
    """One record of at most so many lines, None where it is not complete by then. `taken` gets the lines."""
    wanted_more = False

    def limited() -> Iterator[str]:
        nonlocal wanted_more
        for line in lines:
            taken.append(line)
            yield line
            if len(taken) == most:
                break
        wanted_more = bool(taken)

    try:
        cells = next(csv.reader(limited(), delimiter=delimiter, strict=strict), None)
    except csv.Error:
        return None
    return None if wanted_more else cells
