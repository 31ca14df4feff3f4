"""Every mapped class, imported: whoever needs the whole metadata imports this module."""

from domain.access_log import AccessLogEntry, AuditEntry
from domain.base import Base
from domain.business_setting import BusinessSetting
from domain.contact_change import ContactChange
from domain.customer import Customer
from domain.customer_lookup import CustomerLookup
from domain.data_key import DataKey
from domain.duplicate_contact import DuplicateContact
from domain.event import Event
from domain.idempotency import IdempotencyRecord
from domain.import_batch import ImportBatch
from domain.installation import Installation
from domain.interaction import Interaction
from domain.partner import Partner, PartnerListing
from domain.purpose import Purpose
from domain.rescan import RescanProgress
from domain.sign_in import RefreshSession, SignInAttempt
from domain.staff import StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute
from domain.tier import Tier

__all__ = [
    "AccessLogEntry",
    "AuditEntry",
    "Base",
    "BusinessSetting",
    "ContactChange",
    "Customer",
    "CustomerLookup",
    "DataKey",
    "DuplicateContact",
    "Event",
    "IdempotencyRecord",
    "ImportBatch",
    "Installation",
    "Interaction",
    "Partner",
    "PartnerListing",
    "Purpose",
    "RefreshSession",
    "RescanProgress",
    "SignInAttempt",
    "StaffMember",
    "Tag",
    "Team",
    "Ticket",
    "TicketRoute",
    "TicketStep",
    "Tier",
]
