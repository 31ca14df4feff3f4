"""Who asks: a member of staff, a partner's machine or a named job; and the kind of asker that plans are made for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.business_setting import SettingName
from domain.identity import public_id
from domain.partner import Partner
from domain.staff import Role, StaffMember

VIEWER_PREFIX = "vwr"
"""Of `Viewer.id`. With StaffMember's prefix, a client that normalises by id would merge two types into one record."""


class Grant(StrEnum):
    """What a partner's contract and token may name. Staff hold no grants: their role says it all."""

    CUSTOMERS = "customers"
    NAMES = "customers.names"
    CONTACTS = "customers.contacts"
    PROFILE = "customers.profile"
    INTERACTIONS = "interactions"
    TICKETS = "tickets"


class ViewerKind(NamedTuple):
    """All of a viewer that a plan may depend on; viewers of one kind share every plan."""

    role: Role
    grants: frozenset[Grant]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of one request, after the token was verified. `id` and `team_id` are never part of a plan."""

    id: UUID
    role: Role
    name: str | None = None
    team_id: UUID | None = None
    grants: frozenset[Grant] = frozenset()
    settings: Mapping[SettingName, int] | None = field(default=None, compare=False, repr=False)
    """Values of business settings, for whoever asks rules of instances: SQL reads them by itself."""

    @property
    def kind(self) -> ViewerKind:
        """What plans are kept by."""
        return ViewerKind(self.role, self.grants)

    @property
    def prefix(self) -> str:
        """What the viewer's public id begins with, also the `viewer_kind` of the access log."""
        return Partner.PREFIX if self.role.is_machine else StaffMember.PREFIX

    @property
    def public_id(self) -> str:
        """The id of their StaffMember or Partner: the subject of tokens, and who did it in logs."""
        return public_id(self.prefix, self.id)

    @property
    def own_id(self) -> str:
        """`Viewer.id`."""
        return public_id(VIEWER_PREFIX, self.id)
