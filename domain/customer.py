"""Customers: the record, its life cycle, its owner and its tier."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from domain.base import Base, api_name, named_values
from domain.channel import Channel
from domain.customer_lookup import CustomerLookup
from domain.data_key import DataKey
from domain.errors import Faults, Gathering, Invalid, WrongState
from domain.event import Event, EventKind, Recording
from domain.identity import new_id, public_id
from domain.lifecycle import LifecycleStage, needs_reason
from domain.partner import PartnerListing
from domain.personal import (
    birth_day,
    document_number,
    email_address,
    identity_number,
    person_name,
    postal_address,
    telephone_number,
    wechat_id,
)
from domain.personal.document import IdDocument, IdDocumentKind, refuse_other_kind
from domain.personal.phone import is_short_number, service_number_of_person
from domain.purpose import LegalBasis
from domain.reasons import required_reason
from domain.sealed import Sealed, clear_values, sealed_fields
from domain.staff import StaffMember
from domain.tag import Tag, customer_tag
from domain.tier import Tier
from domain.word import region, word

if TYPE_CHECKING:
    from domain.interaction import Interaction
    from domain.ticket import Ticket


class CustomerKind(StrEnum):
    """A natural person or an organisation; an organisation's contact is a person all the same."""

    PERSON = "PERSON"
    ORGANIZATION = "ORGANIZATION"


PERSONAL = (
    "name",
    "mobile",
    "other_mobile",
    "email",
    "wechat_id",
    "id_number",
    "id_document",
    "address",
    "birth_date",
)
NOTHING: Mapping[str, str | None] = MappingProxyType({})
SHORT_TEXTS = ("region", "industry", "source", "external_id", "external_system")
"""Texts that are stored as they are read: one line of at most 100 characters."""
_NUMBERS = frozenset({"mobile", "other_mobile"})
DEFAULT_SYSTEM = "main"
"""The system that a customer number is of, where nobody names one. Who has no number has no system."""
EDITABLE = frozenset({*PERSONAL, "region", "industry", "tags", "preferred_channel"})
"""What `edit` may set; everything else has an act of its own, or none."""


class Customer(Recording, Base):
    """A person or organisation that is, was or may become a customer.

    `name_buckets` is null where a name waits for `zhike keys reindex`: searches open it until then.
    `score_rank` and `last_interaction_rank` are what lists are ordered by: never null, an absent value sorts lowest.
    `contacts_rank` says since when the contacts are what they are.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "score_rank", "id"),
        Index(None, "last_interaction_rank", "id"),
        Index(None, "owner_id", "created_at", "id"),
        Index(None, "owner_id", "updated_at", "id"),
        Index(None, "owner_id", "score_rank", "id"),
        Index(None, "owner_id", "last_interaction_rank", "id"),
        Index(None, "name_buckets", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_customer_without_buckets", "id", postgresql_where=text("name_buckets IS NULL")),
        Index(None, "external_id", "external_system"),
        Index(None, "contacts_rank", "id"),
    )
    PREFIX: ClassVar[str] = "cus"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[CustomerKind] = mapped_column(named_values(CustomerKind))
    basis: Mapped[LegalBasis] = mapped_column(named_values(LegalBasis))

    name = Sealed(person_name, indexed=True)
    mobile = Sealed(telephone_number, digest=True)
    other_mobile = Sealed(telephone_number, digest=True)
    email = Sealed(email_address, digest=True)
    wechat_id = Sealed(wechat_id, digest=True)
    id_number = Sealed(identity_number, digest=True)
    id_document = Sealed(document_number, digest=True)
    address = Sealed(postal_address)
    birth_date = Sealed(birth_day)

    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_masked: Mapped[str | None]
    name_buckets: Mapped[list[int] | None] = mapped_column(ARRAY(Integer), default=list)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_masked: Mapped[str | None]
    mobile_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    other_mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    other_mobile_masked: Mapped[str | None]
    other_mobile_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_masked: Mapped[str | None]
    email_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    wechat_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    wechat_id_masked: Mapped[str | None]
    wechat_id_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    id_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_masked: Mapped[str | None]
    id_number_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    document_kind: Mapped[IdDocumentKind | None] = mapped_column(named_values(IdDocumentKind))
    id_document_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_document_masked: Mapped[str | None]
    id_document_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_masked: Mapped[str | None]
    birth_date_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    birth_date_masked: Mapped[str | None]

    region: Mapped[str | None]
    industry: Mapped[str | None]
    source: Mapped[str | None]
    stage: Mapped[LifecycleStage | None] = mapped_column(named_values(LifecycleStage))
    tier_id: Mapped[UUID | None] = mapped_column(ForeignKey("tier.id"))
    score: Mapped[float | None]
    preferred_channel: Mapped[Channel | None] = mapped_column(named_values(Channel))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    external_id: Mapped[str | None]
    external_system: Mapped[str | None]
    contacts_changed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_interaction_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    score_rank: Mapped[float] = mapped_column(Computed("coalesce(score, '-1'::double precision)", persisted=True))
    contacts_rank: Mapped[datetime] = mapped_column(
        Computed("coalesce(contacts_changed_at, created_at)", persisted=True)
    )
    last_interaction_rank: Mapped[datetime] = mapped_column(
        Computed(text("coalesce(last_interaction_at, '0001-01-01 00:00:00+00'::timestamptz)"), persisted=True)
    )

    under_14: Mapped[bool | None] = mapped_column(default=False)
    """Whether birth date or identity card say so, as of their writing; None where that was not judged yet. For deciding
    what needs an approval: shown to nobody."""
    approval_fields: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    data_key: Mapped[DataKey | None] = relationship(lazy="raise")
    tier: Mapped[Tier | None] = relationship(lazy="raise")
    owner: Mapped[StaffMember | None] = relationship(lazy="raise")
    tags: Mapped[list[Tag]] = relationship(secondary=customer_tag, lazy="raise")
    listings: Mapped[list[PartnerListing]] = relationship(lazy="raise")
    lookups: Mapped[list[CustomerLookup]] = relationship(lazy="raise", viewonly=True)
    interactions: Mapped[list["Interaction"]] = relationship(back_populates="customer", lazy="raise")
    tickets: Mapped[list["Ticket"]] = relationship(back_populates="customer", lazy="raise")
    history: Mapped[list[Event]] = relationship(
        primaryjoin="Customer.id == foreign(Event.customer_id)", lazy="raise", viewonly=True
    )

    @property
    def person_id(self) -> UUID:
        """Everything of a customer lies under the customer's own data key."""
        return self.id

    @validates(*SHORT_TEXTS)
    def _short_text(self, field: str, value: str | None) -> str | None:
        if not value:
            return None
        if field == "external_id" and not self.external_system:
            self.external_system = DEFAULT_SYSTEM
        return region(value, field=field) if field == "region" else word(value, field=field)

    def fill(self, field: str, value: Any) -> None:
        """Sets one field as it was given; `id_document` takes an `IdDocument`, and None empties.

        Raises Invalid and MaskedValueWrite for what the field refuses, and for a service number of a person.
        """
        if field == "id_document":
            self._keep_document(value)
        else:
            setattr(self, field, value)
        if field in _NUMBERS and self.kind is CustomerKind.PERSON:
            self._refuse_service_number(field)

    def _keep_document(self, document: IdDocument | None) -> None:
        self.id_document = document.number if document else None
        self.document_kind = document.kind if document else None
        if document and self.id_document:
            refuse_other_kind(document.kind, self.id_document, field="id_document")

    def _refuse_service_number(self, field: str) -> None:
        number = clear_values(self).get(field) or ""
        if is_short_number(number.partition(";")[0]):
            raise service_number_of_person(field)

    def created(self, actor_id: UUID | None, at: datetime) -> None:
        """Records the beginning."""
        self._change(EventKind.CREATED, actor_id, at)

    def edit(
        self, changes: Mapping[str, Any], actor_id: UUID, at: datetime, shown: Mapping[str, str | None] = NOTHING
    ) -> None:
        """Sets the given fields. The event names those that changed and never holds a value; where none did, there is
        neither event nor new version.

        `shown` holds the present values of personal fields that the actor sees clear. Any other counts as changed,
        whatever is sent: the version would tell who guesses a masked value that the guess was right (R05).

        Raises Faults with all that is wrong, be it one thing: values that their fields refuse, an emptied name, fields
        not EDITABLE. An edit is a list of changes, so its refusal is always a list.
        """
        faults, changed = Gathering(), []
        for field, value in changes.items():
            with faults:
                if self._set(field, value, shown):
                    changed.append(field)
        if faults.found:
            raise Faults(faults.found)
        if CONTACTS & set(changed):
            self.contacts_changed_at = at
        if changed:
            self._touch(at)
            self._change(EventKind.EDITED, actor_id, at, fields=sorted(map(api_name, changed)))

    def _set(self, field: str, value: Any, shown: Mapping[str, str | None]) -> bool:
        """Whether it changes anything."""
        if field not in EDITABLE:
            raise Invalid(field, "该字段不能直接编辑", "This field is not edited; it has an act of its own")
        if field == "name" and not value:
            raise Invalid("name", "客户名称不能为空", "A customer must keep a name")
        if self._is_already(field, value, shown):
            return False
        self.fill(field, value)
        return True

    def _is_already(self, field: str, value: Any, shown: Mapping[str, str | None]) -> bool:
        """Compared as it was sent before it is checked: what older rules took may be sent back as it was read."""
        if field == "tags":
            return set(self.tags) == set(value)
        if field in shown:
            return bool(value == shown[field] or vars(Customer)[field].normal(value) == shown[field])
        if field in PERSONAL:  # whether there is a value is no secret to those who see it masked
            return not value and not clear_values(self).get(field) and getattr(self, f"{field}_sealed") is None
        present = getattr(self, field)
        return bool(value == present or (field in SHORT_TEXTS and self._short_text(field, value) == present))

    def move_stage(self, stage: LifecycleStage, reason: str | None, actor_id: UUID, at: datetime) -> None:
        """Moves along the life cycle (S17). Forward at will; backward, into or out of churn only for a reason.

        Raises WrongState where the customer stands there already, Invalid where a reason is missing.
        """
        if stage == self.stage:
            raise WrongState("stage", "客户已处于该阶段", "The customer is in this stage already")
        if needs_reason(self.stage, stage) and not (reason and reason.strip()):
            raise Invalid("reason", "回退、流失或挽回须说明原因", "Going back, churn and win-back need a reason")
        reason = required_reason(reason) if reason and reason.strip() else None
        before, self.stage = self.stage, stage
        self._touch(at)
        self._change(EventKind.STAGE_MOVED, actor_id, at, before=before, after=stage, reason=reason)

    def assign_tier(self, tier: Tier, before: Tier | None, reason: str, actor_id: UUID, at: datetime) -> None:
        """Puts the customer into a tier (S22).

        Raises WrongState where it is there now, Invalid without a reason, Faults for both.
        """
        faults = Gathering()
        with faults:
            reason = required_reason(reason)
        with faults:
            if tier.id == self.tier_id:
                raise WrongState("tier", "客户已属于该级别", "The customer is in this tier already")
        faults.tell()
        self.tier_id = tier.id
        self._touch(at)
        was = before.code if before else None
        self._change(EventKind.TIER_ASSIGNED, actor_id, at, before=was, after=tier.code, reason=reason)

    def transfer(self, to: StaffMember, reason: str, actor_id: UUID, at: datetime) -> None:
        """Gives the customer to another owner (S40), whose role lets them own one: that is asked of the access page.

        Raises Invalid for somebody who left and without a reason, WrongState for the owner; Faults for several.
        """
        faults = Gathering()
        with faults:
            if not to.active:
                raise Invalid("toStaffId", "该员工已离职", "This member of staff has left")
            if to.id == self.owner_id:
                raise WrongState("toStaffId", "客户已由该员工负责", "The customer has this owner already")
        with faults:
            reason = required_reason(reason)
        faults.tell()
        before, self.owner_id = self.owner_id, to.id
        self._touch(at)
        self._change(
            EventKind.TRANSFERRED,
            actor_id,
            at,
            before=public_id(StaffMember.PREFIX, before) if before else None,
            after=public_id(StaffMember.PREFIX, to.id),
            reason=reason,
        )

    def contacted(self, at: datetime) -> None:
        """Notes an interaction; neither version nor updatedAt move (design §5)."""
        if self.last_interaction_at is None or at > self.last_interaction_at:
            self.last_interaction_at = at

    def _touch(self, at: datetime) -> None:
        self.version += 1
        self.updated_at = at

    def _change(
        self,
        kind: EventKind,
        actor_id: UUID | None,
        at: datetime,
        *,
        fields: list[str] | None = None,
        before: str | None = None,
        after: str | None = None,
        reason: str | None = None,
    ) -> None:
        self.record(
            Event(
                kind=kind,
                at=at,
                customer_id=self.id,
                actor_id=actor_id,
                fields=fields or [],
                before=before,
                after=after,
                reason=reason,
            )
        )


CONTACTS = frozenset(name for name, field in sealed_fields(Customer).items() if field.digest)
"""What a customer is found by, and known again by."""
