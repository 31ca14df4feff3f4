"""Which customer a conversation or a ticket is about: one in reach, or a caller found by contact a moment ago."""

from auth.beyond import found_within_the_hour
from auth.rows import may_in_general
from domain.customer import Customer
from domain.errors import NotFound
from domain.identity import read_public_id
from resolvers.acting import Acting, Given


async def customer_to_serve(acting: Acting, act: str, given: Given) -> Customer:
    """The customer to act on. Raises NotFound for one out of reach, unless this viewer may find customers by contact
    and found this one within the hour; Refused FORBIDDEN where the page does not let the viewer act.
    """
    try:
        return await acting.begin(act, Customer, "customer_id", given)
    except NotFound:
        named = read_public_id(given["customer_id"])
        if named is None or not may_in_general("find_by_contact", Customer, acting.viewer.kind):
            raise
        if not await found_within_the_hour(acting.session, acting.viewer.id, named[1], acting.at):
            raise
        acting.session.serve(named[1])
        return await acting.begin(act, Customer, "customer_id", given)
