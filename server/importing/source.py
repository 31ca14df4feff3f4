"""Opening a file of rows: what is no text is refused, and lines come out with an end."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from domain.errors import Invalid

SAMPLE = 1 << 18
LONGEST_LINE = 1 << 20
FILE = "file"

# What people hand over instead of a text, told by its first bytes.
_BINARY = {
    b"PK\x03\x04": ("压缩包或其他格式的工作簿（xlsb、ods）", "an archive, or a workbook of another kind (xlsb, ods)"),
    b"%PDF": ("PDF 文件", "a PDF"),
    b"\x1f\x8b": ("gzip 压缩包", "a gzip archive"),
    b"Rar!": ("RAR 压缩包", "a RAR archive"),
    b"7z\xbc\xaf": ("7z 压缩包", "a 7z archive"),
    b"SQLite format": ("SQLite 数据库", "a SQLite database"),
    b"\x89PNG": ("图片", "a picture"),
    b"\xff\xd8\xff": ("图片", "a picture"),
}


def sample_of(path: Path) -> bytes:
    """The beginning of a file, with some text beyond ASCII if there is any in it: what its encoding is told by.

    Raises Invalid for a file that cannot be read, is empty, or is no text.
    """
    try:
        with path.open("rb") as file:
            sample = _with_more_than_ascii(file)
    except OSError:
        raise Invalid(
            FILE, "无法读取该文件，请检查路径和权限", "The file cannot be read; check path and rights"
        ) from None
    if not sample.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Invalid(FILE, "文件是空的", "The file is empty")
    if _is_web_page(sample):
        raise Invalid(
            FILE,
            "这是网页表格（HTML），虽然文件名可能是 .xls：请在表格软件中打开后另存为 .xlsx",
            "This is a table of a web page (HTML), whatever its name; open it in a spreadsheet and save it as .xlsx",
        )
    for mark, (zh, en) in _BINARY.items():
        if sample.startswith(mark):
            raise Invalid(
                FILE,
                f"这是{zh}，请另存为 CSV（UTF-8）后再导入",
                f"This is {en}; save it as CSV (UTF-8) and import that",
            )
    return sample


def _is_web_page(sample: bytes) -> bool:
    begin = sample[:2_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return begin.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")) or (
        begin.startswith(b"<") and b"<table" in begin
    )


def _with_more_than_ascii(file: IO[bytes]) -> bytes:
    sample = file.read(SAMPLE)
    while sample.isascii() and (chunk := file.read(SAMPLE)):
        begin = sample[: SAMPLE // 16]
        sample = begin[: begin.rfind(b"\n") + 1] + chunk
    return sample


class Lines:
    """The physical lines of a text with their ends, from line 1, which can be given back.

    NUL characters are dropped; `changed` are the lines that held any. A line over a million characters comes cut off,
    so that memory has an end.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._again: list[str] = []
        self.taken = 0
        self._read_lines = 0
        self.changed: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._read()
        if not line:
            raise StopIteration
        self.taken += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        """The lines, last taken last, come again."""
        self._again += reversed(lines)
        self.taken -= len(lines)

    def _read(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self._file.readline(LONGEST_LINE)
        self._read_lines += 1
        if "\0" in line:
            self.changed.append(self._read_lines)
        # A line of nothing but NULs is a line all the same.
        return line.replace("\0", "") or ("\n" if line else "")
