"""The scoped session: the viewer's rows and no others, whichever way they are asked for; nothing clear is stored."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import aliased, selectinload

from auth.door.desks import Desks
from auth.door.scope_columns import scope_columns
from auth.door.session import OutOfReach, ScopedSession, Unscoped, Vanished, opened
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, place, unseal_one
from auth.viewer import Viewer, ViewerKind
from domain.access_log import AccessLogEntry, PersonalField
from domain.base import now
from domain.customer import Customer
from domain.customer_lookup import CustomerLookup
from domain.data_key import DataKey
from domain.event import Event, EventKind
from domain.identity import new_id
from domain.interaction import Interaction
from domain.partner import Partner
from domain.staff import Role, StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus


@pytest.fixture
def session_of(desks: Desks, ring: KeyRing, house: Any):
    """Opens a session for a login, `async with` which it is one transaction."""

    def opening(login: str):
        return opened(desks, house.viewers[login], ring)

    return opening


async def one(session: ScopedSession, model: type[Any], id_: UUID) -> Any:
    found = await session.get(model, id_)
    assert found is not None
    return found


async def customers_seen(session: ScopedSession) -> set[UUID]:
    return set(await session.scalars(select(Customer.id)))


async def test_no_session_without_a_viewer(desks: Desks, ring: KeyRing) -> None:
    with pytest.raises(Unscoped):
        async with opened(desks, None, ring):  # type: ignore[arg-type]
            pass


async def test_a_rep_gets_only_own_customers_in_a_list(session_of, house) -> None:
    async with session_of("rep") as session:
        assert await customers_seen(session) == {house.customers["rep"].id}


async def test_a_strangers_id_gets_nothing(session_of, house) -> None:
    async with session_of("rep") as session:
        theirs = house.customers["other"].id
        assert await session.get(Customer, theirs) is None
        assert await session.lock(Customer, theirs) is None
        assert await session.get(Interaction, house.interactions["other"].id) is None
        assert await session.get(Ticket, house.tickets["other"].id) is None
        assert await session.get(Customer, house.customers["rep"].id) is not None


async def test_no_way_of_asking_reaches_a_strangers_rows(session_of, house) -> None:
    theirs = house.customers["other"].id
    other = aliased(Customer)
    asked = [
        select(Customer).where(Customer.id == theirs),
        select(other).where(other.id == theirs),
        select(Customer.region).where(Customer.id == theirs),
        select(Interaction).join(Interaction.customer).where(Customer.id == theirs),
        select(Interaction).where(Interaction.customer_id == theirs),
        select(StaffMember).where(exists().where(Customer.owner_id == StaffMember.id, Customer.id == theirs)),
        select(select(Customer.id).where(Customer.id == theirs).subquery()),
        select(Customer.id).where(Customer.id == theirs).union(select(other.id).where(other.id == theirs)),
        select(Event).where(Event.customer_id == theirs),
    ]
    async with session_of("rep") as session:
        for statement in asked:
            assert (await session.scalars(statement)).all() == []
        assert await session.scalar(select(func.count()).select_from(Customer)) == 1


async def test_relationships_stop_at_the_edge_of_reach(session_of, house) -> None:
    async with session_of("agent") as session:
        found = (await session.scalars(select(StaffMember).options(selectinload(StaffMember.team)))).all()
        assert {row.team and row.team.name for row in found} == {None, "客服一组"}
        loaded = await session.scalars(select(Customer).options(selectinload(Customer.interactions)))
        assert [len(row.interactions) for row in loaded] == [1]


async def test_an_agent_reaches_whom_the_team_serves(session_of, house) -> None:
    async with session_of("agent") as session:
        assert await customers_seen(session) == {house.customers["other"].id}


async def test_an_agent_without_team_does_not_reach_tickets_without_team(desks, ring, house) -> None:
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        (await one(session, Ticket, house.tickets["other"].id)).team_id = None
    async with opened(desks, Viewer(id=new_id(), role=Role.SUPPORT), ring) as session:
        assert await customers_seen(session) == set()


async def test_an_admin_gets_no_customers(session_of) -> None:
    async with session_of("admin") as session:
        assert await customers_seen(session) == set()
        assert len((await session.scalars(select(StaffMember))).all()) == 5


@pytest.mark.parametrize(
    "statement",
    [
        text("SELECT name_masked FROM customer"),
        select(Customer.__table__),
        select(Customer).from_statement(text("SELECT * FROM customer")),
        update(Customer).values(region="上海"),
        delete(Interaction),
        insert(Tag).values(id=new_id(), name="x"),
    ],
)
async def test_statements_on_tables_and_statements_that_write_are_refused(session_of, statement: Any) -> None:
    async with session_of("manager") as session:
        with pytest.raises(Unscoped):
            await session.scalars(statement)


async def test_types_off_the_page_are_given_to_nobody(session_of) -> None:
    async with session_of("manager") as session:
        for model in (DataKey, CustomerLookup, Partner):
            assert (await session.scalars(select(model))).all() == []


async def test_a_rep_cannot_add_a_customer_for_somebody_else(session_of, house, a_customer) -> None:
    with pytest.raises(OutOfReach):
        async with session_of("rep") as session:
            session.add(a_customer(house.staff["other"], "赵四", "13900139009"))
    async with session_of("manager") as session:
        assert len(await customers_seen(session)) == 3


async def test_a_rep_adds_an_own_customer_with_a_talk(session_of, house, a_customer, a_talk) -> None:
    made = a_customer(house.staff["rep"], "赵四", "13900139009")
    async with session_of("rep") as session:
        session.add_all([made, a_talk(made, house.staff["rep"], "第一次来电")])
    async with session_of("rep") as session:
        assert len(await customers_seen(session)) == 2


@pytest.mark.parametrize(("who", "asked"), [("manager", 0), ("rep", 1)])
async def test_a_new_row_is_judged_again_only_where_its_scope_depends_on_what_it_holds(
    session_of, house, a_customer, monkeypatch, who: str, asked: int
) -> None:
    judged = []
    in_scope = ScopedSession._is_where_it_may_be

    async def counting(session: ScopedSession, row: Any) -> bool:
        judged.append(row)
        return await in_scope(session, row)

    monkeypatch.setattr(ScopedSession, "_is_where_it_may_be", counting)
    async with session_of(who) as session:
        session.add(a_customer(house.staff["rep"], "赵四", "13900139009"))
    assert len(judged) == asked


async def test_nothing_is_added_below_a_strangers_customer(session_of, house, a_talk) -> None:
    with pytest.raises(OutOfReach):
        async with session_of("rep") as session:
            session.add(a_talk(house.customers["other"], house.staff["rep"], "顺便问一句"))


async def test_a_rep_cannot_give_a_customer_away_by_hand(session_of, house) -> None:
    with pytest.raises(OutOfReach):  # noqa: PT012 - it is raised where the transaction would end
        async with session_of("rep") as session:
            row = await one(session, Customer, house.customers["rep"].id)
            row.owner_id = house.staff["other"].id


async def test_a_manager_transfers(session_of, house) -> None:
    async with session_of("manager") as session:
        row = await one(session, Customer, house.customers["rep"].id)
        to = await one(session, StaffMember, house.staff["other"].id)
        row.transfer(to, "区域调整", house.viewers["manager"].id, row.created_at)
    async with session_of("other") as session:
        kinds = await session.scalars(select(Event.kind).where(Event.customer_id == row.id).order_by(Event.id))
        assert list(kinds)[-1:] == ["TRANSFERRED"]


@pytest.mark.parametrize(("days", "seen"), [(89, True), (91, False)])
async def test_an_agent_goes_on_seeing_the_customer_of_a_closed_ticket_for_90_days(
    session_of, house, days: int, seen: bool
) -> None:
    agent, at = house.viewers["agent"].id, now() - timedelta(days=days)
    async with session_of("agent") as session:
        row = await one(session, Ticket, house.tickets["other"].id)
        steps = [
            row.investigate(None, agent, at),
            row.respond("已补发", agent, at),
            row.follow_up("客户满意", True, agent, at),
            row.close("补发完成", None, agent, at),
        ]
        session.add_all(steps)
    async with session_of("agent") as session:
        assert await customers_seen(session) == ({house.customers["other"].id} if seen else set())
        assert (await session.get(Ticket, row.id) is not None) is seen
    async with session_of("manager") as session:
        assert (await one(session, Ticket, row.id)).status is TicketStatus.CLOSED


async def test_an_agent_opens_a_ticket_for_a_caller_found_outside_the_queue(
    session_of, house, desks, ring, a_ticket
) -> None:
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        team = (await session.scalars(select(Team))).one()
    async with session_of("agent") as session:
        session.add(a_ticket(house.customers["nobody"], team))
    async with session_of("agent") as session:
        assert house.customers["nobody"].id in await customers_seen(session)


async def test_consents_and_teams_are_not_written_by_viewers(session_of) -> None:
    with pytest.raises(OutOfReach):
        async with session_of("manager") as session:
            session.add(Team(id=new_id(), name="客服二组"))


async def test_what_happened_is_written_for_those_who_may_not_read_it(session_of, house, database_url) -> None:
    looked = AccessLogEntry(
        at=house.customers["rep"].created_at,
        viewer_id=house.viewers["rep"].id,
        viewer_kind="stf",
        viewer_name="rep",
        subject_id=house.customers["rep"].id,
        subject_kind="cus",
        customer_id=house.customers["rep"].id,
        field=PersonalField.MOBILE,
        purpose="FOLLOW_UP",
        reason="回拨 13900139001",
    )
    async with session_of("rep") as session:
        session.add(looked)
    async with session_of("rep") as session:
        assert (await session.scalars(select(AccessLogEntry.id))).all() == []
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT reason FROM access_log").fetchall() == [("回拨 139****9001",)]


async def test_a_row_of_another_session_is_not_taken(session_of, house) -> None:
    async with session_of("manager") as session:
        theirs = await one(session, Customer, house.customers["other"].id)
    async with session_of("rep") as session:
        with pytest.raises(Unscoped):
            session.add(theirs)
        with pytest.raises((Unscoped, InvalidRequestError)):
            await session.refresh(theirs, ["tags"])


async def test_texts_open_again_under_the_persons_key_and_in_their_place(session_of, house, ring) -> None:
    async with session_of("rep") as session:
        row = await one(session, Customer, house.customers["rep"].id)
        wrapped = await _wrapped(session, row.id)
    unseal = unseal_one(ring)
    assert unseal(wrapped, row.id, row.mobile_sealed, place("customer", row.id, "mobile")) == "+8613900139001"
    assert unseal(wrapped, row.id, row.name_sealed, place("customer", row.id, "name")) == "欧阳娜"
    assert (row.name_masked, row.mobile_masked) == ("欧阳*", "139****9001")
    assert row.mobile_digest == Digests(ring).digest("mobile", "+8613900139001")
    assert set(Digests(ring).names.of_search("阳娜")[0]) <= set(row.name_buckets)


async def test_an_edit_seals_under_the_same_key_and_an_emptied_field_empties_its_columns(
    session_of, house, ring
) -> None:
    actor = house.viewers["rep"].id
    async with session_of("rep") as session:
        row = await one(session, Customer, house.customers["rep"].id)
        before = await _wrapped(session, row.id)
        row.edit({"mobile": None, "other_mobile": "13900139001", "email": "na@example.com"}, actor, row.created_at)
    async with session_of("rep") as session:
        found = await one(session, Customer, row.id)
        assert await _wrapped(session, row.id) == before
    assert (found.mobile_sealed, found.mobile_masked, found.mobile_digest) == (None, None, None)
    assert found.email_masked == "n***@example.com"
    # One number is found wherever it stands.
    assert found.other_mobile_digest == Digests(ring).digest("mobile", "+8613900139001")


async def test_free_text_is_sealed_only_where_something_was_masked(session_of, house, ring, a_talk) -> None:
    async with session_of("rep") as session:
        customer = await one(session, Customer, house.customers["rep"].id)
        plain = a_talk(customer, house.staff["rep"], "订单 20260302123456789 已发货")
        masked = a_talk(customer, house.staff["rep"], "改打 13700137000")
        session.add_all([plain, masked])
    async with session_of("rep") as session:
        wrapped = await _wrapped(session, customer.id)
    assert (plain.summary_masked, plain.summary_sealed) == ("订单 20260302123456789 已发货", None)
    assert masked.summary_masked == "改打 137****7000"
    opened_text = unseal_one(ring)(
        wrapped, customer.id, masked.summary_sealed, place("interaction", masked.id, "summary")
    )
    assert opened_text == "改打 13700137000"


async def test_no_clear_value_stands_in_any_table(database_url, house) -> None:
    dump = dumped(database_url)
    for canary in ("欧阳娜", "13900139001", "13900139002", "13800138000", "13900139003"):
        assert canary not in dump
    assert "139****9001" in dump


def dumped(url: str) -> str:
    """Every row of every table as text, as a dump would hold it; bytes as they would look if they were text."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        rows = [connection.execute(f'SELECT t.*, t::text FROM "{name}" t').fetchall() for (name,) in names]
    return "".join(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for table in rows
        for row in table
        for value in row
    )


async def _wrapped(session: ScopedSession, customer_id: UUID) -> bytes:
    keys = DataKey.__table__
    connection = session.connection
    return (await connection.execute(select(keys.c.wrapped).where(keys.c.id == customer_id))).scalar_one()


async def test_any_number_of_records_is_written_in_their_order(desks, ring, house) -> None:
    customer = house.customers["rep"]
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        row = await one(session, Customer, customer.id)
        for at in range(250):
            row.record(Event(kind=EventKind.EDITED, at=now(), customer_id=row.id, fields=[str(at)]))
        row.region = "华南"
    async with opened(desks, house.viewers["manager"], ring) as session:
        asked = select(Event.fields).where(Event.customer_id == customer.id, Event.kind == EventKind.EDITED)
        assert (await session.scalars(asked.order_by(Event.id))).all()[-250:] == [[str(at)] for at in range(250)]


async def test_a_change_of_a_row_that_somebody_took_away_is_told_and_nothing_is_written(
    session_of, house, database_url, a_customer
) -> None:
    made = a_customer(house.staff["rep"], "赵四", "13900139009")
    async with session_of("rep") as session:
        session.add(made)
    with pytest.raises(Vanished):  # noqa: PT012 - it is raised where the transaction would end
        async with session_of("rep") as session:
            row = await one(session, Customer, made.id)
            row.region = "华南"
            row.record(Event(kind=EventKind.EDITED, at=now(), customer_id=row.id, fields=["region"]))
            with psycopg.connect(database_url) as connection:
                connection.execute("DELETE FROM customer WHERE id = %s", [made.id])
    async with session_of("manager") as session:
        events = await session.scalars(select(Event.kind).where(Event.customer_id == made.id))
        assert EventKind.EDITED not in events.all()


async def test_what_hangs_on_a_new_row_is_written_with_it(session_of, house, a_ticket) -> None:
    async with session_of("manager") as session:
        customer = await one(session, Customer, house.customers["rep"].id)
        ticket = a_ticket(customer, SimpleNamespace(id=None))
        step = ticket.investigate("查看中", house.viewers["manager"].id, ticket.opened_at)
        session.add(step)
    async with session_of("manager") as session:
        assert (await one(session, TicketStep, step.id)).ticket_id == ticket.id
        assert (await one(session, Ticket, ticket.id)).status is TicketStatus.INVESTIGATING


async def test_a_lock_shows_the_row_as_it_stands_now_not_as_it_was_read_before(session_of, house) -> None:
    id_ = house.customers["rep"].id
    async with session_of("rep") as session:
        row = await one(session, Customer, id_)
        async with session_of("manager") as other:
            (await one(other, Customer, id_)).region = "西北"
        assert row.region != "西北"
        assert await session.lock(Customer, id_) is row
        assert row.region == "西北"


async def test_a_parent_given_to_a_loaded_row_is_written_and_judged(session_of, house) -> None:
    async with session_of("manager") as session:
        row = await one(session, Customer, house.customers["rep"].id)
        row.owner = await one(session, StaffMember, house.staff["other"].id)
    async with session_of("other") as session:
        row = await one(session, Customer, house.customers["rep"].id)
        assert row.owner_id == house.staff["other"].id
    with pytest.raises(OutOfReach):  # noqa: PT012 - it is raised where the transaction would end
        async with session_of("other") as session:
            row = await one(session, Customer, house.customers["rep"].id)
            row.owner = None


# -- What moves is judged again ---------------------------------------------------------------------------------------


async def test_a_child_of_any_type_is_not_moved_below_a_row_out_of_scope(session_of, house, desks, ring) -> None:
    """An interaction, a ticket and a step of a ticket, each given to a parent that the rep does not have in scope."""
    rep, at = house.viewers["rep"].id, now()
    own = Ticket.opened(
        house.customers["rep"], kind=TicketKind.QUESTION, priority=TicketPriority.LOW, subject="咨询",
        description="问保修", team_id=None, actor_id=rep, at=at,
    )  # fmt: skip
    step = TicketStep(id=new_id(), ticket=own, status=TicketStatus.ACCEPTED, at=at, actor_id=rep, satisfied=None)
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        session.add_all([own, step])
    moves = [
        (Interaction, house.interactions["rep"].id, {"customer_id": house.customers["other"].id}),
        (Ticket, own.id, {"customer_id": house.customers["other"].id}),
        (TicketStep, step.id, {"ticket_id": house.tickets["other"].id}),
        (Customer, house.customers["rep"].id, {"owner_id": house.staff["other"].id}),
    ]
    for model, id_, change in moves:
        with pytest.raises(OutOfReach):  # noqa: PT012 - it is raised where the transaction would end
            async with session_of("rep") as session:
                row = await one(session, model, id_)
                for name, value in change.items():
                    setattr(row, name, value)
        async with session_of("rep") as session:
            assert await session.get(model, id_) is not None


async def test_an_agent_does_not_give_the_ticket_of_the_team_to_another_team_by_hand(session_of, house, desks, ring):
    other = Team(id=new_id(), name="客服二组")
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        session.add(other)
    with pytest.raises(OutOfReach):
        async with session_of("agent") as session:
            (await one(session, Ticket, house.tickets["other"].id)).team_id = other.id


def test_scope_columns_are_derived_from_the_rules_of_each_role() -> None:
    found = {
        (model.__name__, role.value): set(scope_columns(model, ViewerKind(role, frozenset())))
        for model in (Customer, Interaction, Ticket, TicketStep)
        for role in (Role.REP, Role.SUPPORT, Role.MANAGER)
    }
    assert found == {
        ("Customer", "REP"): {"owner_id"},
        ("Customer", "SUPPORT"): set(),
        ("Interaction", "REP"): {"customer_id"},
        ("Interaction", "SUPPORT"): {"customer_id"},
        ("Ticket", "REP"): {"customer_id"},
        ("Ticket", "SUPPORT"): {"customer_id", "opened_by_id", "team_id"},
        ("TicketStep", "REP"): {"ticket_id"},
        ("TicketStep", "SUPPORT"): {"ticket_id"},
        **{(name, "MANAGER"): set() for name in ("Customer", "Interaction", "Ticket", "TicketStep")},
    }
