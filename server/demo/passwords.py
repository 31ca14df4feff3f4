"""The one password of the demo's staff. Nobody else is ever given one that is known."""

import psycopg

from auth.entering.passwords import hashed
from server.demo.house import house

DEMO_PASSWORD = "zhike-demo-2026"  # noqa: S105 - it is printed at every start

MISSING = "SELECT id FROM staff_member WHERE id = ANY(%s) AND password_hash IS NULL"
GIVE = "UPDATE staff_member SET password_hash = %s WHERE id = ANY(%s)"


def give_passwords(url: str) -> None:
    """Lets the demo's active staff sign in with it, those who have no password yet.

    Told by their ids: a login such as `admin` may be somebody's in earnest.
    """
    ids = [member.id for member in house(bulk=False).staff.values() if member.active]
    with psycopg.connect(url) as connection:
        if missing := [id_ for (id_,) in connection.execute(MISSING, [ids])]:
            connection.execute(GIVE, [hashed(DEMO_PASSWORD), missing])
