"""The demo's customers by number: the first two hundred show everything, further ones are the crowd behind them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.channel import Channel
from domain.customer import Customer, CustomerKind
from domain.lifecycle import STAGES, LifecycleStage
from domain.partner import PartnerListing
from domain.purpose import LegalBasis
from domain.staff import StaffMember
from server.demo import words
from server.demo.chance import BASE, SINCE, Chance
from server.demo.house import PARTNER, REPS, House

FIRST = 200
"""Customers that every demo has."""

CHILD, CALLER = 9, 12
"""A customer under 14, and one that surely has a second number: one of either rep."""

_OWNERS = ("rep", "rep", "other_rep", "other_rep", *REPS[2:], None, None)
"""Whose the customers are, nine by nine."""
_MIDDAY = timedelta(hours=4)


def customer(number: int, house: House) -> Customer:
    """One customer, its history recorded; the same whatever else is made."""
    chance = Chance(f"customer {number}")
    city = chance.choice(words.CITIES)
    at = chance.moment(SINCE, BASE - timedelta(days=20)) + _MIDDAY
    made = Customer(
        id=chance.id(at),
        kind=CustomerKind.ORGANIZATION if number % 4 == 2 else CustomerKind.PERSON,
        basis=chance.choice((LegalBasis.CONTRACT, LegalBasis.CONSENT)),
        region=None if number % 31 == 8 else city.region,
        industry=chance.choice(words.TRADES),
        source=chance.choice(words.SOURCES),
        stage=None if number % 29 == 7 else LifecycleStage.POTENTIAL,
        score=None if chance.hits(5) else float(chance.randint(0, 1000)) / 10,
        preferred_channel=None if chance.hits(4) else chance.choice(list(Channel)[:6]),
        external_id=f"DEMO{number:06d}",
        created_at=at,
        updated_at=at,
        version=1,
    )
    describe(made, number, city, chance)
    made.tags = sorted(chance.sample(house.tags, chance.randrange(4)), key=lambda tag: tag.id)
    _live(made, number, house, chance)
    return made


def describe(made: Customer, number: int, city: words.City, chance: Chance) -> None:
    """Name and contact data, as people of all sorts have them; some lack one or the other."""
    company = made.kind is CustomerKind.ORGANIZATION
    born = date(2016, 5, 20) if number == CHILD else chance.birthday()
    made.name = _company(city, chance) if company else _person(number, chance)
    made.mobile = _landline(city, chance) if company and chance.hits(3) else chance.mobile()
    made.other_mobile = chance.mobile() if number == CALLER or chance.hits(8) else None
    made.email = None if number == CHILD or chance.hits(4) else chance.email()
    made.wechat_id = None if company or chance.hits(3) else chance.wechat_id()
    made.address = _address(city, chance)
    if company:
        made.id_number = chance.credit_code(city.code)
    elif not chance.hits(4):
        made.id_number = chance.resident_id(city.code, born)
    if not company and (number == CHILD or not chance.hits(3)):
        made.birth_date = born.isoformat()


def owner(number: int, house: House) -> StaffMember | None:
    """Whose customer it is in the end."""
    if number >= FIRST:
        return house.bulk_rep(number)
    login = _OWNERS[number % len(_OWNERS)]
    return house.staff[login] if login else None


def listings(number: int, made: Customer, house: House) -> list[PartnerListing]:
    """The first customers' consents to the partner: some live, some withdrawn, most never given."""
    if number >= FIRST or number % 7 not in {3, 5}:
        return []
    consented = made.created_at + timedelta(days=1)
    withdrawn = BASE - timedelta(days=10) if number % 7 == 5 else None
    partner_id = house.partners[PARTNER].id
    return [PartnerListing(partner_id=partner_id, customer_id=made.id, consented_at=consented, withdrawn_at=withdrawn)]


def _person(number: int, chance: Chance) -> str:
    if number % 20 == 9:
        return chance.choice(words.UYGHUR)
    if number % 20 == 15:
        return chance.choice(words.COMPOUND_SURNAMES) + chance.choice(words.GIVEN)
    return chance.choice(words.SURNAMES) + chance.choice(words.GIVEN)


def _company(city: words.City, chance: Chance) -> str:
    place = city.name.removesuffix("市")
    return place + chance.choice(words.COMPANY_NAMES) + chance.choice(words.COMPANY_FORMS)


def _landline(city: words.City, chance: Chance) -> str:
    """Seven or eight digits behind the area code, as the place has them."""
    digits = 7 if city.area == "0991" else 8
    return f"{city.area}-{chance.randrange(3, 7)}{chance.randrange(10 ** (digits - 1)):0{digits - 1}d}"


def _address(city: words.City, chance: Chance) -> str:
    house = f"{chance.randint(1, 300)}号{chance.randint(1, 20)}栋{chance.randint(101, 2805)}室"
    return f"{city.province}{city.name}{chance.choice(city.districts)}{chance.choice(words.STREETS)}{house}"


def _live(made: Customer, number: int, house: House, chance: Chance) -> None:
    """From the first day to the present, through the acts of the domain."""
    final, manager = owner(number, house), house.staff["manager"]
    days = iter(sorted(chance.moment(made.created_at + timedelta(hours=1), BASE) for _ in range(8)))
    first = house.staff["former_rep"] if final and chance.hits(6) else final
    actor = (first or manager).id
    made.owner_id = first.id if first else None
    made.created(actor, made.created_at)
    if made.stage:
        _grow(made, chance, actor, days)
    if first is not final and final:
        made.transfer(final, chance.choice(words.TRANSFER_REASONS), manager.id, next(days))
    if number % 5:
        tier = house.tiers[number % 3]
        made.assign_tier(tier, None, chance.choice(words.TIER_REASONS), manager.id, next(days))
    if chance.hits(4):
        made.edit({"region": made.region, "address": made.address}, (final or manager).id, next(days))


def _grow(made: Customer, chance: Chance, actor: UUID, days: Iterator[datetime]) -> None:
    for stage in STAGES[1 : chance.randint(1, 5)]:
        reason = chance.choice(words.STAGE_REASONS) if stage is LifecycleStage.CHURN else None
        made.move_stage(stage, reason, actor, next(days))
