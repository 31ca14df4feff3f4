"""Birth dates in the forms that registers hold them."""

import re
from datetime import date, datetime, timedelta, timezone

from domain.errors import Invalid
from domain.personal.text import compact

_CHINA = timezone(timedelta(hours=8))
_FORMS = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})[日号]|([0-9]{2})([0-9]{2}))"
    r"(?:T?00:00(?::00(?:\.0+)?)?Z?)?"
)


def birth_date(text: str, *, field: str = "birthDate") -> date:
    """The day named by 2008/08/06, 2008-8-6, 2008.08.06, 1968年11月17日, 20140312 or ISO 8601 with a time of zero.

    Raises Invalid for other forms, for a day that no calendar has, one in the future or one before 1900.
    """
    found = _FORMS.fullmatch(compact(text, field=field, longest=40))
    parts = [int(part) for part in found.groups() if part and part.isdigit()] if found else []
    day = day_of(*parts) if parts else None
    if day is None or not may_be_born_on(day):
        raise Invalid(
            field,
            "出生日期无效，应如 1988-06-15，且在 1900 年之后、不晚于今天",
            "Not a birth date like 1988-06-15, after 1900 and not in the future",
            heals_with_time=day is not None and day > today(),
        )
    return day


def birth_day(text: str, *, field: str) -> str:
    """`birth_date` in ISO 8601, as it is kept."""
    return birth_date(text, field=field).isoformat()


def day_of(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def may_be_born_on(day: date) -> bool:
    """Whether a living customer can be born on this day: since 1900, and not after today in China."""
    return day.year >= 1900 and day <= today()


def today() -> date:
    """The day that it is in China, where the business keeps its calendar."""
    return datetime.now(_CHINA).date()
