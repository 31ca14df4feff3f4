"""Interactions, as the planner sees them."""

from domain.interaction import Interaction
from resolvers.reading.noun import Noun
from resolvers.reading.words import DOWN

INTERACTIONS = Noun(
    "Interaction", Interaction, order="NEWEST", orders={"NEWEST": (("occurred_at", DOWN), ("id", DOWN))}
)
