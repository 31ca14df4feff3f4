"""Birth dates."""

from datetime import date

from auth.masks.closing import fails_closed
from domain.errors import DomainError
from domain.personal import birth_date as read_birth_date
from domain.personal.dates import today

_OF_AGE = 14  # PIPL art. 31


def under_age(born: date, on: date) -> bool:
    """Whether somebody is under 14 on the day `on` (R30)."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) < _OF_AGE


def birth_year(born: date, on: date) -> str:
    """BIRTH_YEAR as display text: the year, or nothing of a child under 14 on the day `on`."""
    return "****-**-**" if under_age(born, on) else f"{born.year}-**-**"


@fails_closed
def birth_date(plain: str) -> str | None:
    """`birth_year` of a written date, as of today."""
    try:
        return birth_year(read_birth_date(plain), today())
    except DomainError:
        return None
