"""Acts of the administrator on the service desk: where tickets go, and what the business decides."""

from sqlalchemy import select

from auth.beyond import serves_queue
from domain.business_setting import BusinessSetting
from domain.errors import Invalid, NotFound
from domain.identity import read_public_id
from domain.staff import Team
from domain.ticket_route import TicketRoute
from resolvers.acting import Act, Acting, Given, refuse_stale
from resolvers.outcome import Outcome


async def set_ticket_route(acting: Acting, given: Given) -> Outcome:
    """Sends new tickets of a kind, or of all kinds without a route of their own, to a team's queue."""
    asked = select(TicketRoute).where(TicketRoute.kind.is_not_distinct_from(given.get("kind")))
    route = (await acting.session.scalars(asked.with_for_update())).one_or_none()
    if route is None:
        raise _unmade("kind")
    refuse_stale(given, route.version)
    team = await _serving_team(acting, given["team_id"]) if given.get("team_id") else None
    route.point_to(team, given["reason"], acting.viewer.id, acting.at)
    return Outcome({"ticket_route": route.id})


async def change_setting(acting: Acting, given: Given) -> Outcome:
    """Gives a setting another value, for a reason; it holds for the next statement of every process."""
    asked = select(BusinessSetting).where(BusinessSetting.name == given["name"])
    setting = (await acting.session.scalars(asked.with_for_update())).one_or_none()
    if setting is None:
        raise _unmade("name")
    refuse_stale(given, setting.version)
    setting.change(given["value"], given["reason"], acting.viewer.id, acting.at)
    return Outcome({"setting": setting.id})


def _unmade(field: str) -> NotFound:
    """The refusal where the row is missing that a migration brings; until then what it begins with holds."""
    return NotFound(
        field, "数据库中没有此项，请先运行 zhike migrate", "The database has no such row; run `zhike migrate`"
    )


async def _serving_team(acting: Acting, public: str) -> Team:
    named = read_public_id(public)
    team = await acting.session.get(Team, named[1]) if named and named[0] == Team.PREFIX else None
    if team is None:
        raise NotFound("team_id", "没有这样的小组，见 teams", "There is no such team; `teams` lists them")
    if not await serves_queue(acting.session, team.id):
        raise Invalid(
            "team_id",
            "该小组没有在职客服，工单会无人处理",
            "This team has no active service agent: nobody would see the tickets",
        )
    return team


SET_ROUTE, CHANGE = ("set", TicketRoute), ("change", BusinessSetting)
SET_TICKET_ROUTE = Act("setTicketRoute", set_ticket_route, general=SET_ROUTE, rights=(SET_ROUTE,))
CHANGE_SETTING = Act("changeSetting", change_setting, general=CHANGE, rights=(CHANGE,))
