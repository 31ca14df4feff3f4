"""`zhike rescan`: what an older detection left readable is masked, its original sealed, once and for all."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from auth.door.recording import MASKED_IN_PLACE
from auth.free_text import Scanned, detectors
from domain.base import Base
from domain.errors import WrongState
from domain.identity import new_id
from domain.imported_details import ImportedDetail
from domain.interaction import Interaction
from domain.sealed import sealed_fields
from server.rescanning.run import Gone, rescan
from server.rescanning.texts import TEXTS as STORED
from tests.api.house import Api, a_step, a_talk, a_ticket
from tests.personal.corpus import flat

OLD = "回拨 138 12 34 56 78，微信 lisi_8899"
MASKED = "回拨 138****5678，微信 l***9"
SECRETS = ("13812345678", "lisi_8899", "世纪大道100号", "jose@example.com")
TEXTS = {
    ("interaction", "summary"): "summary_masked",
    ("ticket", "description"): "description_masked",
    ("ticket_step", "text"): "text_masked",
}


@pytest.fixture
def run(api: Api) -> Callable[..., list[Gone]]:
    def ran(report: Callable[[Gone], None] = lambda gone: None, batch: int = 500) -> list[Gone]:
        with psycopg.connect(api.url, autocommit=True) as connection:
            return rescan(connection, api.ring, report, batch)

    return ran


@pytest.fixture
def sql(api: Api) -> Callable[..., None]:
    def execute(statement: str, *values: Any) -> None:
        with psycopg.connect(api.url) as connection:
            for table in ("event", "access_log"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_stays")
            connection.execute(statement, values)
            for table in ("event", "access_log"):
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_stays")

    return execute


def found(gone: list[Gone]) -> dict[str, int]:
    return {one.progress.text: one.progress.found for one in gone if one.progress.found}


async def test_free_texts_are_masked_and_their_originals_sealed(api: Api, run, sql) -> None:
    ticket = a_ticket(api.house.customers["own"], None)
    step = a_step(ticket, "已回电")
    await api.write(ticket, step)
    for (table, field), column in TEXTS.items():
        sql(f"UPDATE {table} SET {field}_sealed = NULL, {column} = %s", OLD)
    before = api.rows("SELECT count(*) FROM interaction")[0][0]
    assert found(run())["interaction.summary"] == before
    for (table, field), column in TEXTS.items():
        assert {row[0] for row in api.rows(f"SELECT {column} FROM {table}")} == {MASKED}
        assert api.rows(f"SELECT count(*) FROM {table} WHERE {field}_sealed IS NULL") == [(0,)]
    shown = await api(
        "manager", "revealPersonalData", "values { value }",
        id=api.house.id_of(step), fields=["TEXT"], purpose="SERVICE", reason="回电",
    )  # fmt: skip
    assert shown.payload["values"] == [{"value": OLD}]


async def test_texts_that_were_masked_before_are_opened_and_masked_anew(api: Api, run, sql) -> None:
    talk = a_talk(api.house.customers["own"], OLD)
    await api.write(talk)
    sql("UPDATE interaction SET summary_masked = %s WHERE id = %s", "回拨 138 12 34 56 78，微信 l***9", talk.id)
    run()
    assert api.rows("SELECT summary_masked FROM interaction WHERE id = %s", talk.id) == [(MASKED,)]


async def test_what_was_masked_never_turns_clear(api: Api, run, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = a_talk(api.house.customers["own"], OLD)
    await api.write(talk)
    monkeypatch.setattr("server.rescanning.texts.scan", lambda text: Scanned(text, ()))
    run()
    assert api.rows("SELECT summary_masked FROM interaction WHERE id = %s", talk.id) == [(MASKED,)]


async def test_short_texts_and_addresses_are_masked_in_place(api: Api, run, sql) -> None:
    sql("UPDATE ticket SET subject = '138/1234/5678'")
    sql(
        "UPDATE customer SET region = '寄到上海市浦东新区世纪大道100号', source = 'josé@example.com', industry = %s",
        OLD,
    )
    sql("UPDATE customer SET address_masked = '北京市海淀马连洼****' WHERE address_masked IS NOT NULL")
    sql("INSERT INTO tag (id, name) VALUES (%s, '138/1234/5678'), (%s, '138****5678')", new_id(), new_id())
    sql("INSERT INTO customer_tag SELECT customer.id, tag.id FROM customer, tag WHERE tag.name LIKE '138/%%'")
    sql("UPDATE event SET reason = %s", OLD)
    await api(
        "manager", "revealPersonalData",
        id=api.house.customer("own"), fields=["MOBILE"], purpose="SERVICE", reason="回电",
    )  # fmt: skip
    sql("UPDATE access_log SET reason = %s", OLD)
    counted = api.rows("SELECT count(*) FROM event")[0][0]
    assert found(run())["event.reason"] == counted
    assert api.rows("SELECT DISTINCT subject FROM ticket") == [("138****5678",)]
    assert api.rows("SELECT DISTINCT region, source, industry FROM customer") == [
        ("寄到上海市浦东新区****", "j***@example.com", MASKED)
    ]
    assert api.rows("SELECT DISTINCT address_masked FROM customer WHERE address_masked IS NOT NULL") == [
        ("北京市海淀区****",)
    ]
    assert api.rows("SELECT name FROM tag WHERE name LIKE '138%%'") == [("138****5678",)]
    assert len(api.rows("SELECT FROM customer_tag JOIN tag ON tag.id = tag_id WHERE tag.name = '138****5678'")) == 3
    assert api.rows("SELECT DISTINCT reason FROM event UNION SELECT reason FROM access_log") == [(MASKED,)]
    with psycopg.connect(api.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE event SET reason = ''")  # append-only again


async def test_codes_and_names_that_hold_something_are_named_for_somebody_to_correct(api: Api, run, sql) -> None:
    own = api.house.customers["own"]
    sql("UPDATE customer SET external_id = '138/1234/5678' WHERE id = %s", own.id)
    gone = {one.progress.text: one.to_correct for one in run()}
    assert gone["customer.external_id"] == [api.house.customer("own")]
    assert gone["customer.name"] == []


async def test_a_run_that_was_broken_off_goes_on_where_it_was_and_a_finished_one_does_nothing(
    api: Api, run, sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql("UPDATE interaction SET summary_sealed = NULL, summary_masked = %s", OLD)
    read: list[int] = []

    def broken_off(gone: Gone) -> None:
        read.append(gone.progress.read)
        if len(read) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(broken_off, 1)
    assert api.rows("SELECT read, found, done FROM rescan_progress") == [(2, 2, False)]
    counted = api.rows("SELECT count(*) FROM interaction")[0][0]
    assert next(one for one in run(batch=1) if one.progress.text == "interaction.summary").progress.read == counted
    batches: list[Gone] = []
    run(batches.append)
    assert batches == []
    before = api.written()
    monkeypatch.setattr("server.rescanning.run.VERSION", detectors.VERSION + 1)
    run(batches.append)
    assert batches
    assert api.written() == before


async def test_one_rescan_runs_at_a_time(api: Api, run) -> None:
    with psycopg.connect(api.url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('zhike rescan'))")
        with pytest.raises(WrongState):
            run()


async def test_a_row_that_an_act_changed_meanwhile_is_left_to_the_act(api: Api, run, sql) -> None:
    sql("UPDATE ticket SET subject = '138/1234/5678'")
    with psycopg.connect(api.url) as act:
        act.execute("UPDATE ticket SET subject = '新的主题'")

        def commit(gone: Gone) -> None:
            if gone.progress.text == "ticket_step.text":
                act.commit()

        run(commit)
    assert api.rows("SELECT DISTINCT subject FROM ticket") == [("新的主题",)]
    assert not any(flat(secret) in flat(str(api.rows("SELECT subject FROM ticket"))) for secret in SECRETS)


def test_every_text_that_is_scanned_when_written_is_gone_through() -> None:
    free = {
        f"{model.__tablename__}.{name}" for model in _models() for name, one in sealed_fields(model).items() if one.free
    }
    short = {f"{model.__tablename__}.{name}" for model, names in MASKED_IN_PLACE.items() for name in names}
    assert free | short <= {text.name for text in STORED}


def _models() -> list[type[Base]]:
    return [mapper.class_ for mapper in Base.registry.mappers]


async def test_details_that_an_import_kept_keep_the_masks_of_their_kinds(api: Api, run, sql) -> None:
    details = [ImportedDetail("contact", "周敏"), ImportedDetail("delivery_address", "上海市浦东新区世纪大道100号")]
    kept = Interaction.of_imported_details(api.house.customers["own"], details, api.house.customers["own"].created_at)
    await api.write(kept)
    stored = "SELECT summary_masked FROM interaction WHERE id = %s"
    shown = [("联系人 周*\n收货地址 上海市浦东新区****",)]
    assert api.rows(stored, kept.id) == shown
    for before in ("联系人 周敏", shown[0][0]):
        sql("UPDATE interaction SET summary_masked = %s WHERE id = %s", before, kept.id)
        run()
        sql("DELETE FROM rescan_progress")
        assert api.rows(stored, kept.id) == shown
