"""What of a request's values may form a plan."""

from domain.ticket_state import TicketStatus
from resolvers.reading.selection import shape


def test_enums_form_a_plan_whatever_their_order_and_number():
    both = shape([TicketStatus.CLOSED, TicketStatus.ACCEPTED])
    assert both == shape([TicketStatus.ACCEPTED, TicketStatus.CLOSED, TicketStatus.ACCEPTED])
    assert both != shape([TicketStatus.ACCEPTED])


def test_texts_and_ids_never_do():
    assert shape(["华东"]) == shape(["华南", "华北"]) == shape([]) == shape("cus_1")
