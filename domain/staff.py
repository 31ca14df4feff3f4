"""Staff and teams; partners are in `partner`."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, named_values
from domain.identity import new_id


class Role(StrEnum):
    """Who asks. PARTNER is a machine and never a member of staff."""

    REP = "REP"
    SUPPORT = "SUPPORT"
    MANAGER = "MANAGER"
    PRIVACY_OFFICER = "PRIVACY_OFFICER"
    ADMIN = "ADMIN"
    PARTNER = "PARTNER"


class Team(Base):
    """A group of staff that shares a queue of tickets."""

    __tablename__ = "team"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)


class StaffMember(Base):
    """A person who works here and signs in."""

    __tablename__ = "staff_member"
    PREFIX: ClassVar[str] = "stf"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(named_values(Role))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    team: Mapped[Team | None] = relationship(lazy="raise")

    @property
    def may_own_customers(self) -> bool:
        """Whether a customer may be transferred to this person."""
        return self.active and self.role in {Role.REP, Role.MANAGER}

    @property
    def may_handle_tickets(self) -> bool:
        """Whether a ticket may be assigned to this person."""
        return self.active and self.role in {Role.REP, Role.SUPPORT, Role.MANAGER}
