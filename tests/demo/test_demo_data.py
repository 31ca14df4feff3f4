"""The demo is the same on every run, and there is something of everything in it."""

import psycopg
import pytest

from auth.sealing.keys import KeyRing, Suite
from domain.channel import Channel
from domain.errors import WrongState
from domain.event import CUSTOMER_CHANGES
from domain.lifecycle import LifecycleStage
from domain.tables import Base
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus
from server.demo.seeding import seed

NOT_SECRET = (
    "masked",
    "id",
    "at",
    "name",
    "login",
    "number",
    "status",
    "kind",
    "stage",
    "subject",
    "summary",
    "version",
)


def readable(url: str) -> dict[str, list[tuple]]:
    """All rows of all tables but for what keys have made: ciphertext, digests, and the writing transaction."""
    made_by_keys = {"bytea", "integer[]"}
    found = {}
    with psycopg.connect(url) as connection:
        for table in Base.metadata.sorted_tables:
            columns = [
                name
                for name, type_ in connection.execute(
                    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
                    "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                    [table.name],
                )
                if type_ not in made_by_keys and name != "xact"
            ]
            listed = ", ".join(f'"{column}"' for column in columns)
            found[table.name] = connection.execute(f"SELECT {listed} FROM {table.name} ORDER BY {listed}").fetchall()
    return found


def test_two_runs_under_other_keys_give_the_same_ids_and_masked_texts(demo_url: str, own_database_url: str) -> None:
    seed(own_database_url, KeyRing.generate(Suite.GM))
    first, second = readable(demo_url), readable(own_database_url)
    assert first == second
    assert len(first["customer"]) == 200


def test_more_customers_leave_the_first_ones_as_they_are(demo_url: str, own_database_url: str, ring: KeyRing) -> None:
    assert seed(own_database_url, ring, 230) == 230
    first, more = readable(demo_url), readable(own_database_url)
    for table in ("customer", "interaction", "ticket", "ticket_step", "partner_listing"):
        assert set(map(repr, first[table])) <= set(map(repr, more[table])), table
    assert len(more["customer"]) == 230


def test_a_second_run_writes_what_is_missing_and_no_more(own_database_url: str, ring: KeyRing) -> None:
    assert [seed(own_database_url, ring, wished) for wished in (200, 210, 200, 215, 215)] == [200, 10, 0, 5, 0]
    with psycopg.connect(own_database_url) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT external_id) FROM customer").fetchone() == (215, 215)
        assert connection.execute("SELECT nextval('ticket_number')").fetchone() == (109,)


def test_a_database_with_other_customers_is_left_alone(own_database_url: str, ring: KeyRing) -> None:
    with psycopg.connect(own_database_url) as connection:
        connection.execute(
            "INSERT INTO customer (id, kind, basis, name_buckets, created_at, updated_at, version) "
            "VALUES (gen_random_uuid(), 'PERSON', 'CONSENT', '{}', now(), now(), 1)"
        )
    with pytest.raises(WrongState):
        seed(own_database_url, ring)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("ticket.status", TicketStatus),
        ("ticket.kind", TicketKind),
        ("ticket.priority", TicketPriority),
        ("interaction.channel", Channel),
        ("customer.stage", LifecycleStage),
        ("event.kind", CUSTOMER_CHANGES),
    ],
)
def test_every_word_occurs(rows, column: str, words) -> None:
    table, name = column.split(".")
    assert {word.value for word in words} <= {found for (found,) in rows(f"SELECT DISTINCT {name} FROM {table}")}


def test_tickets_stand_with_everybody_and_with_nobody(rows) -> None:
    hands = rows(
        "SELECT DISTINCT coalesce(s.login, '-'), coalesce(m.name, '-') FROM ticket t "
        "LEFT JOIN staff_member s ON s.id = t.assignee_id LEFT JOIN team m ON m.id = t.team_id WHERE status <> 'CLOSED'"
    )
    assert {
        ("support", "客服一组"), ("support_2", "客服一组"), ("-", "客服一组"),
        ("support_3", "客服二组"), ("support_4", "客服二组"), ("-", "客服二组"),
        ("rep", "客服一组"), ("other_rep", "客服二组"),
    } <= set(hands)  # fmt: skip
    (late,) = rows("SELECT count(*) FROM ticket WHERE status <> 'CLOSED' AND due_at < now()")
    (in_time,) = rows("SELECT count(*) FROM ticket WHERE status <> 'CLOSED' AND due_at > now()")
    assert late[0] > 0
    assert in_time[0] > 0


def test_tickets_lie_where_the_routes_send_them(rows) -> None:
    """As those that are opened in the demo: none in the queue of another team, none where nobody looks."""
    assert not rows(
        "SELECT FROM ticket JOIN ticket_route AS default_route ON default_route.kind IS NULL "
        "LEFT JOIN ticket_route AS own ON own.kind = ticket.kind "
        "WHERE ticket.team_id IS DISTINCT FROM coalesce(own.team_id, default_route.team_id)"
    )


def test_people_of_all_sorts_are_there(rows) -> None:
    names = {name for (name,) in rows("SELECT name_masked FROM customer")}
    assert {"买**·依*", "皇甫**"} <= names
    assert any(name.endswith("有限公司") for name in names)
    assert rows("SELECT FROM customer WHERE birth_date_masked = '****-**-**'"), "a child's year is hidden"
    assert rows("SELECT FROM customer WHERE kind = 'ORGANIZATION' AND id_number_masked LIKE '91%'"), (
        "a company's is not"
    )
    assert rows("SELECT FROM customer WHERE other_mobile_masked LIKE '1__****____'")
    assert rows("SELECT FROM customer WHERE owner_id IS NULL")


def test_numbers_of_people_in_talks_are_masked_and_numbers_of_orders_stay(rows) -> None:
    talks = [talk for (talk,) in rows("SELECT summary_masked FROM interaction")]
    assert any("改打 1" in talk and "****" in talk for talk in talks)
    assert any("订单 2026" in talk and "*" not in talk for talk in talks)
    assert not rows("SELECT FROM interaction WHERE summary_masked ~ '(^|[^0-9])1[0-9]{10}([^0-9]|$)'")


def test_history_is_told_in_the_order_in_which_it_happened(rows) -> None:
    assert not rows(
        "SELECT FROM (SELECT at, lag(at) OVER (PARTITION BY customer_id ORDER BY id) AS before FROM event "
        "WHERE kind IN ('CREATED', 'EDITED', 'STAGE_MOVED', 'TIER_ASSIGNED', 'TRANSFERRED')) e WHERE before > at"
    )
    assert not rows(
        "SELECT FROM event e LEFT JOIN ticket t ON t.id = e.ticket_id WHERE e.ticket_id IS NOT NULL AND t.id IS NULL"
    )
    assert not rows("SELECT FROM event_default"), "every month of the demo has a partition"
