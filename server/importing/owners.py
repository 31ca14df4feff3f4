"""Whose customer it is: the owner that a row names, among the staff who may own customers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from auth.access import anyone
from auth.policy import Duty
from auth.rows import fit_for, rule_for
from auth.viewer import ViewerKind
from domain.customer import Customer
from domain.errors import Invalid
from domain.personal.normal_form import normal_form
from domain.personal.text import one_dot
from domain.staff import StaffMember, login_name

_STAFF = "SELECT id, login, name, role, active FROM staff_member"


class Owners:
    """Staff by login and by name; a name counts where only one member of staff bears it."""

    def __init__(self, staff: Iterable[StaffMember]) -> None:
        self._by_login: dict[str, StaffMember] = {}
        self._by_name: dict[str, list[StaffMember]] = defaultdict(list)
        for member in staff:
            self._by_login[_plain(member.login)] = member
            self._by_name[_plain(member.name)].append(member)

    def named(self, text: str) -> UUID:
        """The owner meant by a login or a name. Raises Invalid where nobody, several or somebody unfit is meant."""
        wanted = _plain(text)
        meant = [self._by_login[wanted]] if wanted in self._by_login else self._by_name.get(wanted, [])
        if not meant:
            raise Invalid(
                "owner",
                "没有这样的员工，客户无负责人",
                "No member of staff has this login or name; the customer has no owner",
            )
        if len(meant) > 1:
            raise Invalid(
                "owner",
                "有多名员工同名，请改用登录名；客户无负责人",
                "Several members of staff have this name, use the login; the customer has no owner",
            )
        if not fit_for(Duty.OWN_CUSTOMERS, meant[0]):
            raise Invalid(
                "owner",
                "该员工不能负责客户，客户无负责人",
                "This member of staff may not own customers; the customer has no owner",
            )
        return meant[0].id


def staff_of(connection: Connection[Any]) -> list[StaffMember]:
    """Everybody who works here."""
    with connection.cursor(row_factory=class_row(StaffMember)) as cursor:
        return cursor.execute(_STAFF).fetchall()


def author(connection: Connection[Any], login: str | None) -> StaffMember | None:
    """On whose word something is done; None where nobody is named. Raises Invalid for a login that is nobody's."""
    if login is None:
        return None
    with connection.cursor(row_factory=class_row(StaffMember)) as cursor:
        found = cursor.execute(f"{_STAFF} WHERE login = %s AND active", [login_name(login)]).fetchone()
    if found is None:
        raise Invalid("by", "没有这样的在职员工，请填登录名", "No active member of staff has this login")
    return found


def told_only_of(actor: StaffMember) -> UUID | None:
    """The owner to whose customers the report of this author's import is narrowed; None for who reaches everybody."""
    return None if rule_for(Customer, ViewerKind(actor.role, frozenset())) is anyone else actor.id


def _plain(text: str) -> str:
    return one_dot(" ".join(normal_form(text).split())).casefold()
