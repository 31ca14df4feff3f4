"""Every act by its name: what the mutations of the SDL do."""

from collections.abc import Mapping

from resolvers.acting import Act
from resolvers.acts import customers, interactions, reveals, service_desk, tickets

ACTS: Mapping[str, Act] = {
    act.name: act
    for act in (
        customers.CREATE_CUSTOMER,
        customers.EDIT_CUSTOMER,
        customers.ASSIGN_CUSTOMER_TIER,
        customers.TRANSFER_CUSTOMER,
        customers.MOVE_CUSTOMER_STAGE,
        interactions.LOG_INTERACTION,
        tickets.OPEN_TICKET,
        tickets.ASSIGN_TICKET,
        tickets.INVESTIGATE_TICKET,
        tickets.RESPOND_TO_TICKET,
        tickets.FOLLOW_UP_TICKET,
        tickets.REOPEN_TICKET,
        tickets.CLOSE_TICKET,
        service_desk.SET_TICKET_ROUTE,
        service_desk.CHANGE_SETTING,
        reveals.REVEAL_PERSONAL_DATA,
        reveals.FIND_CUSTOMER_BY_CONTACT,
    )
}
