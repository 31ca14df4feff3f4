"""WeChat ids."""

import re

from domain.errors import Invalid
from domain.personal.text import compact

# An id of one's own choice, or the mobile or QQ number by which the account is found as well.
_ID = re.compile(r"[a-z][a-z0-9_-]{5,19}|[1-9][0-9]{4,11}")


def wechat_id(text: str, *, field: str) -> str:
    """A WeChat id in lower case (WeChat does not tell cases apart), or a mobile or QQ number. Raises Invalid."""
    normal = compact(text, field=field, longest=40).lower()
    if not _ID.fullmatch(normal):
        raise Invalid(
            field,
            "微信号无效：以字母开头，6 至 20 位字母、数字、下划线或减号",
            "Not a WeChat id: a letter first, 6 to 20 letters, digits, _ or -",
        )
    return normal
