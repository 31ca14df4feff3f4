"""How a file is written: its encoding, its delimiter and its row of headings.

The headings decide: the right reading of a file is the one in which most of them are words that we know. No statistics
about languages are as sure, and a file without known headings could not be read anyway.
"""

import codecs
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from auth.free_text import scan
from domain.errors import Invalid
from server.importing.headings import Column, column_of
from server.importing.records import records
from server.importing.source import FILE, Lines

DELIMITERS = ",;\t|，；"
ENCODINGS = ("utf-8", "gb18030", "cp950", "utf-16-le", "utf-16-be")
HEADINGS_WITHIN = 20
OURS = ("导入行号 import line", "导入问题 import problem")
"""The headings that the file of rejected rows has before those of the export: they tell that it is one."""
REPEATABLE = frozenset({Column.MOBILE, Column.OTHER_MOBILE, Column.TAGS, Column.NOTE})
"""What several columns may hold together; of everything else the first column counts."""

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

    `ours` are the places of the columns that a file of rejected rows has besides; all else leaves them out.
    """

    encoding: str
    delimiter: str
    line: int
    columns: tuple[Column | None, ...]
    unknown: tuple[str, ...]
    repeated: tuple[Column, ...]
    headings: tuple[str, ...] = ()
    ours: frozenset[int] = frozenset()


def layout_of(sample: bytes, encoding: str | None) -> Layout:
    """The layout under which the sample shows most known headings. Raises Invalid where there is no row of headings."""
    found = [
        (len(set(known)), -broken, layout)
        for name in _encodings(sample, encoding)
        for broken, text in [_decoded(sample, name)]
        for delimiter in DELIMITERS
        if (layout := _with_headings(text, name, delimiter)) and (known := list(filter(None, layout.columns)))
    ]
    if not found:
        raise Invalid(
            FILE,
            "没有找到表头：第一行应有“客户名称”“手机”等列名；也可能不是 CSV 文本文件",
            "No row of headings found: the first line should name columns such as `name` and `mobile`; "
            "or this is no CSV text",
        )
    return max(found, key=lambda one: one[:2])[2]


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
    for line, cells in islice(rows, HEADINGS_WITHIN):
        columns = [column_of(cell) for cell in cells]
        if Column.NAME in columns and len(set(columns) - {None}) > 1:
            return _layout(encoding, delimiter, line, cells)
    return None


def _layout(encoding: str, delimiter: str, line: int, cells: list[str]) -> Layout:
    ours = frozenset(place for place, cell in enumerate(cells) if cell.strip() in OURS)
    cells = [cell for place, cell in enumerate(cells) if place not in ours]
    columns = [column_of(cell) for cell in cells]
    repeated = list(_repeated(columns))
    return Layout(
        encoding,
        delimiter,
        line,
        tuple(None if place in repeated else column for place, column in enumerate(columns)),
        tuple(_shown(cell) for cell, column in zip(cells, columns, strict=True) if column is None and cell.strip()),
        tuple(column for place in repeated if (column := columns[place])),
        tuple(cells),
        ours,
    )


def _repeated(columns: list[Column | None]) -> Iterator[int]:
    for place, column in enumerate(columns):
        if column and column not in REPEATABLE and column in columns[:place]:
            yield place


def _shown(heading: str) -> str:
    """A heading as it may be printed: one short line; a number in it is masked, should the row be none of headings."""
    return scan(" ".join(heading.split())).masked[:40]
