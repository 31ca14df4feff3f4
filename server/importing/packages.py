"""The package around an .xlsx workbook: judged before it is opened, and read for what the library does not tell.

A workbook is a zip of XML. Both can be made to fill the memory: a few kilobytes unpack to gigabytes, and two cells far
apart make a table of billions. So everything is unpacked once, piece by piece, with its sums checked, before the
library gets to see it.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

from domain.errors import Invalid
from server.importing.number_formats import NumberFormat, number_format
from server.importing.source import FILE

MOST_UNPACKED = 512 << 20
MOST_RATIO = 200
"""How many times its size a workbook may unpack to; cells that repeat reach 50. Small ones may be anything."""
MOST_PARTS = 5_000
MOST_CELLS = 10_000_000
_SMALL = 20 << 20
_PIECE = 1 << 20

_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_STYLE = re.compile(rb'\bs="([0-9]+)"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_FORMAT = re.compile(r"<(?:\w+:)?numFmt\s[^>]*>")
_CELL_FORMATS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(r"<(?:\w+:)?xf\s[^>]*>")
_WORKBOOK = re.compile(r"<(?:\w+:)?workbookPr\s[^>]*>")
_FAILED = re.compile(rb"[^<]*(?:<(?!/)[^>]*>[^<]*</(?:\w+:)?f>\s*)?<(?:\w+:)?v>([^<]{1,20})<")
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v(?:\s*/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
NO_RESULT = "#N/A"
"""What stands for a formula of which the workbook holds no result, as programs write it that compute nothing."""


@dataclass
class Marks:
    """Of one sheet, by row and column from 0: the formats of numbers that are codes, and what stands in cells whose
    formula failed. In the 1904 `era` days are counted from 1904.
    """

    formats: dict[tuple[int, int], NumberFormat] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    from_1904: bool = False


def judged(path: Path) -> list[Marks]:
    """The marks of the sheets of a workbook, in their order. Raises Invalid for what is none, and for a bomb."""
    try:
        with zipfile.ZipFile(path) as package:
            _refuse_bomb(package, path.stat().st_size)
            formats = _formats(_text(package, "xl/styles.xml"))
            sheets = _sheet_parts(package)
            found = {part: _unpacked(package, part, formats if part in sheets else None) for part in package.namelist()}
            era = _counts_from_1904(_text(package, "xl/workbook.xml"))
            return [replace(found.get(part, Marks()), from_1904=era) for part in sheets]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise unreadable() from None


def unreadable() -> Invalid:
    """The refusal of a broken workbook."""
    return Invalid(
        FILE,
        "无法读取该工作簿，请在表格软件中打开后另存为 .xlsx，或另存为 CSV（UTF-8）",
        "The workbook cannot be read; open it and save it as .xlsx again, or save it as CSV (UTF-8)",
    )


def _too_large() -> Invalid:
    return Invalid(
        FILE,
        "工作簿展开后过大，请删除空白行列和远处的单元格，或另存为 CSV（UTF-8）",
        "The workbook is too large when unpacked; delete empty rows and stray cells, or save it as CSV (UTF-8)",
    )


def _refuse_bomb(package: zipfile.ZipFile, size: int) -> None:
    unpacked = sum(part.file_size for part in package.infolist())
    many = len(package.infolist()) > MOST_PARTS
    if many or unpacked > MOST_UNPACKED or (unpacked > _SMALL and unpacked > MOST_RATIO * size):
        raise _too_large()


def _unpacked(package: zipfile.ZipFile, part: str, formats: dict[int, NumberFormat] | None) -> Marks:
    """Unpacks a part, which checks its declared size and sum; of a sheet the marks are taken."""
    marks = Marks()
    for text in _pieces(package, part):
        if formats is not None:
            _take_cells(text, formats, marks)
            if marks.rows * marks.columns > MOST_CELLS:
                raise _too_large()
    return marks


def _pieces(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The content of a part in pieces that end where a cell ends, or at least a tag."""
    rest = b""
    with package.open(part) as content:
        while piece := content.read(_PIECE):
            rest += piece
            whole = _end_of_cells(rest) or rest.rfind(b">") + 1
            yield rest[:whole]
            rest = rest[whole:] if len(rest) - whole < _PIECE else b""
    yield rest


def _end_of_cells(text: bytes) -> int:
    ends = [found.end() for found in re.finditer(rb"</(?:\w+:)?c>", text[-10_000:])]
    return len(text) - len(text[-10_000:]) + ends[-1] if ends else 0


def _take_cells(text: bytes, formats: dict[int, NumberFormat], marks: Marks) -> None:
    for found in _CELL.finditer(text):
        about = found[1]
        place = _PLACE.search(about)
        if place is None or about.endswith(b"/"):
            continue
        at = int(place[2]) - 1, _column(place[1])
        marks.rows, marks.columns = max(marks.rows, at[0] + 1), max(marks.columns, at[1] + 1)
        kind, style = _TYPE.search(about), _STYLE.search(about)
        if kind and kind[1] == b"e":
            said = _FAILED.match(text, found.end())
            marks.errors[at] = said[1].decode("ascii", "replace") if said else NO_RESULT
        elif (kind is None or kind[1] != b"str") and _UNCOMPUTED.match(text, found.end()):
            marks.errors[at] = NO_RESULT
        elif style and int(style[1]) in formats and (kind is None or kind[1] == b"n"):
            marks.formats[at] = formats[int(style[1])]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _sheet_parts(package: zipfile.ZipFile) -> list[str]:
    relations = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in _RELATION.findall(_text(package, "xl/_rels/workbook.xml.rels"))
    }
    sheets = _SHEET.findall(_text(package, "xl/workbook.xml"))
    targets = [relations.get(_attribute(tag, r"\w+:id"), "") for tag in sheets]
    return [target.removeprefix("/") if target.startswith("/") else f"xl/{target}" for target in targets]


def _formats(styles: str) -> dict[int, NumberFormat]:
    """The styles of cells in which numbers are codes."""
    known = {
        _attribute(tag, "numFmtId"): made
        for tag in _FORMAT.findall(styles)
        if (made := number_format(_attribute(tag, "formatCode")))
    }
    found = _CELL_FORMATS.search(styles)
    tags = _CELL_FORMAT.findall(found[0]) if found else []
    return {number: known[id_] for number, tag in enumerate(tags) if (id_ := _attribute(tag, "numFmtId")) in known}


def _counts_from_1904(book: str) -> bool:
    found = _WORKBOOK.search(book)
    return found is not None and _attribute(found[0], "date1904") in {"1", "true"}


def _text(package: zipfile.ZipFile, part: str) -> str:
    if part not in package.namelist():
        return ""
    with package.open(part) as content:
        return content.read(_SMALL).decode("utf-8", "replace")


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
