"""What an older version stored is judged by its masks: what needs an approval, and of which system numbers are."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from server.postgres import migrations

CUSTOMER = """
INSERT INTO customer (id, kind, basis, name_buckets, id_number_sealed, id_number_masked, birth_date_sealed,
    birth_date_masked, external_id, created_at, updated_at, version)
VALUES (gen_random_uuid(), %s, 'CONTRACT', '{}', 'x', %s, 'x', %s, %s, now(), now(), 1)
"""
INTERACTION = """
INSERT INTO interaction (id, customer_id, channel, direction, occurred_at, created_at, summary_sealed, summary_masked)
SELECT gen_random_uuid(), id, 'PHONE', 'INBOUND', now(), now(), %s, %s FROM customer LIMIT 1
"""
CARD = "1" + "*" * 16 + "X"


@pytest.fixture
def older(empty_database_url) -> Iterator[psycopg.Connection]:
    """A connection to a database of the revision before."""
    command.upgrade(migrations.config(empty_database_url), "0012")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        yield connection


def test_rows_of_before_are_judged_by_their_masks(older, empty_database_url):
    sql = older
    for row in (
        ("PERSON", CARD, "1990-**-**", "adult"),
        ("PERSON", CARD, "****-**-**", "child"),
        ("PERSON", CARD, None, "who knows"),
        ("ORGANIZATION", "91110000600037341L", None, None),
        ("ORGANIZATION", CARD, "1990-**-**", "boss"),
    ):
        sql.execute(CUSTOMER, row)
    for sealed, text in (
        (b"x", f"证件 {CARD}，请核对"),
        (b"x", "证件 1*************2"),
        (b"x", "138****5678"),
        (None, "好"),
    ):
        sql.execute(INTERACTION, [sealed, text])
    command.upgrade(migrations.config(empty_database_url), "head")
    judged = "SELECT external_id, external_system, under_14, approval_fields FROM customer ORDER BY created_at, id"
    assert sorted(sql.execute(judged).fetchall(), key=str) == sorted(
        [
            ("adult", "main", False, ["id_number"]),
            ("child", "main", True, ["id_number"]),
            ("who knows", "main", None, ["id_number"]),
            (None, None, False, None),
            ("boss", "main", False, ["id_number"]),
        ],
        key=str,
    )
    texts = sql.execute("SELECT summary_masked, approval_fields FROM interaction").fetchall()
    assert {text[:4]: fields for text, fields in texts} == {
        "证件 1": ["summary"], "138*": None, "好": None,
    }  # fmt: skip
