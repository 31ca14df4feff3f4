"""Words of business (regions, industries, sources, tags), each in one form where it is written, filtered or counted.

Width, spaces at the ends and repeated ones do not count (NFKC), nor does the case of Latin letters where words are
compared: `same_as` is what two spellings of one word share.
"""

import re
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from sqlalchemy import ColumnElement, collate, func

from domain.personal.text import plain

WORD_LENGTH = 100
TAG_LENGTH = 50

_LARGE_REGIONS = "华东|华南|华北|华中|华西|东北|西北|西南|东南|中南|中原|长三角|珠三角|京津冀|环渤海"
_PROVINCES = (
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|"
    "广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
)
_REGION_FORMS = [
    (re.compile(f"({_LARGE_REGIONS}) ?(?:大区|地区|片区|区域|分区|区)"), r"\1"),
    (re.compile("(内蒙古|西藏)自治区"), r"\1"),
    (re.compile("(广西)壮族自治区|(宁夏)回族自治区|(新疆)维吾尔自治区"), r"\1\2\3"),
    (re.compile("(香港|澳门)特别行政区"), r"\1"),
    (re.compile(f"({_PROVINCES})省"), r"\1"),
    (re.compile("([\u4e00-\u9fff]{2,6})市"), r"\1"),
]
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def word(text: str, *, field: str | tuple[str, ...], longest: int = WORD_LENGTH) -> str:
    """An industry, a source or another short word in its one form. Raises as `plain` does."""
    return plain(text, field=field, longest=longest)


def region(text: str, *, field: str | tuple[str, ...]) -> str:
    """A region by its short name: 华东区, 华东地区 and 华东大区 are 华东, 江苏省 is 江苏, 苏州市 is 苏州.

    Raises as `plain` does.
    """
    normal = word(text, field=field)
    for form, short in _REGION_FORMS:
        if form.fullmatch(normal):
            return form.sub(short, normal)
    return normal


def tag_name(text: str, *, field: str | tuple[str, ...]) -> str:
    """The name of a tag in its one form, at most 50 characters. Raises as `plain` does."""
    return word(text, field=field, longest=TAG_LENGTH)


def same_as(normal: str) -> str:
    """What a word in its one form shares with those that differ in the case of Latin letters alone."""
    return normal.translate(_LOWER)


def same_in_sql(column: Any) -> ColumnElement[str]:
    """`same_as` of a stored word; with this collation it is the same whatever the locale of the database."""
    return func.lower(collate(column, "C"))
