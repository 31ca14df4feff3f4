"""Acts on tickets: opened, assigned, and moved from 受理 to 关闭 (S55)."""

from auth.beyond import queues
from auth.policy import Duty
from auth.rows import fit_for, reaches
from auth.viewer import Viewer
from domain.customer import Customer
from domain.errors import Invalid
from domain.staff import StaffMember
from domain.ticket import Ticket, TicketStep
from domain.ticket_state import UNCLOSED
from resolvers.acting import Act, Acting, Given
from resolvers.outcome import Outcome


async def open_ticket(acting: Acting, given: Given) -> Outcome:
    """A new ticket, in the queue that serves its kind, whoever opens it; where no team serves it waits for a manager
    to assign it.
    """
    customer = await acting.begin("open_ticket", Customer, "customer_id", given)
    made = Ticket.opened(
        customer,
        kind=given["kind"],
        priority=given["priority"],
        subject=given["subject"],
        description=given["description"],
        team_id=(await queues(acting.session)).of(given["kind"]),
        actor_id=acting.viewer.id,
        at=acting.at,
    )
    acting.session.add(made)
    return Outcome({"ticket": made.id})


async def assign_ticket(acting: Acting, given: Given) -> Outcome:
    """Hands a ticket to a member of staff who has it in scope then, in whatever queue it is."""
    ticket = await acting.begin("assign", Ticket, "ticket_id", given)
    to = await acting.find(StaffMember, "assignee_id", given["assignee_id"])
    if not fit_for(Duty.HANDLE_TICKETS, to):
        raise Invalid("assigneeId", "该员工不能处理工单", "This member of staff may not handle tickets")
    ticket.assign(to, acting.viewer.id, acting.at)
    if not await _sees(acting, to, ticket):
        raise Invalid(
            "assigneeId",
            "该员工看不到此客户，请分配给客户负责人、客服或经理",
            "They would not see this ticket: assign it to the customer's owner, a service agent or a manager",
        )
    return Outcome({"ticket": ticket.id})


async def investigate_ticket(acting: Acting, given: Given) -> Outcome:
    """受理 → 调查."""
    ticket = await acting.begin("investigate", Ticket, "ticket_id", given)
    return await _moved(acting, ticket, ticket.investigate(given.get("note"), acting.viewer.id, acting.at))


async def respond_to_ticket(acting: Acting, given: Given) -> Outcome:
    """调查 → 回应."""
    ticket = await acting.begin("respond", Ticket, "ticket_id", given)
    return await _moved(acting, ticket, ticket.respond(given["response"], acting.viewer.id, acting.at))


async def follow_up_ticket(acting: Acting, given: Given) -> Outcome:
    """回应 → 跟踪, or back to 调查 where the customer is not satisfied."""
    ticket = await acting.begin("follow_up", Ticket, "ticket_id", given)
    return await _moved(
        acting, ticket, ticket.follow_up(given["note"], given.get("satisfied"), acting.viewer.id, acting.at)
    )


async def reopen_ticket(acting: Acting, given: Given) -> Outcome:
    """关闭 → 调查. Whoever handled it handles it again; where they left, or do not see it any more, it is queued."""
    ticket = await acting.begin("reopen", Ticket, "ticket_id", given)
    step = ticket.reopen(given["reason"], acting.viewer.id, acting.at)
    handler = await acting.session.get(StaffMember, ticket.assignee_id) if ticket.assignee_id else None
    if ticket.assignee_id and not (handler and await _sees(acting, handler, ticket)):
        ticket.return_to_queue(await queues(acting.session), acting.viewer.id, acting.at)
    return await _moved(acting, ticket, step)


async def close_ticket(acting: Acting, given: Given) -> Outcome:
    """跟踪 → 关闭."""
    ticket = await acting.begin("close", Ticket, "ticket_id", given)
    return await _moved(
        acting, ticket, ticket.close(given["resolution"], given.get("improvement"), acting.viewer.id, acting.at)
    )


async def _sees(acting: Acting, member: StaffMember, ticket: Ticket) -> bool:
    """Whether the ticket, as it is now, is in this member of staff's scope; whoever has it has its customer."""
    await acting.session.refresh(ticket, ["customer"])
    handler = Viewer(member.id, member.role, member.name, member.team_id)
    return fit_for(Duty.HANDLE_TICKETS, member) and reaches(ticket, handler) is True


async def _moved(acting: Acting, ticket: Ticket, step: TicketStep) -> Outcome:
    """The ticket as it is now, in a queue that somebody looks into: no move leaves an open one where nobody does."""
    acting.session.add(step)
    if ticket.status in UNCLOSED:
        ticket.find_queue(await queues(acting.session))
    return Outcome({"ticket": ticket.id})


OPEN_TICKET = Act("openTicket", open_ticket, rights=(("open_ticket", Customer),))
ASSIGN_TICKET = Act("assignTicket", assign_ticket, rights=(("assign", Ticket),))
INVESTIGATE_TICKET = Act("investigateTicket", investigate_ticket, rights=(("investigate", Ticket),))
RESPOND_TO_TICKET = Act("respondToTicket", respond_to_ticket, rights=(("respond", Ticket),))
FOLLOW_UP_TICKET = Act("followUpTicket", follow_up_ticket, rights=(("follow_up", Ticket),))
REOPEN_TICKET = Act("reopenTicket", reopen_ticket, rights=(("reopen", Ticket),))
CLOSE_TICKET = Act("closeTicket", close_ticket, rights=(("close", Ticket),))
