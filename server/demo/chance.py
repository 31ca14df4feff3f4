"""Chance that repeats: what is drawn for one thing depends on the thing's name alone, not on what was drawn before."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from stdnum.cn import ric, uscc

from domain.identity import shaped_id

BASE = datetime(2026, 10, 1, tzinfo=UTC)
"""The demo's present: nothing in it happened later."""

SINCE = datetime(2025, 9, 1, tzinfo=UTC)
"""The demo's first day."""

# Prefixes that no operator has been given, so that no number of the demo rings anywhere.
_PREFIXES = ("160", "161", "163", "164", "168", "169")
_MAIL = ("example.com", "example.org", "example.net")
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Chance(Random):
    """Random numbers of one thing of the demo, and values of correct form that belong to nobody."""

    def __init__(self, thing: str) -> None:
        super().__init__(f"zhike demo {thing}")

    def hits(self, one_in: int) -> bool:
        """True once in so many times."""
        return self.randrange(one_in) == 0

    def id(self, at: datetime) -> UUID:
        """The id of a thing that came to be at this moment."""
        return shaped_id(int(at.timestamp() * 1000), self.getrandbits(74))

    def moment(self, since: datetime, until: datetime) -> datetime:
        """A whole second in [since, until)."""
        return since + timedelta(seconds=self.randrange(max(1, int((until - since).total_seconds()))))

    def mobile(self) -> str:
        return self.choice(_PREFIXES) + f"{self.randrange(10**8):08d}"

    def birthday(self, years: tuple[int, int] = (1955, 2004)) -> date:
        return date(self.randint(*years), self.randint(1, 12), self.randint(1, 28))

    def email(self) -> str:
        return f"{self.choice('abcdefghjklmnqrstwxyz')}{self.randrange(10**6):06d}@{self.choice(_MAIL)}"

    def wechat_id(self) -> str:
        return f"wx_{self.randrange(36**6):09d}"

    def resident_id(self, province: str, born: date) -> str:
        """Correct in form, in a division that no province has (99)."""
        body = f"{province}9900{born:%Y%m%d}{self.randrange(1, 1000):03d}"
        return body + ric.calc_check_digit(body + "0")

    def credit_code(self, province: str) -> str:
        """The same, for a company."""
        body = f"91{province}9900" + "".join(self.choices(_CODE, k=9))
        return body + uscc.calc_check_digit(body + "0")

    def order_number(self, at: datetime) -> str:
        """A number of 18 digits that looks like one of a person and is none."""
        return f"{at:%Y%m%d}{self.randrange(10**10):010d}"
