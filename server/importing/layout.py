"""How a file is written: its encoding, its delimiter and its row of headings.

The headings decide: the right reading of a file is the one in which most of them are words that we know. A file without
known headings could not be read anyway. Where they are all in ASCII, what stands below has to make sense as well.
"""

import codecs
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from auth.free_text import scan
from domain.errors import Invalid
from server.importing.encodings import cannot_tell, is_chinese, is_sound
from server.importing.headings import Column, column_of, rank_of
from server.importing.records import records
from server.importing.source import FILE, Lines

DELIMITERS = ",;\t|，；"
ENCODINGS = ("utf-8", "gb18030", "cp950", "utf-16-le", "utf-16-be")
HEADINGS_WITHIN = 20
ROWS_JUDGED = 2000
_CHINESE = frozenset({"gb18030", "cp950"})
OURS = ("导入行号 import line", "导入问题 import problem")
"""The headings that the file of rejected rows has before those of the export: they tell that it is one."""
OURS_OF_WORKBOOKS = (OURS[0], "导入问题 import problems")
"""The same of a workbook, in which cells stand as they were."""
NAMES = frozenset({Column.NAME, Column.COMPANY, Column.CONTACT})
"""What a customer may be named by."""
REPEATABLE = frozenset({*NAMES, Column.MOBILE, Column.OTHER_MOBILE, Column.ADDRESS, Column.TAGS, Column.NOTE})
"""What several columns may hold together; of everything else the column counts whose heading says it best."""

_MARKS = (  # UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON_CP950 = 0xC6  # the lead bytes of the characters in common use end here


@dataclass(frozen=True)
class Layout:
    """How to read a file: the row of headings stands in physical line `line`; columns with None are not read.

    `order` is the order in which columns are read, whatever the order in the file: of one field the best heading first.
    `ours` are the places of the columns that a file of rejected rows has besides; all else leaves them out. Its cells
    may be `escaped`.
    """

    encoding: str
    delimiter: str
    line: int
    columns: tuple[Column | None, ...]
    unknown: tuple[str, ...]
    repeated: tuple[Column, ...]
    headings: tuple[str, ...] = ()
    ours: frozenset[int] = frozenset()
    order: tuple[int, ...] = ()
    escaped: bool = False

    @property
    def width(self) -> int:
        """How many cells a record has, ours included."""
        return len(self.columns) + len(self.ours)

    def places_of(self, column: Column) -> frozenset[int]:
        """Where cells of a column stand in the file, among ours."""
        file_places = (place for place in range(self.width) if place not in self.ours)
        return frozenset(place for place, one in zip(file_places, self.columns, strict=True) if one is column)

    @property
    def places(self) -> Sequence[int]:
        """The places of all columns in the order in which they are read."""
        return self.order or range(len(self.columns))


class _Candidate(NamedTuple):
    """A reading of the sample: how many headings it knows, how few characters are odd in it, the text itself."""

    known: int
    sound: int
    layout: Layout
    text: str


def layout_of(sample: bytes, encoding: str | None) -> Layout:
    """The layout under which the sample shows most known headings.

    Raises Invalid where there is no row of headings, and where the encoding cannot be told by what the sample says.
    """
    found = [
        _Candidate(len(set(known)), -broken, layout, text)
        for name in _encodings(sample, encoding)
        for broken, text in [_decoded(sample, name)]
        for delimiter in DELIMITERS
        if (layout := _with_headings(text, name, delimiter)) and (known := list(filter(None, layout.columns)))
    ]
    if not found:
        raise no_headings()
    believed = [one for one in found if encoding is not None or _is_believed(one)]
    if not believed:
        raise cannot_tell()
    return max(believed, key=lambda one: one[:2]).layout


def no_headings() -> Invalid:
    """The refusal of a file in which no row names columns."""
    return Invalid(
        FILE,
        "没有找到表头：第一行应有“客户名称”“手机”等列名；也可能不是 CSV 文本文件",
        "No row of headings found: the first line should name columns such as `name` and `mobile`; "
        "or this is no CSV text",
    )


def _is_believed(one: _Candidate) -> bool:
    if one.text.isascii():
        return True
    if one.layout.encoding not in _CHINESE:
        return is_sound(one.text)
    layout = one.layout
    read = [heading for heading, column in zip(layout.headings, layout.columns, strict=True) if column]
    rows = records(Lines(io.StringIO(one.text, newline="")), layout.delimiter, len(layout.columns))
    cells = (record.cells for record in rows if record.line > layout.line and record.cells)
    names = [place for place, column in enumerate(layout.columns) if column in NAMES]
    return is_chinese(read, islice(cells, ROWS_JUDGED), names, layout.encoding)


def _encodings(sample: bytes, encoding: str | None) -> tuple[str, ...]:
    if encoding is not None:
        return (_existing(encoding),)
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None)
    return (marked,) if marked else ENCODINGS


def _existing(encoding: str) -> str:
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise Invalid("encoding", "没有这种编码", "There is no such encoding; try utf-8 or gb18030") from None


def _decoded(sample: bytes, encoding: str) -> tuple[int, str]:
    """How many characters are broken or rare, which a wrong encoding makes of right ones, and the text."""
    # The sample ends anywhere, so its last character may be incomplete.
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    counted = Counter(character for character in text if not character.isascii())
    return sum(count for character, count in counted.items() if _is_odd(character, encoding)), text


def _is_odd(character: str, encoding: str) -> bool:
    if character == "\ufffd":
        return True
    if encoding == "cp950":
        return character.encode("cp950")[0] > _COMMON_CP950
    return encoding == "gb18030" and not _is_common(character)


def _is_common(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _with_headings(text: str, encoding: str, delimiter: str) -> Layout | None:
    lines = Lines(io.StringIO(text, newline=""))
    rows = ((record.line, record.cells or []) for record in records(lines, delimiter))
    return layout_in(islice(rows, HEADINGS_WITHIN), encoding, delimiter)


def layout_in(rows: Iterable[tuple[int, list[str]]], encoding: str, delimiter: str) -> Layout | None:
    """The layout by the first of these rows that names a name and one more column, None where there is none."""
    for line, cells in rows:
        columns = [column_of(cell) for cell in cells]
        if not NAMES.isdisjoint(columns) and len(set(columns) - {None}) > 1:
            return _layout(encoding, delimiter, line, cells)
    return None


def _layout(encoding: str, delimiter: str, line: int, cells: list[str]) -> Layout:
    ours = frozenset(place for place, cell in enumerate(cells) if cell.strip() in {*OURS, *OURS_OF_WORKBOOKS})
    escaped = OURS[1] in map(str.strip, cells)
    cells = [cell for place, cell in enumerate(cells) if place not in ours]
    columns = [column_of(cell) for cell in cells]
    order = sorted(range(len(cells)), key=lambda place: (rank_of(cells[place]), place))
    repeated = list(_repeated(columns, order))
    return Layout(
        encoding,
        delimiter,
        line,
        tuple(None if place in repeated else column for place, column in enumerate(columns)),
        tuple(_shown(cell) for cell, column in zip(cells, columns, strict=True) if column is None and cell.strip()),
        tuple(column for place in repeated if (column := columns[place])),
        tuple(cells),
        ours,
        tuple(order),
        escaped,
    )


def _repeated(columns: list[Column | None], order: list[int]) -> Iterator[int]:
    for at, place in enumerate(order):
        column = columns[place]
        if column and column not in REPEATABLE and any(columns[earlier] is column for earlier in order[:at]):
            yield place


def _shown(heading: str) -> str:
    """A heading as it may be printed: one short line; a number in it is masked, should the row be none of headings."""
    return scan(" ".join(heading.split())).masked[:40]
