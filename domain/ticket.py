"""Tickets: 受理 → 调查 → 回应 → 跟踪 → 关闭 (S55), and what was said at each step."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import ARRAY, DDL, Computed, ForeignKey, Index, LargeBinary, Sequence, SmallInteger, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, named_values
from domain.customer import Customer
from domain.errors import Gathering, Invalid, WrongState
from domain.event import Event, EventKind, Recording
from domain.identity import new_id, public_id
from domain.personal import free_text
from domain.personal.normal_form import normal_form
from domain.sealed import Sealed
from domain.staff import StaffMember, Team
from domain.ticket_columns import OPEN_UNTIL, PRIORITY_RANK, TEXT_PIECES
from domain.ticket_route import Queues
from domain.ticket_state import (
    DUE_WITHIN,
    STANDS_IN,
    UNANSWERED,
    TicketKind,
    TicketMove,
    TicketPriority,
    TicketStatus,
)

LONGEST_SUBJECT = 200


class Ticket(Recording, Base):
    """A customer's question or complaint on its way to an answer."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index(None, "customer_id", "opened_at", "id"),
        Index(None, "opened_at", "id"),
        Index(None, "status", "opened_at", "id", "customer_id"),
        Index(None, "due_rank", "id"),
        Index(None, "priority_rank", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "closed_rank", "id"),
        Index("ix_ticket_team_id_open_until", "team_id", text(OPEN_UNTIL), "customer_id"),
        Index("ix_ticket_assignee_id_open_until", "assignee_id", text(OPEN_UNTIL), "customer_id"),
        Index("ix_ticket_opened_by_id_open_until", "opened_by_id", text(OPEN_UNTIL)),
        Index(
            "ix_ticket_subject_pieces",
            text("text_pieces(subject)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(None, "assignee_id", "customer_id", postgresql_where=text("status <> 'CLOSED'")),
        Index(None, "team_id", "customer_id", postgresql_where=text("status <> 'CLOSED' AND assignee_id IS NULL")),
    )
    PREFIX: ClassVar[str] = "tkt"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(
        unique=True,
        # As the server prints it: Alembic finds two evaluations of a sequence unequal, two texts equal.
        server_default=text("('T'::text || lpad((nextval('ticket_number'::regclass))::text, 8, '0'::text))"),
    )
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    kind: Mapped[TicketKind] = mapped_column(named_values(TicketKind))
    status: Mapped[TicketStatus] = mapped_column(named_values(TicketStatus), default=TicketStatus.ACCEPTED)
    priority: Mapped[TicketPriority] = mapped_column(named_values(TicketPriority))
    subject: Mapped[str]
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    # What lists are ordered by is never null: an absent value sorts lowest.
    due_rank: Mapped[datetime] = mapped_column(
        Computed(text("coalesce(due_at, '0001-01-01 00:00:00+00'::timestamptz)"), persisted=True)
    )
    closed_rank: Mapped[datetime] = mapped_column(
        Computed(text("coalesce(closed_at, '0001-01-01 00:00:00+00'::timestamptz)"), persisted=True)
    )
    priority_rank: Mapped[int] = mapped_column(SmallInteger, Computed(text(PRIORITY_RANK), persisted=True))

    description = Sealed(free_text, free=True)
    description_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    description_masked: Mapped[str | None]
    approval_fields: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    customer: Mapped[Customer] = relationship(back_populates="tickets", lazy="raise")
    assignee: Mapped[StaffMember | None] = relationship(foreign_keys=assignee_id, lazy="raise")
    team: Mapped[Team | None] = relationship(lazy="raise")
    steps: Mapped[list["TicketStep"]] = relationship(back_populates="ticket", lazy="raise")

    @property
    def person_id(self) -> UUID:
        """A ticket lies under its customer's data key."""
        return self.customer_id

    @classmethod
    def opened(
        cls,
        customer: Customer,
        *,
        kind: TicketKind,
        priority: TicketPriority,
        subject: str,
        description: str,
        team_id: UUID | None,
        actor_id: UUID | None,
        at: datetime,
    ) -> Self:
        """A new ticket in 受理, its answer due by its priority.

        Raises Invalid without a subject of one line (at most 200 characters), or a description; Faults without both.
        """
        faults = Gathering()
        made = cls(
            id=new_id(),
            customer_id=customer.id,
            kind=kind,
            status=TicketStatus.ACCEPTED,
            priority=priority,
            team_id=team_id,
            opened_by_id=actor_id,
            opened_at=at,
            due_at=at + DUE_WITHIN[priority],
            created_at=at,
            updated_at=at,
            version=1,
        )
        with faults:
            made.subject = _one_line("subject", subject)
        with faults:
            made.description = _said("description", description)
        faults.tell()
        made._note(EventKind.TICKET_OPENED, actor_id, at, after=TicketStatus.ACCEPTED)
        return made

    def assign(self, to: StaffMember, actor_id: UUID, at: datetime) -> None:
        """Hands the ticket to somebody whose role lets them handle it: that is asked of the access page.

        Raises WrongState once closed and for the present assignee, Invalid for somebody who left.
        """
        self._refuse_closed()
        if not to.active:
            raise Invalid("assigneeId", "该员工已离职", "This member of staff has left")
        if to.id == self.assignee_id:
            raise WrongState("assigneeId", "工单已由该员工处理", "The ticket is assigned to them already")
        self._pass_to(to.id, actor_id, at)

    def return_to_queue(self, queues: Queues, actor_id: UUID, at: datetime) -> None:
        """Takes the ticket from its assignee: it waits in a queue again. Raises WrongState once closed."""
        self._refuse_closed()
        self.team_id = queues.of(self.kind, self.team_id)
        self._pass_to(None, actor_id, at)

    def find_queue(self, queues: Queues) -> bool:
        """Puts an open ticket that is in no queue, or in that of a team that no longer serves, into one that somebody
        looks into. Whether it was moved. Part of an act that notes by itself what became of the ticket.
        """
        found = queues.of(self.kind, self.team_id)
        if self.status == TicketStatus.CLOSED or found == self.team_id:
            return False
        self.team_id = found
        return True

    def leave_unserved_queue(self, queues: Queues, actor_id: UUID, at: datetime) -> bool:
        """The same as all that happens to the ticket, which keeps its handler."""
        moved = self.find_queue(queues)
        if moved:
            self._pass_to(self.assignee_id, actor_id, at)
        return moved

    def _refuse_closed(self) -> None:
        if self.status == TicketStatus.CLOSED:
            raise WrongState("ticketId", "工单已关闭，请先重新打开", "The ticket is closed; reopen it first")

    def _pass_to(self, to: UUID | None, actor_id: UUID, at: datetime) -> None:
        before, self.assignee_id = self.assignee_id, to
        self._touch(at)
        self._note(EventKind.TICKET_ASSIGNED, actor_id, at, before=_staff_id(before), after=_staff_id(to))

    def investigate(self, note: str | None, actor_id: UUID, at: datetime) -> "TicketStep":
        """受理 → 调查."""
        said = _said("note", note) if note and note.strip() else None
        return self._move(TicketMove.INVESTIGATE, TicketStatus.INVESTIGATING, said, actor_id, at)

    def respond(self, response: str, actor_id: UUID, at: datetime) -> "TicketStep":
        """调查 → 回应. The clock stops: from here on the ticket is not overdue."""
        said = _said("response", response)
        return self._move(TicketMove.RESPOND, TicketStatus.RESPONDED, said, actor_id, at)

    def follow_up(self, note: str, satisfied: bool | None, actor_id: UUID, at: datetime) -> "TicketStep":
        """回应 → 跟踪; a customer who is not satisfied sends the ticket back to 调查, where another answer is due."""
        said = _said("note", note)
        to = TicketStatus.INVESTIGATING if satisfied is False else TicketStatus.FOLLOWING_UP
        step = self._move(TicketMove.FOLLOW_UP, to, said, actor_id, at, satisfied=satisfied)
        if to in UNANSWERED:
            self.due_at = at + DUE_WITHIN[self.priority]
        return step

    def reopen(self, reason: str, actor_id: UUID, at: datetime) -> "TicketStep":
        """关闭 → 调查. An answer is due anew: the old day has long passed."""
        said = _said("reason", reason)
        step = self._move(TicketMove.REOPEN, TicketStatus.INVESTIGATING, said, actor_id, at)
        self.closed_at, self.due_at = None, at + DUE_WITHIN[self.priority]
        return step

    def close(self, resolution: str, improvement: str | None, actor_id: UUID, at: datetime) -> "TicketStep":
        """跟踪 → 关闭, with what will keep it from happening again (改进) where there is such a thing."""
        faults, said = Gathering(), ""
        with faults:
            said = _said("resolution", resolution)
        if improvement and improvement.strip():
            with faults:
                said = _said("improvement", f"{said}\n改进：{improvement}")
        faults.tell()
        step = self._move(TicketMove.CLOSE, TicketStatus.CLOSED, said, actor_id, at)
        self.closed_at = at
        return step

    def _move(
        self,
        move: TicketMove,
        to: TicketStatus,
        said: str | None,
        actor_id: UUID,
        at: datetime,
        *,
        satisfied: bool | None = None,
    ) -> "TicketStep":
        if self.status not in STANDS_IN[move]:
            raise WrongState(
                "ticketId",
                f"工单当前状态（{self.status}）不允许此操作",
                f"A ticket that is {self.status} cannot take this step",
            )
        before, self.status = self.status, to
        self._touch(at)
        self._note(EventKind.TICKET_MOVED, actor_id, at, before=before, after=to)
        step = TicketStep(id=new_id(), ticket=self, status=to, at=at, actor_id=actor_id, satisfied=satisfied)
        step.text = said
        return step

    def _touch(self, at: datetime) -> None:
        self.version += 1
        self.updated_at = at

    def _note(
        self,
        kind: EventKind,
        actor_id: UUID | None,
        at: datetime,
        *,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        self.record(
            Event(
                kind=kind,
                at=at,
                customer_id=self.customer_id,
                ticket_id=self.id,
                actor_id=actor_id,
                before=before,
                after=after,
            )
        )


class TicketStep(Base):
    """One move of a ticket and what was said with it."""

    __tablename__ = "ticket_step"
    __table_args__ = (Index(None, "ticket_id", "at", "id"),)
    PREFIX: ClassVar[str] = "stp"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    status: Mapped[TicketStatus] = mapped_column(named_values(TicketStatus))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    satisfied: Mapped[bool | None]

    text = Sealed(free_text, free=True)
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    text_masked: Mapped[str | None]
    approval_fields: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    ticket: Mapped[Ticket] = relationship(back_populates="steps", lazy="raise")
    actor: Mapped[StaffMember | None] = relationship(lazy="raise")

    @property
    def person_id(self) -> UUID:
        """A step lies under its ticket's customer's data key. The session must have the ticket loaded."""
        return self.ticket.customer_id


TICKET_NUMBER = Sequence("ticket_number", metadata=Base.metadata)

event.listen(Ticket.__table__, "before_create", DDL(TEXT_PIECES))  # type: ignore[no-untyped-call]


def ticket_number(written: str) -> str:
    """A ticket's number as it is kept, however it was written: in full width, in lower case, with spaces."""
    return "".join(normal_form(written).upper().split())


def _said(field: str, given: str) -> str:
    if not given.strip():
        raise Invalid(field, "请填写内容", "Write what was done or said")
    return free_text(given, field=field)


def _staff_id(inner: UUID | None) -> str | None:
    return public_id(StaffMember.PREFIX, inner) if inner else None


def _one_line(field: str, given: str) -> str:
    line = " ".join(_said(field, given).split())
    if len(line) > LONGEST_SUBJECT:
        raise Invalid(field, f"最多 {LONGEST_SUBJECT} 个字符", f"At most {LONGEST_SUBJECT} characters")
    return line
