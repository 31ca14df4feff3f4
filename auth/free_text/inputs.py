"""The one list of what becomes of each text that a mutation takes; an input that is not on it stops the process."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Treatment(StrEnum):
    """What is done with a text that somebody typed, so that no personal value in it can be read afterwards."""

    SEALED = "checked, sealed, shown as its mask"
    FREE = "scanned; the original is sealed where something is found, and shown with its finds masked"
    IN_PLACE = "scanned; finds are masked in place, and no original is kept"
    REFUSED = "kept or shown in clear: INVALID where something is found"
    REGISTERED = "INVALID unless it stands in a register or is a number within bounds; nothing else of it is kept"
    SECRET = "never kept in clear"  # noqa: S105 - what becomes of secrets


TEXT_INPUTS: Mapping[str, Treatment] = MappingProxyType(
    {
        "mobile": Treatment.SEALED,
        "otherMobile": Treatment.SEALED,
        "email": Treatment.SEALED,
        "wechatId": Treatment.SEALED,
        "idNumber": Treatment.SEALED,
        "address": Treatment.SEALED,
        "number": Treatment.SEALED,
        "summary": Treatment.FREE,
        "description": Treatment.FREE,
        "note": Treatment.FREE,
        "response": Treatment.FREE,
        "resolution": Treatment.FREE,
        "improvement": Treatment.FREE,
        "subject": Treatment.IN_PLACE,
        "region": Treatment.IN_PLACE,
        "industry": Treatment.IN_PLACE,
        "source": Treatment.IN_PLACE,
        "tags": Treatment.IN_PLACE,
        "reason": Treatment.IN_PLACE,
        "device": Treatment.IN_PLACE,
        "name": Treatment.REFUSED,
        "externalId": Treatment.REFUSED,
        "externalSystem": Treatment.REFUSED,
        "purpose": Treatment.REGISTERED,
        "value": Treatment.REGISTERED,
        "login": Treatment.SECRET,
        "password": Treatment.SECRET,
        "refreshToken": Treatment.SECRET,
        "deviceToken": Treatment.SECRET,
    }
)
"""By the name of the field in the SDL, which means the same in every input. The reason of a ticket that is opened again
is the text of a step: its original is sealed besides."""
