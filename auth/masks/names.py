"""Names of people: the surname stays, the given name goes."""

import re

from auth.masks.closing import fails_closed

_COMPOUND_SURNAMES_IN_A_ROW = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠"
    "公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁"
    "拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门南荣第五淳于单于完颜耶律纳兰"
    "叶赫富察歐陽司馬東方獨孤諸葛尉遲赫連濮陽鍾離長孫鮮于閭丘軒轅東郭東門葉赫聞人公孫"
)
_COMPOUND_SURNAMES = frozenset(re.findall("..", _COMPOUND_SURNAMES_IN_A_ROW))
_MIDDLE_DOTS = re.compile("[·•‧∙・]")
_IDEOGRAPH = re.compile("[〇㐀-䶿一-鿿\U00020000-\U0003ffff]")


@fails_closed
def name(plain: str) -> str | None:
    """NAME_SURNAME: the surname and one star for each character behind it; `阿***·买**` and `J***` for other names.

    Of two characters the first is the surname; a name of one character is hidden.
    """
    parts = _parts(plain)
    if len(parts) > 1:
        return "·".join(_first(part) for part in parts)
    return _of_one_part(parts[0]) if parts else None


@fails_closed
def name_fixed(plain: str) -> str | None:
    """NAME_FIXED: as `name`, with one star whatever the length of the given name."""
    parts = _parts(plain)
    if not parts:
        return None
    return re.sub(r"\*+", "*", _first(parts[0]) if len(parts) > 1 else _of_one_part(parts[0]))


def _parts(plain: str) -> list[str]:
    return [part.strip() for part in _MIDDLE_DOTS.split(plain) if part.strip()]


def _of_one_part(plain: str) -> str:
    if len(plain) == 1:
        return "*"
    if not _IDEOGRAPH.match(plain):
        return f"{plain[0]}***"
    shown = 2 if len(plain) > 2 and plain[:2] in _COMPOUND_SURNAMES else 1
    return plain[:shown] + "*" * (len(plain) - shown)


def _first(part: str) -> str:
    return part[0] + "*" * (len(part) - 1) if len(part) > 1 else "*"
