"""Routing: which team's queue a new ticket waits in, by its kind."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import CHANGEABLE_REGISTER, Base, named_values
from domain.identity import new_id
from domain.reasons import required_reason
from domain.staff import StaffMember, Team
from domain.ticket_state import TicketKind


class Queues(NamedTuple):
    """In whose queues tickets may wait: the teams that serve, those that come first when nothing is decided first, and
    the routes to them; a route for no kind is the default.
    """

    serving: tuple[UUID, ...]
    routes: Mapping[TicketKind | None, UUID]

    def of(self, kind: TicketKind, present: UUID | None = None) -> UUID | None:
        """Where a ticket of this kind waits: in the queue that it is in as long as that team serves; else in that of
        its kind's route, of the default route, of the first team that serves. None where no team serves.
        """
        wished = (present, self.routes.get(kind), self.routes.get(None), *self.serving)
        return next((team for team in wished if team in self.serving), None)


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
