"""The words of a ticket: what it is, how urgent, where it stands and how it moves:
受理 → 调查 → 回应 → 跟踪 → 关闭 (S55).
"""

from datetime import timedelta
from enum import StrEnum


class TicketKind(StrEnum):
    """What the customer came with."""

    QUESTION = "QUESTION"
    COMPLAINT = "COMPLAINT"
    AFTER_SALES = "AFTER_SALES"
    RETURN_EXCHANGE = "RETURN_EXCHANGE"


class TicketStatus(StrEnum):
    """受理、调查、回应、跟踪、关闭 (S55)."""

    ACCEPTED = "ACCEPTED"
    INVESTIGATING = "INVESTIGATING"
    RESPONDED = "RESPONDED"
    FOLLOWING_UP = "FOLLOWING_UP"
    CLOSED = "CLOSED"


class TicketPriority(StrEnum):
    """How soon an answer is due."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


DUE_WITHIN = {
    TicketPriority.URGENT: timedelta(hours=4),
    TicketPriority.HIGH: timedelta(hours=8),
    TicketPriority.NORMAL: timedelta(hours=24),
    TicketPriority.LOW: timedelta(hours=72),
}
"""How long after a ticket was taken in, opened again, or sent back by a customer, its answer is due."""

URGENCY = (TicketPriority.LOW, TicketPriority.NORMAL, TicketPriority.HIGH, TicketPriority.URGENT)
"""From the least urgent to the most: the order of lists by priority."""


class TicketMove(StrEnum):
    """An act that moves a ticket on."""

    INVESTIGATE = "investigate"
    RESPOND = "respond"
    FOLLOW_UP = "follow_up"
    REOPEN = "reopen"
    CLOSE = "close"

    @property
    def words(self) -> str:
        """As one says it."""
        return self.value.replace("_", " ")


STANDS_IN = {
    TicketMove.INVESTIGATE: frozenset({TicketStatus.ACCEPTED}),
    TicketMove.RESPOND: frozenset({TicketStatus.INVESTIGATING}),
    TicketMove.FOLLOW_UP: frozenset({TicketStatus.RESPONDED, TicketStatus.FOLLOWING_UP}),
    TicketMove.REOPEN: frozenset({TicketStatus.CLOSED}),
    TicketMove.CLOSE: frozenset({TicketStatus.FOLLOWING_UP}),
}
"""Where a ticket must stand for each move: the whole state machine, asked by the acts and by `viewerCan` alike."""

UNCLOSED = frozenset(TicketStatus) - {TicketStatus.CLOSED}
"""A ticket in any of these still waits for something."""

UNANSWERED = frozenset({TicketStatus.ACCEPTED, TicketStatus.INVESTIGATING})
"""A ticket in any of these waits for our answer: only then its clock runs, and only then it can be overdue."""
