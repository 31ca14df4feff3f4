"""Teams, routes and business settings, as the planner sees them."""

from sqlalchemy import Text, cast

from domain.business_setting import BusinessSetting
from domain.staff import Team
from domain.ticket_route import TicketRoute
from resolvers.reading.noun import Noun
from resolvers.reading.words import UP

TEAMS = Noun("Team", Team, order="CREATED", orders={"CREATED": (("id", UP),)})
ROUTES = Noun("TicketRoute", TicketRoute, order="KIND", orders={"KIND": (("id", UP),)})
SETTINGS = Noun(
    "Setting",
    BusinessSetting,
    order="NAME",
    orders={"NAME": (("name", UP),)},
    derived={"value": lambda row: cast(row.value, Text)},
)
