"""The demo's events: recorded by the domain, given the ids that they have on every run."""

from domain.customer import Customer
from domain.event import Event, take_events
from domain.interaction import Interaction
from domain.ticket import Ticket
from server.demo.chance import Chance


def events(row: Customer | Interaction | Ticket, chance: Chance) -> list[Event]:
    """What happened to this row, which forgets it; each event has an id of its moment and names the row's own id."""
    taken = take_events(row)
    for event in taken:
        event.id = chance.id(event.at)
        if event.interaction_id:
            event.interaction_id = row.id
        if event.ticket_id:
            event.ticket_id = row.id
    return taken
