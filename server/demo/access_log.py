"""Who looked at what in the demo: the first entries of its access log."""

from datetime import timedelta

from domain.access_log import AccessLogEntry, PersonalField
from domain.customer import Customer
from domain.staff import StaffMember
from server.demo import words
from server.demo.chance import BASE, Chance
from server.demo.house import House

_FIELDS = (PersonalField.MOBILE, PersonalField.ADDRESS, PersonalField.EMAIL)


def access_log(customers: list[Customer], house: House) -> list[AccessLogEntry]:
    """Looks of both reps at customers of their own, and of the manager at others'."""
    by_owner = {
        login: [row for row in customers if row.owner_id == house.staff[login].id] for login in ("rep", "other_rep")
    }
    lookers = [("rep", row) for row in by_owner["rep"][:8]] + [("other_rep", row) for row in by_owner["other_rep"][:5]]
    lookers += [("manager", row) for row in customers[20:23]]
    return [_look(number, house.staff[login], row) for number, (login, row) in enumerate(lookers)]


def _look(number: int, viewer: StaffMember, customer: Customer) -> AccessLogEntry:
    chance = Chance(f"look {number}")
    at = BASE - timedelta(hours=5 * number + chance.randint(0, 4))
    return AccessLogEntry(
        id=chance.id(at),
        at=at,
        viewer_id=viewer.id,
        viewer_kind=StaffMember.PREFIX,
        viewer_name=viewer.name,
        subject_id=customer.id,
        subject_kind=Customer.PREFIX,
        customer_id=customer.id,
        field=chance.choice(_FIELDS),
        purpose="FOLLOW_UP",
        reason=chance.choice(words.LOOKS),
    )
