"""Acts on tickets: opened, assigned, and moved from 受理 to 关闭 (S55)."""

from domain.customer import Customer
from domain.staff import StaffMember
from domain.ticket import Ticket, TicketStep
from resolvers.acting import Act, Acting, Given
from resolvers.acts.service import customer_to_serve
from resolvers.outcome import Outcome


async def open_ticket(acting: Acting, given: Given) -> Outcome:
    """A new ticket, in the queue of the opener's team; without a team it waits for a manager to assign it."""
    customer = await customer_to_serve(acting, "open_ticket", given)
    made = Ticket.opened(
        customer,
        kind=given["kind"],
        priority=given["priority"],
        subject=given["subject"],
        description=given["description"],
        team_id=acting.viewer.team_id,
        actor_id=acting.viewer.id,
        at=acting.at,
    )
    acting.session.add(made)
    return Outcome({"ticket": made.id})


async def assign_ticket(acting: Acting, given: Given) -> Outcome:
    """Hands a ticket to a member of staff."""
    ticket = await acting.begin("assign", Ticket, "ticket_id", given)
    to = await acting.find(StaffMember, "assignee_id", given["assignee_id"])
    ticket.assign(to, acting.viewer.id, acting.at)
    return Outcome({"ticket": ticket.id})


async def investigate_ticket(acting: Acting, given: Given) -> Outcome:
    """受理 → 调查."""
    ticket = await acting.begin("investigate", Ticket, "ticket_id", given)
    return _moved(acting, ticket, ticket.investigate(given.get("note"), acting.viewer.id, acting.at))


async def respond_to_ticket(acting: Acting, given: Given) -> Outcome:
    """调查 → 回应."""
    ticket = await acting.begin("respond", Ticket, "ticket_id", given)
    return _moved(acting, ticket, ticket.respond(given["response"], acting.viewer.id, acting.at))


async def follow_up_ticket(acting: Acting, given: Given) -> Outcome:
    """回应 → 跟踪, or back to 调查 where the customer is not satisfied."""
    ticket = await acting.begin("follow_up", Ticket, "ticket_id", given)
    return _moved(acting, ticket, ticket.follow_up(given["note"], given.get("satisfied"), acting.viewer.id, acting.at))


async def reopen_ticket(acting: Acting, given: Given) -> Outcome:
    """关闭 → 调查."""
    ticket = await acting.begin("reopen", Ticket, "ticket_id", given)
    return _moved(acting, ticket, ticket.reopen(given["reason"], acting.viewer.id, acting.at))


async def close_ticket(acting: Acting, given: Given) -> Outcome:
    """跟踪 → 关闭."""
    ticket = await acting.begin("close", Ticket, "ticket_id", given)
    return _moved(
        acting, ticket, ticket.close(given["resolution"], given.get("improvement"), acting.viewer.id, acting.at)
    )


def _moved(acting: Acting, ticket: Ticket, step: TicketStep) -> Outcome:
    acting.session.add(step)
    return Outcome({"ticket": ticket.id})


OPEN_TICKET = Act("openTicket", open_ticket, rights=(("open_ticket", Customer),))
ASSIGN_TICKET = Act("assignTicket", assign_ticket, rights=(("assign", Ticket),))
INVESTIGATE_TICKET = Act("investigateTicket", investigate_ticket, rights=(("investigate", Ticket),))
RESPOND_TO_TICKET = Act("respondToTicket", respond_to_ticket, rights=(("respond", Ticket),))
FOLLOW_UP_TICKET = Act("followUpTicket", follow_up_ticket, rights=(("follow_up", Ticket),))
REOPEN_TICKET = Act("reopenTicket", reopen_ticket, rights=(("reopen", Ticket),))
CLOSE_TICKET = Act("closeTicket", close_ticket, rights=(("close", Ticket),))
