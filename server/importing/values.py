"""From the text of a cell to what the domain takes."""

import re
from datetime import date, timedelta

from auth.free_text import open_text
from domain.errors import Invalid
from domain.personal import telephone_number
from domain.personal.normal_form import normal_form
from domain.personal.phone import is_short_number
from domain.personal.text import plain
from domain.word import same_as, tag_name
from server.importing.headings import Column

_SIGNS = frozenset({"", "-", "--", "—", "——", "/", "\\n", "n/a", "#n/a", "无", "無"})
_NOTHING = _SIGNS | {"null", "none", "nil", "nan", "(null)", "<null>", "[null]", "undefined", "暂无", "未填", "未填写"}
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_TEXT_MARK = re.compile(r"^['`‘’](?=[0-9=+])")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?e(\+?)([0-9]{1,2})", re.IGNORECASE)
_WHOLE = re.compile(r"([+-]?[0-9]+)\.0+")
_WHOLE_NUMBERS = re.compile(r"(?<![0-9.])(\+?[0-9]{5,})\.0{1,2}(?![0-9])")
_MOST_DIGITS = 15
"""A spreadsheet keeps so many digits of a number; what stands behind them is made up."""

# Two numbers in a cell stand behind one another with a mark between them, or are mobiles with a space.
_BETWEEN_NUMBERS = re.compile(r"([/;、,|\n\r]|或|(?<=[0-9]{11})\s+(?=1[3-9][0-9]{9}(?![0-9])))")
_EXTENSION_BEHIND = re.compile(r"\s*(?:ext\.?\s*[=:]?\s*)?[0-9]{1,6}\s*", re.IGNORECASE)
_HAS_EXTENSION = re.compile(r"ext|[转轉*#x]|分机|分機", re.IGNORECASE)
_BETWEEN_TAGS = re.compile(r"[;；、,，|\n\r]")
MOST_TAGS = 100
MOST_IN_NUMBERS = 1_000
"""Characters of all cells that hold a customer's numbers."""
_DAY_NUMBER = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_DAY_NUMBERED_0 = date(1899, 12, 30)
NUMBERS = frozenset({Column.MOBILE, Column.OTHER_MOBILE})
IDENTITIES = (
    Column.ID_NUMBER,
    Column.PASSPORT,
    Column.HK_MACAO_PERMIT,
    Column.TAIWAN_PERMIT,
    Column.ID_DOCUMENT,
)
CODES = frozenset(
    {
        *NUMBERS,
        *IDENTITIES,
        Column.TAX_NUMBER,
        Column.WECHAT_ID,
        Column.BIRTH_DATE,
        Column.SCORE,
        Column.EXTERNAL_ID,
    }
)
"""What consists of digits for the most part, so that a spreadsheet may have taken it for an amount."""


def cell_text(cell: str) -> str:
    """A cell without what spreadsheets put around codes: spaces, `="…"`, the apostrophe that keeps digits as text."""
    text = note_text(cell)
    wrapped = _FORMULA_TEXT.fullmatch(text)
    return _TEXT_MARK.sub("", wrapped[1].strip() if wrapped else text)


def note_text(cell: str) -> str:
    """A cell as it is, without blanks around it; empty for the words that mean nothing (NULL, N/A, 无, -)."""
    text = cell.strip().strip("\ufeff\u200b")
    return "" if text.casefold() in _NOTHING else text


def name_text(cell: str) -> str:
    """The name of a person in a cell: there are people called Nan, Null and None."""
    text = cell.strip().strip("\ufeff\u200b")
    wrapped = _FORMULA_TEXT.fullmatch(text)
    text = wrapped[1].strip() if wrapped else text
    return "" if text.casefold() in _SIGNS else text


def means_nothing(text: str) -> bool:
    """Whether this would be an empty cell in any column but one of names."""
    return text.casefold() in _NOTHING


def restored(text: str, column: Column) -> str:
    """A code as it was before a program took it for an amount: 13900010051.0, 1.3900010051E10 with all its digits.

    Customer numbers keep an E that they may have by themselves (1E05).
    """
    if column in NUMBERS:
        text = _WHOLE_NUMBERS.sub(r"\1", text)
    elif whole := _WHOLE.fullmatch(text):
        return whole[1]
    found = _SCIENTIFIC.fullmatch(text)
    if found is None or column not in CODES or _is_own(found, column):
        return text
    digits = found[1] + (found[2] or "")
    return digits if len(digits) == int(found[4]) + 1 <= _MOST_DIGITS else text


FAILED = "\ufffc"
"""Stands for a cell of a workbook whose formula failed or has no result."""


def refuse_broken(text: str, column: Column) -> None:
    """Raises Invalid for formulas without a result, for characters that were lost on the way, and for numbers of which
    a spreadsheet cut the end.
    """
    if text == FAILED:
        raise Invalid(
            column,
            "单元格中的公式出错或没有结果，请在表格软件中打开、重新计算并保存，或改为数值",
            "The formula in this cell failed or has no result; open the workbook in a spreadsheet, which computes it, "
            "and save it, or replace it by its value",
        )
    if "\ufffd" in text:
        raise Invalid(
            column,
            "有无法解码的字符，请用 UTF-8 重新导出，或用 --encoding 指定编码",
            "Characters that do not decode; export again as UTF-8, or name the encoding with --encoding",
        )
    found = _SCIENTIFIC.fullmatch(text)
    if found and not _is_own(found, column):
        raise Invalid(
            column,
            "号码被电子表格改成了科学计数法，末尾数字已丢失，请以文本格式重新导出",
            "A spreadsheet turned the number into 1.2E+10 and lost its digits; export the column as text",
        )


def _is_own(found: re.Match[str], column: Column) -> bool:
    """Whether a customer number holds this E by itself: a spreadsheet would have written a point or a plus."""
    return column is Column.EXTERNAL_ID and not found[2] and not found[3]


def numbers_in(texts: list[str], field: str) -> dict[str, str]:
    """The telephone numbers of some cells as written, by their normal form. Raises Invalid for what is none."""
    if sum(map(len, texts)) > MOST_IN_NUMBERS:
        raise Invalid(field, "号码过多，请分到几列或几行", "Too many numbers for one customer; use further rows")
    written = [part for text in texts for part in _numbers(normal_form(text))]
    return {telephone_number(part, field=field): part for part in written}


def _numbers(text: str) -> list[str]:
    """The parts of a cell that hold a number each. `;ext=801` and `,801` behind a number are its extension."""
    parts = _BETWEEN_NUMBERS.split(re.sub(",{2,}", ",", text))  # two commas are a pause before an extension
    found = [parts[0].strip()]
    for mark, part in zip(parts[1::2], parts[2::2], strict=True):
        if mark in ";," and _is_extension(part) and found[-1] and not _HAS_EXTENSION.search(found[-1]):
            found[-1] += f"{mark}{part.strip()}"
        else:
            found.append(part.strip())
    return [part for part in found if part]


def _is_extension(part: str) -> bool:
    return _EXTENSION_BEHIND.fullmatch(part) is not None and not is_short_number(part.strip())


def tags_in(texts: list[str]) -> list[str]:
    """The words of some cells, parted by ; ； 、 , ， |, each once.

    Raises Invalid for a long or a personal one, and for more than a customer may have.
    """
    words = [part for text in texts for part in _BETWEEN_TAGS.split(text) if part.strip()]
    named: dict[str, str] = {}
    for word in words:
        name = open_text(tag_name(word, field="tags"), "tags")
        named.setdefault(same_as(name), name)
    if len(named) > MOST_TAGS:
        raise Invalid("tags", f"标签超过 {MOST_TAGS} 个，请减少", f"There are more than {MOST_TAGS} tags; leave fewer")
    return list(named.values())


def day_numbered(text: str) -> str | None:
    """The day that a spreadsheet counts by this number, in ISO 8601; None for what is no such number.

    Days are counted from the end of 1899; five digits reach from 1927 to 2173.
    """
    if not _DAY_NUMBER.fullmatch(text):
        return None
    return (_DAY_NUMBERED_0 + timedelta(days=int(float(text)))).isoformat()


def score(text: str) -> float:
    """A number from 0 to 100. Raises Invalid."""
    written = plain(text, field="score", longest=20)
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", written) or float(written) > 100:
        raise Invalid("score", "评分应为 0 到 100 之间的数", "A score is a number from 0 to 100")
    return float(written)
