"""Workbooks of Excel: the rows of one sheet, each cell as the sheet shows it."""

import struct
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from types import TracebackType

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from auth.free_text import scan
from domain.errors import Invalid
from server.importing.headings import Column
from server.importing.layout import HEADINGS_WITHIN, Layout, layout_in, no_headings
from server.importing.packages import Marks, judged, unreadable
from server.importing.records import Record
from server.importing.source import FILE

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_LARGEST_OLD = 100 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BEGIN_OF_BOOK, _DATEMODE, _RECORDS_LOOKED_AT, _MOST_SHEETS = b"\x09\x08\x10\x00\x00\x06\x05\x00", 0x22, 300, 256
_MOST_DIGITS = 15
"""A spreadsheet keeps so many digits of a number."""

_SHEETS_NAMED = 20
_DAYS_1900_TO_1904, _DIGITS_OF_A_DAY = 1_462, 5

Cell = str | float | int | bool | date | datetime | time | object


class Workbook:
    """One sheet of an .xlsx or .xls file: its layout and its rows, by the numbers that the sheet shows for them."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        """`sheet` is a name, or a number from 1; the first one to be seen where it is None.

        Raises Invalid for what cannot be read: broken, encrypted, too large, without such a sheet or without headings.
        """
        old = _begins_with(path, OLE)
        marks = _judged_old(path) if old else judged(path)
        book = _opened(path)
        self.place = _place_of(book, sheet)
        self._sheet = _sheet_at(book, self.place)
        self._marks = marks[self.place] if self.place < len(marks) else Marks()
        self._birth_dates: frozenset[int] = frozenset()
        self._customer_numbers: frozenset[int] = frozenset()
        self.unformatted: int | None = None
        """The first row of an .xls whose customer number is a number: nobody knows how the sheet shows it."""
        layout = layout_in(self._headings(), "xls" if old else "xlsx", "")
        if layout is None:
            raise _no_headings_here(book, self.place)
        self.layout: Layout = layout
        if old:
            self._customer_numbers = layout.places_of(Column.EXTERNAL_ID)
        if self._marks.from_1904:
            self._birth_dates = layout.places_of(Column.BIRTH_DATE)

    def records(self) -> Iterator[Record]:
        """All rows that hold something."""
        begin = self._sheet.start[1] if self._sheet.start else 0
        for number, cells in enumerate(self._sheet.iter_rows()):
            shown = [self._shown(cell, (number, begin + place)) for place, cell in enumerate(cells)]
            if self.unformatted is None and any(isinstance(cells[at], float) for at in self._customer_numbers):
                self.unformatted = number + 1
            for place in self._birth_dates:
                if place < len(cells) and isinstance(cells[place], float):
                    shown[place] = _from_1900(shown[place])
            if any(map(str.strip, shown)):
                failed = (place for place in range(len(cells)) if (number, begin + place) in self._marks.errors)
                yield Record(number + 1, shown, failed=frozenset(failed) if self._marks.errors else frozenset())

    @property
    def height(self) -> int:
        """The number of the last row."""
        return self._sheet.total_height

    def _headings(self) -> Iterator[tuple[int, list[str]]]:
        return ((record.line, record.cells or []) for record in islice(self.records(), HEADINGS_WITHIN))

    def _shown(self, cell: Cell, at: tuple[int, int]) -> str:
        if at in self._marks.errors:
            return self._marks.errors[at]
        text = shown(cell)
        form = self._marks.formats.get(at)
        return form.shown(text) if form and text.isdigit() else text


def _from_1900(text: str) -> str:
    """A number that counts days from 1904, as one that counts them from 1900."""
    days, point, fraction = text.partition(".")
    if not (days.isdigit() and len(days) == _DIGITS_OF_A_DAY):
        return text
    return f"{int(days) + _DAYS_1900_TO_1904}{point}{fraction}"


def is_workbook(path: Path) -> bool:
    """Whether the content is that of a workbook that is read here, whatever the file is called."""
    try:
        if _begins_with(path, OLE):
            return True
        with path.open("rb") as file:
            content = file.read(4)
            return content == ZIP and b"xl/workbook.xml" in content + _directory(path)
    except OSError:
        return False


def shown(cell: Cell) -> str:
    """A cell as the sheet shows it: a telephone number with all its digits, a day without its midnight.

    A whole number of more digits than a spreadsheet keeps comes as 3.1E+17, which every column of codes refuses.
    """
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case int() | float():
            return _number(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
        case _:
            return str(cell)


def _number(cell: float) -> str:
    if abs(cell) >= 10**_MOST_DIGITS:
        return f"{cell:.{_MOST_DIGITS - 1}E}"
    return str(int(cell)) if cell == int(cell) else f"{cell:.{_MOST_DIGITS}g}"


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _directory(path: Path) -> bytes:
    """The end of a zip, where its directory stands."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 20)))
        return file.read()


def _judged_old(path: Path) -> Sequence[Marks]:
    size = path.stat().st_size
    content = path.read_bytes() if size <= _LARGEST_OLD else b""
    if not content:
        raise Invalid(FILE, "工作簿过大，请另存为 .xlsx", "The workbook is too large; save it as .xlsx")
    if _ENCRYPTED in content:
        raise _encrypted()
    return [Marks(from_1904=_counts_from_1904(content))] * _MOST_SHEETS


def _counts_from_1904(content: bytes) -> bool:
    """By the DATEMODE record among the first ones of a BIFF8 workbook (MS-XLS 2.4.77)."""
    at = content.find(_BEGIN_OF_BOOK)
    for _ in range(_RECORDS_LOOKED_AT):
        if at < 0 or at + 4 > len(content):
            break
        kind, size = struct.unpack_from("<HH", content, at)
        if kind == _DATEMODE:
            return content[at + 4 : at + 6] == b"\1\0"
        at += 4 + size
    return False


def _opened(path: Path) -> CalamineWorkbook:
    with _Library():
        return CalamineWorkbook.from_path(path)


def _place_of(book: CalamineWorkbook, sheet: str | None) -> int:
    names = book.sheet_names
    seen = [place for place, one in enumerate(book.sheets_metadata) if one.visible is SheetVisibleEnum.Visible]
    if sheet is None and seen:
        return seen[0]
    if sheet in names:
        return names.index(sheet or "")
    if sheet and sheet.isdecimal() and 1 <= int(sheet) <= len(names):
        return int(sheet) - 1
    raise Invalid(
        "sheet",
        f"没有这个工作表，请填名称，或 1 到 {len(names)} 的序号",
        f"There is no such sheet; give its name, or a number from 1 to {len(names)}",
    )


def _no_headings_here(book: CalamineWorkbook, place: int) -> Invalid:
    if len(book.sheet_names) == 1:
        return no_headings()
    named = (f"{number} {scan(name).masked[:40]}" for number, name in enumerate(book.sheet_names[:_SHEETS_NAMED], 1))
    sheets = "; ".join(named)
    return Invalid(
        "sheet",
        f"第 {place + 1} 个工作表中没有找到表头，请用 --sheet 指定另一个（名称或序号）：{sheets}",
        f"No row of headings in sheet {place + 1}; name another with --sheet, by its name or number: {sheets}",
    )


def _sheet_at(book: CalamineWorkbook, place: int) -> CalamineSheet:
    with _Library():
        return book.get_sheet_by_index(place)


class _Library:
    """What the library raises within is a workbook that cannot be read: its panics too, which are no `Exception`."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(failure, PasswordError):
            raise _encrypted() from None
        if isinstance(failure, CalamineError | OSError | ValueError) or (kind and kind.__name__ == "PanicException"):
            raise unreadable() from None


def _encrypted() -> Invalid:
    return Invalid(
        FILE,
        "工作簿有密码保护，请去除密码后另存再导入",
        "The workbook is protected by a password; save it without one and import that",
    )
