"""Routing: which team's queue a new ticket waits in, by its kind."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import CHANGEABLE_REGISTER, Base, named_values
from domain.identity import new_id
from domain.reasons import required_reason
from domain.staff import StaffMember, Team
from domain.ticket_state import TicketKind


class TicketRoute(Base):
    """To which team tickets of one kind go; without a kind, those of all kinds that have no team of their own.

    A route without a team decides nothing. Its rows come with the migrations, one for each kind and the default.
    """

    __tablename__ = "ticket_route"
    __table_args__ = (
        Index(None, "kind", unique=True, postgresql_nulls_not_distinct=True),
        {"info": CHANGEABLE_REGISTER},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[TicketKind | None] = mapped_column(named_values(TicketKind))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    reason: Mapped[str | None]
    team: Mapped[Team | None] = relationship(lazy="raise")
    changed_by: Mapped[StaffMember | None] = relationship(lazy="raise")

    def point_to(self, team: Team | None, reason: str, actor_id: UUID, at: datetime) -> None:
        """Sends new tickets of this kind to another team's queue, or lets the default decide. Raises Invalid without a
        reason.
        """
        self.reason = required_reason(reason)
        self.team_id = team.id if team else None
        self.version, self.changed_at, self.changed_by_id = self.version + 1, at, actor_id
