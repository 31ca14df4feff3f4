"""Filling the columns of personal texts: what was just written in clear is sealed, masked and digested (design §6)."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm.attributes import flag_modified

from auth.approval import judged
from auth.free_text import Scanned, scan
from auth.masks import masked
from auth.masks.imported import imported_details
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, Sealer, new_data_key, place
from domain.access_log import AccessLogEntry
from domain.base import Base
from domain.business_setting import BusinessSetting
from domain.customer import Customer
from domain.data_key import DataKey
from domain.event import Event
from domain.sealed import Sealed, clear_values, sealed_fields, take_clear
from domain.tag import Tag
from domain.ticket import Ticket
from domain.ticket_route import TicketRoute

MASKED_IN_PLACE: Mapping[type[Base], tuple[str, ...]] = {
    Customer: ("region", "industry", "source"),
    Tag: ("name", "group"),
    Ticket: ("subject",),
    Event: ("reason",),
    AccessLogEntry: ("reason",),
    TicketRoute: ("reason",),
    BusinessSetting: ("reason",),
}
"""Short texts that are kept as they are read: there is no original behind what is masked in them. People write numbers
wherever there is room."""

_fields = cache(sealed_fields)


class KeyDestroyed(Exception):
    """Personal text was written for somebody whose data key is not known here: a deleted person. Holds no value."""


def digest_kind(field: str) -> str:
    """The kind under which a field is digested: a telephone number is one number, wherever it stands."""
    return "mobile" if field == "other_mobile" else field


def digested(field: str, text: str) -> tuple[str, str]:
    """The kind and the text under which a field's value is digested, to store it or to look for it.

    In an e-mail address case does not count, though it is sealed as it was written.
    """
    return digest_kind(field), text.lower() if field == "email" else text


def needs_key(row: Base) -> bool:
    """Whether something on the row has to be sealed: free text in which nothing was found is kept as it is."""
    fields = _fields(type(row))
    return any(
        text is not None and (not fields[name].free or masked_free_text(row, text) is not None)
        for name, text in clear_values(row).items()
    )


def masked_free_text(row: Any, text: str) -> str | None:
    """What is shown instead of a free text on this row; None where nothing in it is masked and it stays as it is."""
    if getattr(row, "imported_details", False):
        return imported_details(text)
    found = scanned(row, text)
    return found.masked if found.found else None


def scanned(row: Any, text: str) -> Scanned:
    """What is found in a clear text of this row: scanned once, since nothing else that is done to a row costs as much.
    Kept on the row until it is sealed.
    """
    scans: dict[str, Scanned] = row.__dict__.setdefault("_scans", {})
    if text not in scans:
        scans[text] = scan(text)
    return scans[text]


def seal_row(row: Base, sealer: Sealer | None, digests: Digests) -> None:
    """Fills `<field>_sealed`, `_masked`, `_digest` and `_buckets` from the clear values, which the row forgets, and
    what says that only an approval opens them.

    The row has its id already; without a sealer it needs no key. An emptied field empties all its columns. Of free text
    the original is sealed only where something in it was masked (R35).
    """
    fields, written = _fields(type(row)), take_clear(row)
    for name, text in written.items():
        stored = _stored(row, fields[name], text, sealer, digests)
        _set(row, {f"{name}_{column}": value for column, value in stored.items()})
    _set(row, judged(row, written, partial(scanned, row)))
    row.__dict__.pop("_scans", None)


def mask_in_place(row: Base) -> None:
    """Masks numbers and addresses in the short texts that are stored in clear (R35)."""
    for name in MASKED_IN_PLACE.get(type(row), ()):
        text = getattr(row, name)
        if text and (shown := scan(text).masked) != text:
            row.__dict__[name] = shown  # not by setattr: masked texts are refused there, as nobody may send them
            flag_modified(row, name)


class Recorder:
    """Seals rows of many persons, each under the person's own data key. Keeps unwrapped keys: one per transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._digests = Digests(ring)
        self._sealers: dict[UUID, Sealer] = {}

    def begin(self, person_id: UUID) -> DataKey:
        """A new person's data key, wrapped; store it beside the person."""
        data_key = new_data_key()
        self._sealers[person_id] = Sealer(data_key, self._ring.crypto)
        return DataKey(id=person_id, wrapped=self._ring.wrap(data_key, person_id))

    def knows(self, person_id: UUID) -> bool:
        """Whether the person's data key is at hand."""
        return person_id in self._sealers

    def unwrap(self, person_id: UUID, wrapped: bytes) -> None:
        """Takes a stored data key to hand. Raises `SealBroken`, `KeyMissing`."""
        self._sealers[person_id] = Sealer(self._ring.unwrap(wrapped, person_id), self._ring.crypto)

    def unsealed(self, row: Any, field: str) -> str | None:
        """The clear value; None where there is none, or the person's data key is not at hand. Raises `SealBroken`."""
        sealed, sealer = getattr(row, f"{field}_sealed"), self._sealers.get(row.person_id)
        if sealed is None or sealer is None:
            return None
        return sealer.unseal(sealed, place(row.__tablename__, row.id, field))

    def fill(self, row: Any) -> None:
        """Seals and masks what was written on the row. Raises KeyDestroyed where its person's key is not at hand."""
        mask_in_place(row)
        if not clear_values(row):
            return
        sealer = self._sealers.get(row.person_id)
        if sealer is None and needs_key(row):
            raise KeyDestroyed(f"{type(row).__name__}: the person's data key does not exist; a deleted person stays so")
        seal_row(row, sealer, self._digests)


def _set(row: Base, values: dict[str, object]) -> None:
    if inspect(row).key is None:
        row.__dict__.update(values)  # a new row is written whole: nobody asks what changed in it, and telling costs
        return
    for column, value in values.items():
        setattr(row, column, value)


def _stored(row: Any, field: Sealed, text: str | None, sealer: Sealer | None, digests: Digests) -> dict[str, object]:
    if text is None:
        return _emptied(field)
    shown = masked_free_text(row, text) if field.free else masked(field.name, text, row.kind)
    if shown is None:
        return {"sealed": None, "masked": text}
    assert sealer is not None
    at = place(row.__tablename__, row.id, field.name)
    if field.free:
        return {"sealed": sealer.seal(text, at), "masked": shown}
    stored: dict[str, object] = {"sealed": sealer.seal(text, at), "masked": shown}
    if field.digest:
        stored["digest"] = digests.digest(*digested(field.name, text))
    if field.indexed:
        stored["buckets"] = digests.names.of_name(text, masked=shown)
    return stored


def _emptied(field: Sealed) -> dict[str, object]:
    emptied: dict[str, object] = {"sealed": None, "masked": None}
    if field.digest:
        emptied["digest"] = None
    if field.indexed:
        emptied["buckets"] = []
    return emptied
