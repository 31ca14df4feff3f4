"""Acts on interactions."""

from domain.customer import Customer
from domain.interaction import Interaction
from resolvers.acting import Act, Acting, Given
from resolvers.outcome import Outcome


async def log_interaction(acting: Acting, given: Given) -> Outcome:
    """A conversation that took place, with a customer in scope."""
    customer = await acting.begin("log_interaction", Customer, "customer_id", given)
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
