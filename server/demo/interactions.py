"""What was said with a customer of the demo."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.channel import Channel, Direction
from domain.customer import Customer
from domain.interaction import Interaction
from server.demo import words
from server.demo.chance import BASE, Chance
from server.demo.house import House

_HOW_MANY = (0, 1, 2, 3, 3, 4, 4, 5, 6, 7)
"""Three and a half on average."""


def interactions(number: int, customer: Customer, house: House) -> list[Interaction]:
    """The conversations with one customer, oldest first."""
    chance = Chance(f"interactions {number}")
    moments = sorted(chance.moment(customer.created_at, BASE) for _ in range(chance.choice(_HOW_MANY)))
    staff_id = customer.owner_id or house.staff["manager"].id
    return [_talk(customer, staff_id, moment, chance) for moment in moments]


def _talk(customer: Customer, staff_id: UUID, moment: datetime, chance: Chance) -> Interaction:
    channel = chance.choice(list(Channel))
    made = Interaction.logged(
        customer,
        channel=channel,
        direction=chance.choice(list(Direction)),
        occurred_at=moment,
        summary=_summary(channel, chance),
        staff_id=staff_id,
        at=min(BASE, moment + timedelta(minutes=chance.randint(1, 90))),
    )
    made.id = chance.id(made.created_at)
    return made


def _summary(channel: Channel, chance: Chance) -> str:
    """Now and then with a number: one of an order, which stays, or one of a person, which is masked."""
    talk, dice = chance.choice(words.TALKS[channel]), chance.randrange(24)
    if dice == 0:
        return words.WITH_ID.format(talk=talk, id_number=chance.resident_id("44", chance.birthday()))
    if dice in {1, 2}:
        return words.WITH_MOBILE.format(talk=talk, mobile=chance.mobile())
    return words.WITH_ORDER.format(talk=talk, order=chance.order_number(BASE)) if dice in {3, 4, 5} else talk
