"""Who works in the demo's house, which partners it has, which tags it uses."""

from dataclasses import dataclass
from datetime import UTC, datetime

from auth.viewer import Grant
from domain.partner import Partner
from domain.staff import Role, StaffMember, Team
from domain.tag import Tag
from domain.ticket_route import Queues
from domain.ticket_state import TicketKind
from domain.tier import TIERS, Tier
from server.demo.chance import SINCE, Chance
from server.demo.words import GIVEN, SURNAMES

TEAM_1, TEAM_2 = "客服一组", "客服二组"
ROUTES: tuple[tuple[TicketKind | None, str], ...] = (
    (TicketKind.COMPLAINT, TEAM_1),
    (TicketKind.QUESTION, TEAM_2),
    (TicketKind.RETURN_EXCHANGE, TEAM_2),
    (None, TEAM_1),
)
"""To whose queue tickets go: what is after sales by the default, all others by a route of their own."""
PARTNER = "示例物流"

# Login, name, role, team.
STAFF = (
    ("rep", "孙倩", Role.REP, None),
    ("other_rep", "周涛", Role.REP, None),
    ("rep_3", "许静", Role.REP, None),
    ("rep_4", "韩磊", Role.REP, None),
    ("rep_5", "曹颖", Role.REP, None),
    ("support", "林悦", Role.SUPPORT, TEAM_1),
    ("support_2", "邓凯", Role.SUPPORT, TEAM_1),
    ("support_3", "彭欣", Role.SUPPORT, TEAM_2),
    ("support_4", "蒋帆", Role.SUPPORT, TEAM_2),
    ("manager", "郑国强", Role.MANAGER, None),
    ("privacy_officer", "何静", Role.PRIVACY_OFFICER, None),
    ("admin", "顾明", Role.ADMIN, None),
    ("former_rep", "丁洋", Role.REP, None),
)
SIGN_INS = ("rep", "other_rep", "support", "manager", "privacy_officer", "admin")
"""Logins of the members of staff for whom the demo makes tokens; the seventh is the partner's."""

REPS = ("rep", "other_rep", "rep_3", "rep_4", "rep_5")
BULK_REPS = 50
"""The reps among whom further customers are dealt out evenly, those above among them."""

TAGS = {
    "客户价值": ("大客户", "老客户", "新客户"),
    "关注点": ("价格敏感", "注重品质", "看重服务"),
    "意向": ("预约安装", "以旧换新", "年度协议"),
    None: ("待回访", "勿在晚间致电"),
}


@dataclass(frozen=True)
class House:
    """Everything that stands before the first customer comes."""

    teams: dict[str, Team]
    staff: dict[str, StaffMember]
    partners: dict[str, Partner]
    tags: list[Tag]
    tiers: list[Tier]

    def queue_of(self, kind: TicketKind) -> Team:
        """In whose queue tickets of this kind wait."""
        routes = {routed: self.teams[name].id for routed, name in ROUTES}
        found = Queues(tuple(team.id for team in self.teams.values()), routes).of(kind)
        return next(team for team in self.teams.values() if team.id == found)

    def agents_of(self, team: Team) -> list[StaffMember]:
        """Who serves the team's queue."""
        return [member for member in self.staff.values() if member.team_id == team.id and member.role is Role.SUPPORT]

    def bulk_rep(self, number: int) -> StaffMember:
        """Whose customer the one of this number is, beyond the demo's first."""
        return self.staff[_bulk_login(number % BULK_REPS)]


def house(*, bulk: bool) -> House:
    """The house, the same on every call; with `bulk` it has all 50 reps, else the first few."""
    teams = {name: Team(id=Chance(name).id(SINCE), name=name) for name in (TEAM_1, TEAM_2)}
    staff = {login: _member(login, name, role, teams.get(team or "")) for login, name, role, team in STAFF}
    staff["former_rep"].active = False
    if bulk:
        logins = [_bulk_login(number) for number in range(BULK_REPS)]
        staff |= {login: _member(login, _invented(login), Role.REP, None) for login in logins if login not in staff}
    tags = [
        Tag(id=Chance(f"tag {name}").id(SINCE), name=name, group=group)
        for group, names in TAGS.items()
        for name in names
    ]
    tiers = [Tier(id=id_, code=code, name=name) for code, (id_, name) in TIERS.items()]
    return House(teams, staff, _partners(), tags, tiers)


def _bulk_login(number: int) -> str:
    return REPS[number] if number < len(REPS) else f"rep_{number + 1}"


def _invented(login: str) -> str:
    chance = Chance(f"name {login}")
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def _member(login: str, name: str, role: Role, team: Team | None) -> StaffMember:
    return StaffMember(
        id=Chance(f"staff {login}").id(SINCE),
        login=login,
        name=name,
        role=role,
        team_id=team.id if team else None,
        active=True,
        created_at=SINCE,
    )


def _partners() -> dict[str, Partner]:
    """One under contract, and one whose contract has ended: its tokens open nothing."""
    return {
        PARTNER: _partner(PARTNER, datetime(2036, 1, 1, tzinfo=UTC)),
        "往年快修": _partner("往年快修", datetime(2026, 7, 1, tzinfo=UTC)),
    }


def _partner(name: str, until: datetime) -> Partner:
    return Partner(
        id=Chance(f"partner {name}").id(SINCE),
        name=name,
        contract_from=SINCE,
        contract_until=until,
        grants=[grant.value for grant in Grant],
        active=True,
    )
