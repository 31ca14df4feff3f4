"""Acts on interactions."""

from domain.customer import Customer
from domain.interaction import Interaction
from resolvers.acting import Act, Acting, Given
from resolvers.acts.service import customer_to_serve
from resolvers.outcome import Outcome


async def log_interaction(acting: Acting, given: Given) -> Outcome:
    """A conversation that took place, with a customer in reach or one found by contact a moment ago."""
    customer = await customer_to_serve(acting, "log_interaction", given)
    made = Interaction.logged(
        customer,
        channel=given["channel"],
        direction=given["direction"],
        occurred_at=given["occurred_at"],
        summary=given["summary"],
        staff_id=acting.viewer.id,
        at=acting.at,
    )
    acting.session.add(made)
    return Outcome({"interaction": made.id})


LOG_INTERACTION = Act("logInteraction", log_interaction, rights=(("log_interaction", Customer),))
