"""Named jobs: what runs without a caller runs under its own name and reaches what its line says (design §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.base import Base
from domain.customer import Customer
from domain.customer_lookup import CustomerLookup
from domain.data_key import DataKey
from domain.import_batch import ImportBatch
from domain.interaction import Interaction
from domain.partner import Partner, PartnerListing
from domain.sign_in import RefreshSession
from domain.staff import StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.tier import Tier


class Job(StrEnum):
    """A job that may open a session."""

    IMPORT = "import"
    DEMO = "demo"
    SIGN_IN = "sign_in"
    SESSIONS = "sessions"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class SystemViewer:
    """The viewer of a session that no person and no partner asked for."""

    job: Job

    @property
    def kind(self) -> str:
        """The `viewer_kind` of the audit."""
        return f"job:{self.job}"


REACHED: Mapping[Job, frozenset[type[Base]]] = {
    Job.IMPORT: frozenset({ImportBatch, Customer, DataKey, Tag, Interaction, StaffMember, Tier}),
    Job.DEMO: frozenset(
        {
            Team,
            StaffMember,
            Partner,
            PartnerListing,
            Customer,
            CustomerLookup,
            DataKey,
            Tag,
            Interaction,
            Ticket,
            TicketStep,
            Tier,
        }
    ),
    Job.SIGN_IN: frozenset({StaffMember, Partner}),
    Job.SESSIONS: frozenset({StaffMember, RefreshSession}),
    Job.STAFF: frozenset({Team, StaffMember}),
}
"""The types of which each job reads and writes all rows; of others it reaches none.

The import and the demo write in bulk by `server/postgres/copying.py`, which has no session; what they write is what
stands here.
"""
