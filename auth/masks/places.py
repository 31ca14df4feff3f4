"""Postal addresses and points on the map."""

import re

from auth.masks.closing import fails_closed
from auth.masks.divisions import place_at

_BETWEEN = re.compile(r"[\s,，、/|\-]+")
_POINT = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,20})?) ?, ?(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)")


@fails_closed
def address(plain: str) -> str | None:
    """ADDR_DISTRICT: province, city and district or county where they are real ones, then a fixed `****`.

    A district is believed only behind a province or a city that it lies in; everything else is hidden.
    """
    place = place_at(_BETWEEN.sub("", plain).removeprefix("中国"))
    return f"{place.region}{place.county}****"


@fails_closed
def geo(plain: str) -> str | None:
    """A point in degrees, both rounded to 2 decimals: about 1.1 km. A track of points is hidden."""
    found = _POINT.fullmatch(plain)
    if found is None or any(abs(float(degrees)) > 180 for degrees in found.groups()):
        return None
    return ",".join(f"{round(float(degrees), 2) + 0.0:.2f}" for degrees in found.groups())
