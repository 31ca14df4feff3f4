"""From the text of a cell to what the domain takes."""

import re
import unicodedata

from auth.free_text import open_text
from domain.customer import CustomerKind
from domain.errors import DomainError, Invalid
from domain.personal import contact_number, is_card_shaped, is_credit_code
from domain.personal.text import compact, plain
from domain.word import same_as, tag_name
from server.importing.words import is_organisation

_NOTHING = frozenset({"", "null", "none", "nil", "nan", "n/a", "#n/a", "无", "無", "-", "--", "—", "——", "/", "\\n"})
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_TEXT_MARK = re.compile(r"^['`‘’](?=[0-9=+])")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?e\+?[0-9]{1,2}", re.IGNORECASE)
# Two numbers in a cell stand behind one another with a mark between them, or are mobiles with a space.
_BETWEEN_NUMBERS = re.compile(r"[/;、,|\n\r]|或|(?<=[0-9]{11})\s+(?=1[3-9][0-9]{9}(?![0-9]))")
_BETWEEN_TAGS = re.compile(r"[;；、,，|\n\r]")


def cell_text(cell: str) -> str:
    """A cell without what spreadsheets put around codes: spaces, `="…"`, the apostrophe that keeps digits as text."""
    text = note_text(cell)
    wrapped = _FORMULA_TEXT.fullmatch(text)
    return _TEXT_MARK.sub("", wrapped[1].strip() if wrapped else text)


def note_text(cell: str) -> str:
    """A cell as it is, without blanks around it; empty for the words that mean nothing (NULL, N/A, 无, -)."""
    text = cell.strip().strip("\ufeff\u200b")
    return "" if text.casefold() in _NOTHING else text


def refuse_broken(text: str, field: str) -> None:
    """Raises Invalid for characters that were lost on the way, and for numbers of which a spreadsheet cut the end."""
    if "\ufffd" in text:
        raise Invalid(
            field,
            "有无法解码的字符，请用 UTF-8 重新导出，或用 --encoding 指定编码",
            "Characters that do not decode; export again as UTF-8, or name the encoding with --encoding",
        )
    if _SCIENTIFIC.fullmatch(text):
        raise Invalid(
            field,
            "号码被电子表格改成了科学计数法，末尾数字已丢失，请以文本格式重新导出",
            "A spreadsheet turned the number into 1.2E+10 and lost its digits; export the column as text",
        )


def numbers_in(texts: list[str], field: str) -> dict[str, str]:
    """The telephone numbers of some cells as written, by their normal form. Raises Invalid for what is none."""
    written = [part.strip() for text in texts for part in _BETWEEN_NUMBERS.split(unicodedata.normalize("NFKC", text))]
    return {contact_number(part, field=field): part for part in written if part}


def tags_in(texts: list[str]) -> list[str]:
    """The words of some cells, parted by ; ； 、 , ， |, each once. Raises Invalid for a long or a personal one."""
    words = [part for text in texts for part in _BETWEEN_TAGS.split(text) if part.strip()]
    named: dict[str, str] = {}
    for word in words:
        name = open_text(tag_name(word, field="tags"), "tags")
        named.setdefault(same_as(name), name)
    return list(named.values())


def score(text: str) -> float:
    """A number from 0 to 100. Raises Invalid."""
    written = plain(text, field="score", longest=20)
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", written) or float(written) > 100:
        raise Invalid("score", "评分应为 0 到 100 之间的数", "A score is a number from 0 to 100")
    return float(written)


def inferred_kind(name: str, id_number: str) -> CustomerKind:
    """What a customer is where the export is silent: an organisation by its name or credit code, else a person."""
    number = bare_code(id_number)
    is_one = is_organisation(name) or (is_credit_code(number) and not is_card_shaped(number))
    return CustomerKind.ORGANIZATION if is_one else CustomerKind.PERSON


def bare_code(number: str) -> str:
    """A code in upper case without spaces, quotation marks and hyphens; empty where the domain would refuse it."""
    try:
        return compact(number, field="id_number", longest=60).replace("-", "").upper()
    except DomainError:
        return ""
