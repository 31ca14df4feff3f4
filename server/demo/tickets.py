"""The demo's tickets: in every state, with everybody and with nobody."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.customer import Customer
from domain.staff import StaffMember
from domain.ticket import Ticket, TicketStep
from domain.ticket_state import TicketKind, TicketPriority
from server.demo import words
from server.demo.chance import BASE, Chance
from server.demo.customers import FIRST
from server.demo.house import House

STORIES = ("ACCEPTED", "INVESTIGATING", "RESPONDED", "FOLLOWING_UP", "CLOSED", "UNSATISFIED", "REOPENED")
"""How far a ticket has come; the last two stand in INVESTIGATING again."""

HANDLERS = ("first agent", None, "owner", "second agent", None)
"""Who has the ticket; its kind says in whose queue it lies, as the routes do. No cycle of these meets one of the kinds
or of the stories, so all pairs occur.
"""

AGREED = datetime(2036, 1, 1, tzinfo=UTC)
"""When the few tickets are due that will never be late in a demo."""


def tickets(number: int, customer: Customer, house: House) -> tuple[list[Ticket], list[TicketStep]]:
    """The ticket of every second customer, and its steps."""
    if number % 2:
        return [], []
    chance = Chance(f"tickets {number}")
    telling = _Telling(number // 2, customer, house, chance)
    telling.tell(_story(number, chance))
    return [telling.ticket], telling.steps


def _story(number: int, chance: Chance) -> str:
    """Half of the crowd's tickets are closed, and more."""
    if number >= FIRST and chance.hits(2):
        return "CLOSED"
    return STORIES[number // 2 % len(STORIES)]


class _Telling:
    """One ticket from its opening to where its story ends."""

    def __init__(self, number: int, customer: Customer, house: House, chance: Chance) -> None:
        self.chance, self.house, self.customer = chance, house, customer
        self.kind = list(TicketKind)[number % len(TicketKind)]
        self.team = house.queue_of(self.kind)
        self.handler = self._handler(HANDLERS[number % len(HANDLERS)])
        self.clock = self._moments()
        self.ticket = self._opened(number)
        self.steps: list[TicketStep] = []

    def tell(self, story: str) -> None:
        if self.handler:
            self.ticket.assign(self.handler, self.house.staff["manager"].id, next(self.clock))
        for act in _ACTS[story]:
            self.steps.append(getattr(self, act)())
        for step in self.steps:
            step.id = self.chance.id(step.at)
        if self.ticket.closed_at is None and self.chance.hits(12):
            self.ticket.due_at = AGREED

    def investigate(self) -> TicketStep:
        note = None if self.chance.hits(3) else self.chance.choice(words.NOTES)
        return self.ticket.investigate(note, self._actor(), next(self.clock))

    def respond(self) -> TicketStep:
        return self.ticket.respond(self._with_number(words.RESPONSES), self._actor(), next(self.clock))

    def follow_up(self) -> TicketStep:
        satisfied = None if self.chance.hits(3) else True
        return self.ticket.follow_up(self.chance.choice(words.FOLLOW_UPS), satisfied, self._actor(), next(self.clock))

    def send_back(self) -> TicketStep:
        return self.ticket.follow_up(self.chance.choice(words.UNSATISFIED), False, self._actor(), next(self.clock))

    def close(self) -> TicketStep:
        improvement = None if self.chance.hits(2) else self.chance.choice(words.IMPROVEMENTS)
        return self.ticket.close(self.chance.choice(words.RESOLUTIONS), improvement, self._actor(), next(self.clock))

    def reopen(self) -> TicketStep:
        return self.ticket.reopen(self.chance.choice(words.REOPENED), self._actor(), next(self.clock))

    def _handler(self, who: str | None) -> StaffMember | None:
        agents = self.house.agents_of(self.team)
        owner = next((one for one in self.house.staff.values() if one.id == self.customer.owner_id), None)
        return {"first agent": agents[0], "second agent": agents[1], "owner": owner}[who] if who else None

    def _moments(self) -> Iterator[datetime]:
        moment = self.chance.moment(self.customer.created_at, BASE - timedelta(days=10))
        while True:
            yield moment
            moment = moment + timedelta(minutes=self.chance.randint(20, 1200))

    def _opened(self, number: int) -> Ticket:
        subject, description = self.chance.choice(words.COMPLAINTS[self.kind])
        at = next(self.clock)
        ticket = Ticket.opened(
            self.customer,
            kind=self.kind,
            priority=self.chance.choice(list(TicketPriority)),
            subject=subject,
            description=self._with_number((description,)),
            team_id=self.team.id,
            actor_id=self.customer.owner_id,
            at=at,
        )
        ticket.id, ticket.number = self.chance.id(at), f"T{number + 1:08d}"
        return ticket

    def _actor(self) -> UUID:
        return (self.handler or self.house.staff["manager"]).id

    def _with_number(self, texts: tuple[str, ...]) -> str:
        said = self.chance.choice(texts)
        return words.WITH_MOBILE.format(talk=said, mobile=self.chance.mobile()) if self.chance.hits(5) else said


_ACTS: dict[str, tuple[str, ...]] = {
    "ACCEPTED": (),
    "INVESTIGATING": ("investigate",),
    "RESPONDED": ("investigate", "respond"),
    "FOLLOWING_UP": ("investigate", "respond", "follow_up"),
    "CLOSED": ("investigate", "respond", "follow_up", "close"),
    "UNSATISFIED": ("investigate", "respond", "send_back"),
    "REOPENED": ("investigate", "respond", "follow_up", "close", "reopen"),
}
