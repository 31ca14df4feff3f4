"""The stored texts that are gone through again, and what becomes of a row of each."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql

from auth.approval import TELLING_AGE, says_child, shows_resident_id
from auth.free_text import is_personal_name, scan
from auth.masks import masked
from auth.masks.imported import imported_details
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Sealer, place
from domain.access_log import AccessLogEntry
from domain.base import Base
from domain.business_setting import BusinessSetting
from domain.customer import Customer, CustomerKind
from domain.event import Event
from domain.interaction import Interaction
from domain.sign_in import RefreshSession
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute

Row = Mapping[str, Any]
Columns = Mapping[str, Any]
NOTHING: Columns = MappingProxyType({})


class Result(NamedTuple):
    """What is to be done with a row: columns to write, or a word to somebody who corrects it by an act."""

    columns: Columns = NOTHING
    is_to_be_corrected: bool = False


UNCHANGED = Result()


@dataclass(frozen=True)
class StoredText(ABC):
    """One text of one type. `columns` are read with the row's id and compared again when the row is written."""

    model: type[Base]
    field: str

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)

    @property
    def name(self) -> str:
        return f"{self.table}.{self.field}"

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """What is read of a row."""

    @property
    def person(self) -> sql.Composable | None:
        """Whose data key the text lies under, where it is sealed."""
        return None

    @abstractmethod
    def again(self, row: Row, sealer: Sealer | None) -> Result:
        """What becomes of a row; the sealer is None where the person's data key is destroyed."""

    def opened(self, row: Row, sealer: Sealer | None) -> str | None:
        """The original of a sealed text; None where there is none to open. Raises SealBroken."""
        sealed = row[f"{self.field}_sealed"]
        if sealed is None or sealer is None:
            return None
        return sealer.unseal(sealed, place(self.table, row["id"], self.field))


class FreeText(StoredText):
    """Texts of which the original is sealed where something is found: opened, and masked anew.

    A text that was masked before stays as it is where nothing is found any more: nothing turns clear by itself.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        stored = f"{self.field}_sealed", f"{self.field}_masked", "approval_fields"
        return (*stored, "imported_details") if self.model is Interaction else stored

    @property
    def person(self) -> sql.Composable:
        if self.model is TicketStep:
            return sql.SQL("(SELECT customer_id FROM ticket WHERE ticket.id = ticket_step.ticket_id)")
        return sql.Identifier(self.table, "customer_id")

    def again(self, row: Row, sealer: Sealer | None) -> Result:
        sealed, before = row[f"{self.field}_sealed"], row[f"{self.field}_masked"]
        original = self.opened(row, sealer) if sealed is not None else before
        if original is None:
            return UNCHANGED
        shown = self._shown(row, original)
        if shown is None:
            return UNCHANGED
        if sealed is None and sealer is not None:  # of a deleted person no original is kept
            sealed = sealer.seal(original, place(self.table, row["id"], self.field))
        closed = [self.field] if shows_resident_id(self.field, original) else row["approval_fields"]
        made = {f"{self.field}_sealed": sealed, f"{self.field}_masked": shown, "approval_fields": closed}
        is_new = shown != before or closed != row["approval_fields"]
        return Result(made) if is_new else UNCHANGED

    @staticmethod
    def _shown(row: Row, original: str) -> str | None:
        """As it is masked when it is written: of details that an import kept, each has the mask of its kind."""
        if row.get("imported_details"):
            return imported_details(original)
        shown, found = scan(original)
        return shown if found else None


class ShortText(StoredText):
    """Texts that are stored as they are read: masked in place, as when they are written."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.field,)

    def again(self, row: Row, sealer: Sealer | None) -> Result:
        shown = scan(row[self.field]).masked
        return UNCHANGED if shown == row[self.field] else Result({self.field: shown})


class ClearCode(ShortText):
    """Codes that are refused with a personal value in them when they are written: somebody has to correct them."""

    def again(self, row: Row, sealer: Sealer | None) -> Result:
        return Result(is_to_be_corrected=bool(scan(row[self.field]).found))


class CustomerText(StoredText):
    """A sealed text of a customer, with its mask."""

    @property
    def columns(self) -> tuple[str, ...]:
        return f"{self.field}_sealed", f"{self.field}_masked", "kind"

    @property
    def person(self) -> sql.Composable:
        return sql.Identifier("customer", "id")

    def again(self, row: Row, sealer: Sealer | None) -> Result:
        """The mask is made anew."""
        text = self.opened(row, sealer)
        shown = masked(self.field, text, CustomerKind(row["kind"])) if text is not None else None
        return UNCHANGED if shown in {None, row[f"{self.field}_masked"]} else Result({f"{self.field}_masked": shown})


class CustomerAge(StoredText):
    """Whether a customer is under 14: judged anew, since children grow up and older versions did not judge."""

    @property
    def columns(self) -> tuple[str, ...]:
        return "kind", *(f"{name}_sealed" for name in TELLING_AGE), self.field

    @property
    def person(self) -> sql.Composable:
        return sql.Identifier("customer", "id")

    def again(self, row: Row, sealer: Sealer | None) -> Result:
        if sealer is None:
            return UNCHANGED
        known = {name: self._opened(row, name, sealer) for name in TELLING_AGE}
        is_child = says_child(known)
        return UNCHANGED if is_child == row[self.field] else Result({self.field: is_child})

    def _opened(self, row: Row, name: str, sealer: Sealer) -> str | None:
        sealed = row[f"{name}_sealed"]
        return None if sealed is None else sealer.unseal(sealed, place(self.table, row["id"], name))


class CustomerName(CustomerText):
    """Names, which are shown in clear: one with a personal value in it has to be corrected by somebody."""

    def again(self, row: Row, sealer: Sealer | None) -> Result:
        text = self.opened(row, sealer) or ""
        organisation = row["kind"] == CustomerKind.ORGANIZATION
        return Result(is_to_be_corrected=is_personal_name(text, of_organisation=organisation))


TEXTS: tuple[StoredText, ...] = (
    FreeText(Interaction, "summary"),
    FreeText(Ticket, "description"),
    FreeText(TicketStep, "text"),
    ShortText(Ticket, "subject"),
    ShortText(Customer, "region"),
    ShortText(Customer, "industry"),
    ShortText(Customer, "source"),
    ShortText(Tag, "name"),
    ShortText(Tag, "group"),
    ShortText(Event, "reason"),
    ShortText(AccessLogEntry, "reason"),
    ShortText(RefreshSession, "device"),
    ShortText(TicketRoute, "reason"),
    ShortText(BusinessSetting, "reason"),
    CustomerText(Customer, "address"),
    CustomerName(Customer, "name"),
    ClearCode(Customer, "external_id"),
    ClearCode(Customer, "external_system"),
    CustomerAge(Customer, "under_14"),
)
"""All texts that people type and that are read in clear or masked."""


class Sealers:
    """Sealers of persons by their wrapped data keys, of one batch."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._made: dict[UUID, Sealer] = {}

    def of(self, person_id: UUID | None, wrapped: bytes | None) -> Sealer | None:
        """None for a destroyed data key."""
        if person_id is None or wrapped is None:
            return None
        if person_id not in self._made:
            self._made[person_id] = Sealer(self._ring.unwrap(wrapped, person_id), self._ring.crypto)
        return self._made[person_id]
