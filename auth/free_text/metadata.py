"""What the metadata of the `phonenumbers` library say of a number, looked up a bounded number of times for one text."""

import re

import phonenumbers

from auth.free_text.context import digits
from auth.masks import HIDDEN, mobile

MAX_LOOKUPS = 25


class Metadata:
    """What `phonenumbers` knows, looked up at most MAX_LOOKUPS times for one text.

    A lookup costs as much as scanning hundreds of characters, and hostile text is full of near misses: what comes after
    the last lookup is taken for a telephone number.
    """

    def __init__(self) -> None:
        self._lookups = 0

    def masked(self, number: str, region: str | None, *, possible: bool) -> str | None:
        """The mask of a valid number, or also of a `possible` one, whose length is right: the metadata lag behind.
        None for any other.
        """
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            return "*" * 6
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            return None
        if not (phonenumbers.is_valid_number(parsed) or (possible and phonenumbers.is_possible_number(parsed))):
            return None
        shown = mobile(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
        return f"+{parsed.country_code} ******" if shown == HIDDEN or shown is None else shown

    def masked_with_code(self, written: str, *, possible: bool) -> str | None:
        """The mask of a number with its country code; None where the metadata do not know it."""
        number = "+" + digits(re.sub(r"\(0\)", "", written)).removeprefix("00")
        return self.masked(number, None, possible=possible)

    def is_valid(self, number: str) -> bool:
        """Whether a number with its country code is one that can have been given to somebody."""
        self._lookups += 1
        return self._lookups > MAX_LOOKUPS or phonenumbers.is_valid_number(phonenumbers.parse(number))
