"""Pairs of customers who share a contact, as the planner sees them."""

from domain.duplicate_contact import DuplicateContact
from resolvers.reading.noun import Noun
from resolvers.reading.words import DOWN

DUPLICATES = Noun(
    "DuplicateContact",
    DuplicateContact,
    order="NEWEST",
    orders={"NEWEST": (("found_at", DOWN), ("customer_id", DOWN), ("other_id", DOWN))},
    ranks={"customer_id": "customer", "other_id": "other"},
)
