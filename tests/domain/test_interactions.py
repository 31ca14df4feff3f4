"""Conversations (S42): they lie in the past, say something, and move nothing but the last contact."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.channel import Channel, Direction
from domain.errors import Invalid
from domain.event import EventKind, take_events
from domain.interaction import Interaction


def logged(customer, occurred_at, at, actor, summary="询问交货期"):
    return Interaction.logged(
        customer,
        channel=Channel.PHONE,
        direction=Direction.INBOUND,
        occurred_at=occurred_at,
        summary=summary,
        staff_id=actor,
        at=at,
    )


def test_a_conversation_is_kept_with_its_time_and_moves_the_last_contact(customer, actor, morning):
    yesterday = morning - timedelta(days=1)
    made = logged(customer, yesterday, morning, actor)
    assert (made.occurred_at, made.created_at, made.summary) == (yesterday, morning, "询问交货期")
    assert (made.customer_id, made.person_id, made.staff_id) == (customer.id, customer.id, actor)
    assert customer.last_interaction_at == yesterday


def test_logging_leaves_version_and_update_time_of_the_customer(customer, actor, morning):
    logged(customer, morning, morning + timedelta(hours=1), actor)
    assert (customer.version, customer.updated_at) == (1, morning)


def test_a_conversation_that_is_older_than_the_last_does_not_move_it_back(customer, actor, morning):
    logged(customer, morning, morning, actor)
    logged(customer, morning - timedelta(days=9), morning, actor)
    assert customer.last_interaction_at == morning


def test_a_conversation_happening_now_is_kept(customer, actor, morning):
    assert logged(customer, morning, morning, actor).occurred_at == morning


@pytest.mark.parametrize("ahead", [timedelta(microseconds=1), timedelta(seconds=4), timedelta(minutes=5)])
def test_a_clock_that_is_minutes_ahead_is_taken_for_now(customer, actor, morning, ahead):
    assert logged(customer, morning + ahead, morning, actor).occurred_at == morning
    assert customer.last_interaction_at == morning


def test_a_conversation_in_the_future_is_refused_until_it_has_come(customer, actor, morning):
    ahead = timedelta(minutes=5, microseconds=1)
    with pytest.raises(Invalid) as refusal:
        logged(customer, morning + ahead, morning, actor)
    assert (refusal.value.field, refusal.value.heals_with_time) == (("occurredAt",), True)
    assert customer.last_interaction_at is None
    logged(customer, morning + ahead, morning + timedelta(microseconds=1), actor)


def test_a_conversation_before_1900_is_refused_for_good(customer, actor, morning):
    with pytest.raises(Invalid) as refusal:
        logged(customer, datetime(1899, 12, 31, tzinfo=UTC), morning, actor)
    assert not refusal.value.heals_with_time


@pytest.mark.parametrize("summary", ["", "  \n", "坏\x00字符"])
def test_a_conversation_without_words_that_can_be_kept_is_refused(customer, actor, morning, summary):
    with pytest.raises(Invalid) as refusal:
        logged(customer, morning, morning, actor, summary)
    assert refusal.value.field == ("summary",)
    assert customer.last_interaction_at is None


def test_a_conversation_is_recorded_without_its_words(customer, actor, morning):
    made = logged(customer, morning, morning, actor)
    [event] = take_events(made)
    assert (event.kind, event.interaction_id, event.customer_id, event.actor_id) == (
        EventKind.INTERACTION_LOGGED,
        made.id,
        customer.id,
        actor,
    )
    assert (event.before, event.after, event.reason) == (None, None, None)
    assert not event.fields
