"""The demo's staff sign in with the printed password; nobody else is given one."""

import argon2
import psycopg

from domain.identity import new_id
from server.demo.passwords import DEMO_PASSWORD, give_passwords
from server.demo.seeding import seed


def test_the_demos_active_staff_and_nobody_else_has_the_demos_password(own_database_url: str, ring) -> None:
    with psycopg.connect(own_database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO staff_member (id, login, name, role, active, created_at)"
            " VALUES (%s, 'chief', '顾明', 'ADMIN', true, now())",
            [new_id()],
        )
        seed(own_database_url, ring)
        assert connection.execute("SELECT count(password_hash) FROM staff_member").fetchone() == (0,)
        give_passwords(own_database_url)
        given = dict(connection.execute("SELECT login, password_hash FROM staff_member").fetchall())
        assert {login for login, stored in given.items() if stored is None} == {"chief", "former_rep"}
        assert argon2.PasswordHasher().verify(given["rep"], DEMO_PASSWORD)

        connection.execute("UPDATE staff_member SET password_hash = 'changed' WHERE login = 'rep'")
        give_passwords(own_database_url)
        changed = connection.execute("SELECT password_hash FROM staff_member WHERE login = 'rep'").fetchone()
        assert changed == ("changed",)
