"""E-mail addresses."""

from email_validator import EmailNotValidError, validate_email

from domain.errors import Invalid
from domain.personal.masked import COVERS
from domain.personal.text import masked_value, plain

_NEVER = frozenset({*COVERS, "*"})


def email_address(text: str, *, field: str) -> str:
    """An address with its domain in lower case; nobody is asked whether it exists. Raises Invalid."""
    written = plain(text, field=field, longest=254)
    if not _NEVER.isdisjoint(written):
        raise masked_value(field)
    try:
        return validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid(
            field, "邮箱地址无效，应如 name@example.com", "Not an e-mail address like name@example.com"
        ) from None
