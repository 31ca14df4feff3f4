"""Identity documents other than the resident identity card: passports, travel permits and the like.

A number is told by its shape as far as shapes differ; what it is is decided by whoever names its kind.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from domain.errors import Invalid
from domain.personal.dates import day_of, may_be_born_on
from domain.personal.identity import is_card_shaped, is_old_resident_id
from domain.personal.text import compact


class IdDocumentKind(StrEnum):
    """What a person shows where no resident identity card is at hand."""

    PASSPORT = "PASSPORT"
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT"
    TAIWAN_PERMIT = "TAIWAN_PERMIT"
    FOREIGN_PERMANENT_RESIDENT = "FOREIGN_PERMANENT_RESIDENT"
    MILITARY = "MILITARY"
    OTHER = "OTHER"


class IdDocument(NamedTuple):
    """One document, its number as somebody wrote it."""

    kind: IdDocumentKind
    number: str


_IDENTITY_CARD = re.compile(r"[A-Z]{1,2}[0-9]{6}\([0-9A]\)|[157]/?[0-9]{6}[(/][0-9]\)?")
"""Identity cards of Hong Kong and of Macao, with the check digit in brackets or behind a stroke."""
_BRACKETS = re.compile(r"[-()/.]")
_MILITARY = r"[\u4e00-\u9fff]{1,3}字?第?[A-Z0-9]{4,12}号?"
_NUMBER = re.compile(rf"[A-Z0-9]{{5,20}}|{_MILITARY}")
_SHAPES = {
    IdDocumentKind.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[CW][0-9A-Z][0-9]{7}"),
    IdDocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}|[0-9]{10}[A-Z0-9]?|[TL][0-9]{8}"),
    IdDocumentKind.FOREIGN_PERMANENT_RESIDENT: re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
    IdDocumentKind.MILITARY: re.compile(rf"{_MILITARY}|[A-Z0-9]{{5,18}}"),
    IdDocumentKind.PASSPORT: re.compile(r"(?=[A-Z0-9]*[0-9]{4})[A-Z0-9]{6,12}"),
    IdDocumentKind.OTHER: _NUMBER,
}
"""The numbers that a document of each kind may bear."""

_TOLD = (
    (IdDocumentKind.HK_MACAO_PERMIT, re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[CW][0-9A-Z][0-9]{7}")),
    (IdDocumentKind.TAIWAN_PERMIT, re.compile(r"[0-9]{8}|[TL][0-9]{8}")),
    (IdDocumentKind.FOREIGN_PERMANENT_RESIDENT, re.compile(r"[A-Z]{3}[0-9]{12}")),
    (IdDocumentKind.MILITARY, re.compile(r"[军士文武警官兵]{1,3}字?第?[A-Z0-9]{4,12}号?")),
    (IdDocumentKind.PASSPORT, re.compile(r"[A-Z][A-Z]?[0-9]{6,8}|[A-Z][0-9]{3}[A-Z][0-9]{4}")),
)


def document_number(text: str, *, field: str) -> str:
    """The number of an identity document in upper case, without spaces, hyphens and brackets.

    Raises Invalid for what is no such number: a day in eight digits, a resident identity number, other signs.
    """
    number = _BRACKETS.sub("", compact(text, field=field, longest=60)).upper()
    if is_day(number):
        raise Invalid(
            field,
            "这是一个日期，不是证件号码",
            "This is a date, not the number of a document",
        )
    if is_card_shaped(number) or is_old_resident_id(number):
        raise Invalid(
            field,
            "身份证号请填入 idNumber（导入时为“身份证号”列）",
            "This has the shape of a resident identity number: it belongs into idNumber, in imports into id_number",
        )
    if not _NUMBER.fullmatch(number):
        raise Invalid(
            field,
            "证件号码无效：应为 5 至 20 位字母与数字",
            "Not the number of an identity document: 5 to 20 letters and digits",
        )
    return number


def refuse_other_kind(kind: IdDocumentKind, number: str, *, field: str) -> None:
    """Raises Invalid where no document of this kind bears the number."""
    if not _SHAPES[kind].fullmatch(number):
        raise Invalid(
            field,
            "号码与证件类型不符，请核对；其他证件请选 OTHER",
            "No document of this kind has such a number; check it, or say that the kind is OTHER",
        )


def document_told_by(text: str, *, field: str) -> IdDocument | None:
    """The document that has a number of this shape; None where none has, or it may be a date.

    Raises Invalid and MaskedValueWrite for a text that `plain` refuses.
    """
    written = compact(text, field=field, longest=60).upper()
    number = _BRACKETS.sub("", written)
    if is_day(number):
        return None
    if _IDENTITY_CARD.fullmatch(written):
        return IdDocument(IdDocumentKind.OTHER, number)
    return next((IdDocument(kind, number) for kind, shape in _TOLD if shape.fullmatch(number)), None)


def is_day(number: str) -> bool:
    """Whether these are eight digits that name a day on which somebody may be born."""
    if not re.fullmatch("[0-9]{8}", number):
        return False
    day = day_of(int(number[:4]), int(number[4:6]), int(number[6:]))
    return day is not None and may_be_born_on(day)
