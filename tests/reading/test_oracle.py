"""Generated operations, answered by plans, by the executor and by the oracle: the bytes are the same."""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tests.reading.asking import questions, values
from tests.reading.comparing import Both
from tests.reading.data import World
from tests.reading.reader import Reader

EXAMPLES = int(os.environ.get("ZHIKE_TEST_EXAMPLES", "300"))
NOT_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def same_kind(world: World, name: str) -> str:
    """The other viewer of this kind."""
    kind = world.viewers[name].kind
    return next(other for other, viewer in world.viewers.items() if viewer.kind == kind and other != name)


@settings(max_examples=EXAMPLES, suppress_health_check=NOT_SLOW, phases=set(Phase) - {Phase.explain})
@given(data=st.data())
async def test_a_generated_operation_is_answered_alike_by_plan_executor_and_oracle(
    data: Any, both: Both, world: World, reader: Reader
) -> None:
    question = data.draw(questions(world, values(world), reader.cursors))
    viewer, executed = data.draw(st.sampled_from(list(world.viewers))), data.draw(st.integers(0, 2)) == 0
    reader.renew()
    if both.beyond(await reader.ask(world.viewers[viewer], *question)):
        event("beyond the limits of a document")
        return
    assert not await both.differences(viewer, *question)
    assert not await both.differences(same_kind(world, viewer), *question), "second viewer"
    if executed:
        assert not await both.executed_differences(viewer, *question), "executor"
