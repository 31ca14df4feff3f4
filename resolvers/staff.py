"""Staff, as the planner sees them."""

from domain.staff import StaffMember
from resolvers.reading.noun import Filter, Noun
from resolvers.reading.words import UP, any_name

STAFF = Noun(
    "StaffMember",
    StaffMember,
    order="JOINED",
    orders={"JOINED": (("id", UP),)},
    through={"team": ("team", "name")},
    filters={"role": Filter(("role",), any_name("role"))},
)
