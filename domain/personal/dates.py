"""Birth dates in the forms that registers hold them."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.personal.text import plain

_CHINA = ZoneInfo("Asia/Shanghai")
_DAY = re.compile(
    r"([0-9]{4}) ?(?:([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,2})|年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]"
    r"|([0-9]{2})([0-9]{2}))"
)
_TIME = re.compile(
    r"[T ]? ?(?P<noon>上午|下午|[AP]M)? ?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)? ?(?P<half>[AP]M)?"
    r"(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?",
    re.IGNORECASE,
)
_YEAR_AND_MONTH = re.compile(
    r"[0-9]{4}(?: ?[-/.] ?(?:0?[1-9]|1[0-2])(?: ?[-/.] ?0{1,2})?| ?年(?: ?[0-9]{1,2} ?月)?(?:份|生)?)?"
    r"|[0-9]{1,2} ?月 ?[0-9]{1,2} ?[日号]?|[0-9]{1,2}[-/][0-9]{4}"
)


def birth_date(text: str, *, field: str = "birthDate") -> date:
    """The day named by 2008/08/06, 2008-8-6, 2008.08.06, 1968年11月17日 or 20140312, a time of day behind it or not.

    A time with an offset from UTC is an instant: the day is the one that it was in China, by the rules of
    Asia/Shanghai, summer time included. Raises Invalid for other forms, for a year or a month without a day, for a
    time other than midnight without an offset (it may be an instant that lost its zone, and lie on another day), for a
    day that no calendar has, one in the future or one before 1900.
    """
    written = plain(text, field=field, longest=60).strip("'\"`‘’“”")
    if _YEAR_AND_MONTH.fullmatch(written):
        raise Invalid(
            field,
            "出生日期不完整：需要年、月、日，应如 1988-06-15",
            "The birth date is not complete: it needs year, month and day, like 1988-06-15",
        )
    day = _read(written, field)
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


def _read(written: str, field: str) -> date | None:
    found = _DAY.match(written)
    if found is None:
        return None
    day = day_of(*(int(part) for part in found.groups() if part and part.isdigit()))
    rest = written[found.end() :]
    return _at(day, rest, field) if day and rest else day


def _at(day: date, rest: str, field: str) -> date | None:
    """The day in China at the time that stands behind a day; None where it is no time."""
    found = _TIME.fullmatch(rest)
    at = _time(found) if found else None
    if found is None or at is None:
        return None
    zone = found["zone"]
    if zone is None and at != time():
        raise Invalid(
            field,
            "出生日期带有时刻而没有时区，无法确定是哪一天，请只填日期",
            "The birth date has a time of day without a zone, so that its day is not certain; give the date alone",
        )
    return day if zone is None else _in_china(datetime.combine(day, at), zone)


def _time(found: re.Match[str]) -> time | None:
    hour, half = int(found["hour"]), (found["noon"] or found["half"] or "").upper()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half in {"PM", "下午"} else 0)
    try:
        return time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return None


def _in_china(at: datetime, zone: str) -> date | None:
    try:
        return at.replace(tzinfo=_offset(zone.upper())).astimezone(_CHINA).date()
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timezone:
    if zone[0] not in "+-":
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[3:].removeprefix(":") or 0)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
