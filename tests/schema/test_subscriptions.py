"""Every field that can be subscribed to has an answer of its own."""

from types import SimpleNamespace

import pytest
from graphql import build_schema

from domain.identity import new_id
from schema.answering import execution, streaming
from schema.answering.asked import Asked, Subscribed
from schema.answering.execution import Execution
from schema.build import SubscriptionGap, build, check_subscriptions

TWO = "type Query { a: Int } type Subscription { ticketChanged: Int customerChanged: Int }"


def test_a_subscription_that_nothing_answers_stops_the_process(monkeypatch) -> None:
    with pytest.raises(SubscriptionGap, match="customerChanged"):
        check_subscriptions(build_schema(TWO))
    with pytest.raises(SubscriptionGap, match="ticketChanged"):
        check_subscriptions(build_schema("type Query { a: Int }"))
    monkeypatch.setitem(streaming.SUBSCRIPTIONS, "customerChanged", None)
    check_subscriptions(build_schema(TWO))
    with pytest.raises(SubscriptionGap, match="customerChanged"):
        build()


async def test_a_subscription_is_answered_by_what_stands_under_its_own_name(monkeypatch) -> None:
    class Recorded:
        def __init__(self, field, values, planner, lend) -> None:
            self.key = field.key

        async def replies(self, viewer, still):
            yield {"data": {self.key: "mine"}}

    monkeypatch.setattr(execution, "SUBSCRIPTIONS", {"ticketChanged": Recorded})
    one = Execution(build(), SimpleNamespace(), None)
    subscribed = await one.answer(
        Asked("subscription { t: ticketChanged { id } }", None, {}), SimpleNamespace(id=new_id())
    )
    assert isinstance(subscribed, Subscribed)
    assert [reply async for reply in subscribed.replies(None)] == [{"data": {"t": "mine"}}]
