"""A customer's record, way through the life cycle (S17), tier (S22) and owner (S40)."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import inspect

from domain.channel import Channel
from domain.customer import EDITABLE, PERSONAL, SHORT_TEXTS, Customer
from domain.errors import Faults, Invalid, WrongState
from domain.event import CUSTOMER_CHANGES, EventKind, take_events
from domain.identity import public_id
from domain.lifecycle import STAGES, LifecycleStage
from domain.sealed import clear_values
from domain.staff import Role
from domain.tag import Tag
from domain.tier import TIERS, Tier, TierCode

POTENTIAL, AWARENESS, PURCHASE, LOYALTY, CHURN = LifecycleStage
HOUR = timedelta(hours=1)

FORWARD = [(a, b) for a, b in product(STAGES[:4], STAGES[:4]) if STAGES.index(a) < STAGES.index(b)]
FORWARD += [(None, stage) for stage in STAGES[:4]]
FOR_A_REASON = [
    (a, b) for a, b in product([None, *STAGES], STAGES) if a != b and (a, b) not in FORWARD
]  # backward, into churn, and back out of it


def tier(code: TierCode) -> Tier:
    identity, name = TIERS[code]
    return Tier(id=identity, code=code, name=name)


@pytest.mark.parametrize(("stood", "to"), FORWARD)
def test_forward_needs_no_reason(customer, actor, morning, stood, to):
    customer.stage = stood
    customer.move_stage(to, None, actor, morning + HOUR)
    assert (customer.stage, customer.version, customer.updated_at) == (to, 2, morning + HOUR)
    [event] = take_events(customer)
    assert (event.kind, event.before, event.after, event.reason) == (EventKind.STAGE_MOVED, stood, to, None)


@pytest.mark.parametrize(("stood", "to"), FOR_A_REASON)
@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_going_back_churn_and_win_back_are_refused_without_a_reason(customer, actor, morning, stood, to, reason):
    customer.stage = stood
    with pytest.raises(Invalid) as refusal:
        customer.move_stage(to, reason, actor, morning + HOUR)
    assert refusal.value.field == ("reason",)
    assert (customer.stage, customer.version, customer.updated_at) == (stood, 1, morning)
    assert take_events(customer) == []


@pytest.mark.parametrize(("stood", "to"), FOR_A_REASON)
def test_going_back_churn_and_win_back_keep_their_reason(customer, actor, morning, stood, to):
    customer.stage = stood
    customer.move_stage(to, " 三个月未复购 ", actor, morning)
    [event] = take_events(customer)
    assert (event.before, event.after, event.reason) == (stood, to, "三个月未复购")


@pytest.mark.parametrize("stage", STAGES)
def test_a_customer_does_not_move_to_where_they_stand(customer, actor, morning, stage):
    customer.stage = stage
    with pytest.raises(WrongState):
        customer.move_stage(stage, "再次确认", actor, morning)
    assert (customer.version, take_events(customer)) == (1, [])


def test_every_pair_of_stages_is_judged():
    assert len(FORWARD) + len(FOR_A_REASON) == 6 * 5 - 5
    assert CHURN in {a for a, _ in FOR_A_REASON} & {b for _, b in FOR_A_REASON}


def test_a_tier_is_assigned_for_a_reason_and_both_codes_are_kept(customer, actor, morning):
    customer.assign_tier(tier(TierCode.C), None, "新客户", actor, morning)
    customer.assign_tier(tier(TierCode.A), tier(TierCode.C), "年消费进入前 10%", actor, morning + HOUR)
    assert (customer.tier_id, customer.version, customer.updated_at) == (TIERS[TierCode.A][0], 3, morning + HOUR)
    [first, second] = take_events(customer)
    assert (first.kind, first.before, first.after) == (EventKind.TIER_ASSIGNED, None, "C")
    assert (second.before, second.after, second.reason) == ("C", "A", "年消费进入前 10%")


def test_a_tier_is_not_assigned_twice(customer, actor, morning):
    customer.assign_tier(tier(TierCode.B), None, "潜力", actor, morning)
    with pytest.raises(WrongState):
        customer.assign_tier(tier(TierCode.B), tier(TierCode.B), "潜力", actor, morning)
    assert customer.version == 2


@pytest.mark.parametrize("reason", ["", "  ", "坏\x00字符"])
def test_tier_and_transfer_demand_a_reason_that_can_be_kept(customer, staff, actor, morning, reason):
    for act in (
        lambda: customer.assign_tier(tier(TierCode.A), None, reason, actor, morning),
        lambda: customer.transfer(staff(), reason, actor, morning),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == ("reason",)
    assert (customer.tier_id, customer.owner_id, customer.version, take_events(customer)) == (None, None, 1, [])


def test_a_transfer_changes_the_owner_and_names_both(customer, staff, actor, morning):
    first, second = staff(), staff(Role.MANAGER)
    customer.transfer(first, "分配", actor, morning)
    customer.transfer(second, "离职交接", actor, morning + HOUR)
    assert (customer.owner_id, customer.version, customer.updated_at) == (second.id, 3, morning + HOUR)
    [given, handed] = take_events(customer)
    assert (given.kind, given.before, given.after) == (EventKind.TRANSFERRED, None, public_id("stf", first.id))
    assert (handed.before, handed.after) == (public_id("stf", first.id), public_id("stf", second.id))
    assert (handed.reason, handed.actor_id) == ("离职交接", actor)


def test_somebody_who_has_left_is_given_no_customers(customer, staff, actor, morning):
    with pytest.raises(Invalid):
        customer.transfer(staff(active=False), "分配", actor, morning)


def test_a_customer_is_not_transferred_to_the_owner(customer, staff, actor, morning):
    owner = staff()
    customer.owner_id = owner.id
    with pytest.raises(WrongState):
        customer.transfer(owner, "分配", actor, morning)
    assert (customer.version, take_events(customer)) == (1, [])


def test_an_edit_changes_version_and_time_and_names_fields_but_no_values(customer, actor, morning):
    customer.edit({"mobile": "13812345678", "region": "上海", "name": "王小明"}, actor, morning + HOUR)
    assert (customer.version, customer.updated_at, customer.region) == (2, morning + HOUR, "上海")
    assert clear_values(customer)["name"] == "王小明"
    [event] = take_events(customer)
    assert (event.kind, event.fields, event.actor_id) == (EventKind.EDITED, ["mobile", "name", "region"], actor)
    assert (event.before, event.after, event.reason) == (None, None, None)


def test_an_edit_of_nothing_is_no_edit(customer, actor, morning):
    customer.edit({}, actor, morning + HOUR)
    assert (customer.version, customer.updated_at, take_events(customer)) == (1, morning, [])


def test_what_is_set_to_what_it_is_already_is_no_edit(customer, actor, morning):
    customer.edit({"region": "上海", "preferred_channel": Channel.PHONE, "tags": [Tag(name="老客户")]}, actor, morning)
    again = {"region": " 上海 ", "preferred_channel": Channel.PHONE, "tags": list(customer.tags), "industry": ""}
    customer.edit(again, actor, morning + HOUR)
    assert (customer.version, customer.updated_at, len(take_events(customer))) == (2, morning, 1)
    customer.edit(again | {"industry": "零售"}, actor, morning + HOUR)
    assert (customer.version, [event.fields for event in take_events(customer)]) == (3, [["industry"]])


def test_personal_fields_are_compared_with_what_the_actor_sees_and_else_count_as_changed(customer, actor, morning):
    customer.name_sealed = customer.mobile_sealed = b"sealed"
    shown = {"name": "王小明"}
    customer.edit({"name": " 王小明 ", "email": None}, actor, morning + HOUR, shown)
    assert (customer.version, clear_values(customer), take_events(customer)) == (1, {}, [])
    customer.edit({"name": "王小明", "mobile": "13812345678", "email": None}, actor, morning + HOUR, shown)
    assert [event.fields for event in take_events(customer)] == [["mobile"]]
    customer.edit({"name": "王小明", "mobile": None}, actor, morning + HOUR)
    assert [event.fields for event in take_events(customer)] == [["mobile", "name"]]


def test_a_text_that_older_rules_took_may_be_sent_back_as_it_was_read(customer, actor, morning):
    customer.name_sealed = b"sealed"
    customer.__dict__["region"] = "见 138****5678"
    customer.edit({"name": "王●", "region": "见 138****5678"}, actor, morning + HOUR, {"name": "王●"})
    assert (customer.version, take_events(customer)) == (1, [])


def faults_of(act):
    with pytest.raises(Faults) as refusal:
        act()
    return [error.field for error in refusal.value.errors]


def test_all_that_is_wrong_with_an_edit_is_told_at_once(customer, actor, morning):
    wrong = {"name": "", "mobile": "1381234567", "email": "nobody", "stage": None}
    assert faults_of(lambda: customer.edit(wrong, actor, morning)) == [("name",), ("mobile",), ("email",), ("stage",)]


def test_an_edit_empties_a_field_but_never_the_name(customer, actor, morning):
    customer.edit({"email": "li@example.com", "region": "上海"}, actor, morning)
    customer.edit({"email": None, "region": ""}, actor, morning)
    assert (clear_values(customer)["email"], customer.region, customer.version) == (None, None, 3)
    for empty in (None, "", "  "):
        assert faults_of(lambda: customer.edit({"name": empty}, actor, morning)) == [("name",)]  # noqa: B023 - called at once


@pytest.mark.parametrize("field", ["owner_id", "tier_id", "stage", "version", "id", "created_at", "external_id"])
def test_what_has_an_act_of_its_own_is_not_edited(customer, actor, morning, field):
    before = getattr(customer, field)
    with pytest.raises(Faults):
        customer.edit({field: None, "region": "上海"}, actor, morning)
    assert (getattr(customer, field), take_events(customer)) == (before, [])
    assert field not in EDITABLE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mobile", "1381234567"),
        ("email", "nobody"),
        ("id_number", "110101199003070000"),
        ("birth_date", "2026-02-30"),
        ("wechat_id", "!"),
        ("region", "上\x00海"),
        ("industry", "业" * 101),
        ("mobile", "138****5678"),
    ],
)
def test_a_refused_value_is_not_repeated_and_leaves_no_event(customer, actor, morning, field, value):
    with pytest.raises(Faults) as refusal:
        customer.edit({field: value}, actor, morning)
    assert [error.field for error in refusal.value.errors] == [(field,)]
    assert value not in str(refusal.value) + repr(refusal.value)
    assert (customer.version, take_events(customer)) == (1, [])


def test_a_contact_moves_the_last_interaction_forward_only_and_leaves_version_and_time(customer, morning):
    customer.contacted(morning + HOUR)
    customer.contacted(morning)
    assert (customer.last_interaction_at, customer.version, customer.updated_at) == (morning + HOUR, 1, morning)


def test_the_beginning_is_recorded_and_is_no_change(customer, actor, morning):
    customer.created(actor, morning)
    [event] = take_events(customer)
    assert (event.kind, event.customer_id, event.actor_id, event.at) == (
        EventKind.CREATED,
        customer.id,
        actor,
        morning,
    )
    assert (customer.version, customer.updated_at) == (1, morning)


def test_history_is_made_of_the_kinds_that_customers_record():
    assert {str(kind) for kind in CUSTOMER_CHANGES} == {
        "CREATED", "EDITED", "STAGE_MOVED", "TIER_ASSIGNED", "TRANSFERRED",
    }  # fmt: skip


def test_every_plain_text_of_a_customer_is_bounded():
    """A new one goes on SHORT_TEXTS, or is no text."""
    columns = inspect(Customer).columns
    given = (EDITABLE - {"tags", *PERSONAL}) | {"source", "external_id", "external_system"}
    assert {name for name in given if columns[name].type.python_type is str} == set(SHORT_TEXTS)
