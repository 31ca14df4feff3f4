"""Telling a masked text from a real one, so that no mask is ever written back over a value (R37)."""

import re

# Every mask leaves two stars in a row somewhere, but for those of short names (张*, 阿*·买*) and of IP addresses
# (192.168.*.*, 2001:db8:*:…).
_SINGLE_STARS = re.compile(r"[^*·]{0,2}\*(?:·[^*·]?\*+)*|[0-9.]+(?:\.\*)+|[0-9A-Fa-f:]+(?::\*)+")

COVERS = "●⚫⬤■□▢▪▫◼◻◾◽⬛⬜▆▇█▓▒░☐✱✲∗﹡⁎"
"""Signs that nobody's name, address or mail box holds, but for what is covered with them."""

_HAN = "[\u3400-\u9fff]"
_NUMERALS = "〇零一二三四五六七八九十百千○◯"  # a circle writes zero as well: 二○○八
# Letters cover something only in runs that stand against Chinese or digits: Max, Xxx Ltd, XXL and Exxon are names.
_RUN = r"(?:x{2,}|X{2,}|#{2,}|\?{2,}|_{2,})"
_BY_HAND = re.compile(
    f"[{COVERS}]|[·•‧∙・]{{2}}|(?<![{_NUMERALS}])[○◯]+(?![{_NUMERALS}])"
    rf"|{_HAN}\*{_HAN}|[×✕✖╳]{{2}}|^[^×✕✖╳]{{0,2}}[×✕✖╳]$"
    rf"|(?:{_HAN}|[0-9]{{3}}){_RUN}(?![A-Za-z])|(?<![A-Za-z]){_RUN}{_HAN}|[0-9]{_RUN}[0-9]"
)

_NEVER_A_NAME = re.compile(rf"[·•‧∙・]{{2}}|{_HAN}\*{_HAN}|[0-9]{{3}}(?:{_RUN}|[{COVERS}]{{2}})")
_ORGANISATION = re.compile(
    "(?:公司|集团|企业|(?<=...)[厂店馆行社部院所站场]|中心|工作室|事务所|合作社|学校|大学|中学|小学|协会|商会|基金会|银行|酒店|餐厅"
    r"|超市|商行|门诊|诊所|俱乐部|服饰|贸易|科技|餐饮|传媒|文化|建材|物流|[Ll]td\.?|Inc\.?|LLC|Co\.?)(?:[（(].{1,20}[）)])?$"
)


def looks_masked(text: str) -> bool:
    """Whether one of our masks could have made this text. Full-width stars are to be normalised before."""
    return "**" in text or _SINGLE_STARS.fullmatch(text) is not None


def masked_by_hand(text: str) -> bool:
    """Whether somebody covered a part of this name or address with other signs: 张●●, 李*明, 138xxxx5678, ××路□号.

    For people's names and addresses alone, where such signs mean nothing; in a subject or a tag somebody may want to
    say them.
    """
    return _BY_HAND.search(text) is not None


def name_masked_by_hand(text: str) -> bool:
    """The same for a name, which may be an organisation's: XX服饰有限公司 and 乐■天工作室 are called so.

    Stars, rows of dots and covered numbers are nobody's name.
    """
    return (_NEVER_A_NAME if _ORGANISATION.search(text) else _BY_HAND).search(text) is not None
