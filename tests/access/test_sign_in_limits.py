"""What keeps guesses at passwords from keeping others out: fair turns, held refusals, short memories."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from auth.entering.attempts import Origin, too_many
from auth.entering.pacing import FORGOTTEN_PER_SECOND, FREE_FAILURES, MAX_HOLD, MAX_SOURCES, MAX_SPACING, FailurePacer
from auth.entering.queueing import FairQueue
from auth.entering.refusals import MAX_KNOWN, MAX_SECONDS, KnownRefusals
from domain.errors import LimitExceeded


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Crowd:
    """Tasks that take their turn, are noted down, and stay until they are let go."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue, self.order = queue, list[str]()
        self.go = asyncio.Semaphore(0)
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, *sources: str) -> None:
        for source in sources:
            self.tasks.append(asyncio.create_task(self._stay(source)))
            await asyncio.sleep(0)
        await asyncio.sleep(0)  # for those who had to make room

    async def let_go(self, count: int) -> None:
        for _ in range(count):
            self.go.release()
            for _ in range(5):
                await asyncio.sleep(0)

    def refused(self) -> list[int]:
        """Which of those that came were refused, by their order."""
        done = [(at, task) for at, task in enumerate(self.tasks) if task.done()]
        return [at for at, task in done if not task.cancelled() and isinstance(task.exception(), LimitExceeded)]

    async def _stay(self, source: str) -> None:
        async with self.queue.turn(source):
            self.order.append(source)
            await self.go.acquire()


async def test_sources_take_turns_however_many_attempts_one_of_them_sends():
    crowd = Crowd(FairQueue(1))
    await crowd.come(*["flood"] * 50, "office", "home")
    await crowd.let_go(4)
    assert crowd.order[:4] == ["flood", "flood", "office", "home"]
    await crowd.let_go(60)
    assert len(crowd.order) == 52


async def test_attempts_beyond_the_bounds_are_refused_at_once_and_told_when_to_come_back():
    crowd = Crowd(FairQueue(2, max_waiting=10, max_per_source=6))
    await crowd.come(*["flood"] * 12)
    assert crowd.refused() == [8, 9, 10, 11]
    refusal = crowd.tasks[8].exception()
    assert isinstance(refusal, LimitExceeded)
    assert refusal.retry_after == 2
    await crowd.let_go(8)
    assert len(crowd.order) == 8


async def test_a_full_queue_makes_room_for_who_sends_less():
    crowd = Crowd(FairQueue(1, max_waiting=6, max_per_source=5))
    await crowd.come("a", *["a"] * 4, *["b"] * 2, "office")
    assert crowd.refused() == [4], "the last one of the longest line"
    await crowd.come("b")
    assert crowd.refused() == [4, 8], "who has as many waiting as others is refused"
    await crowd.let_go(7)
    assert sorted(crowd.order) == ["a"] * 4 + ["b"] * 2 + ["office"]


async def test_who_leaves_while_waiting_takes_no_turn_and_loses_none():
    queue = FairQueue(1)
    crowd = Crowd(queue)
    await crowd.come("a", "b", "c", "b")
    crowd.tasks[1].cancel()
    await asyncio.sleep(0)
    assert queue.waiting == 2
    crowd.go.release()
    await asyncio.sleep(0)
    crowd.tasks[2].cancel()  # at the moment its turn comes, or just after
    await crowd.let_go(3)
    assert queue.waiting == 0
    again = Crowd(queue)
    await again.come("d")
    assert again.order == ["d"]
    await again.let_go(1)


async def test_no_turn_is_lost_whenever_those_who_wait_are_cancelled():
    for moment in range(12):
        queue = FairQueue(1)
        crowd = Crowd(queue)
        await crowd.come("a", "b", "c")
        crowd.go.release()
        for _ in range(moment):
            await asyncio.sleep(0)
        crowd.tasks[1].cancel()
        await crowd.let_go(3)
        assert queue.waiting == 0
        again = Crowd(queue)
        await again.come("d")
        assert again.order == ["d"], f"after {moment} steps"
        await again.let_go(1)


def test_a_few_failures_are_answered_at_once_and_more_of_them_later_and_later():
    clock = Clock()
    pacer = FailurePacer(clock)
    assert [pacer.failed("office") for _ in range(int(FREE_FAILURES))] == [0.0] * int(FREE_FAILURES)
    held = [pacer.failed("office") for _ in range(300)]
    assert held == sorted(held)
    assert held[0] > 0
    assert held[-1] == MAX_HOLD
    assert pacer.failed("elsewhere") == 0


def test_answers_to_one_source_go_out_one_after_the_other_at_most_25_a_second():
    clock = Clock()
    pacer = FailurePacer(clock)
    for _ in range(100):
        pacer.failed("flood")
    clock.now += MAX_HOLD
    times = [clock.now + pacer.failed("flood") for _ in range(20)]
    assert all(later - earlier == pytest.approx(MAX_SPACING) for earlier, later in pairwise(times))


def test_failures_are_forgotten_with_time():
    clock = Clock()
    pacer = FailurePacer(clock)
    for _ in range(30):
        pacer.failed("office")
    clock.now += 30 / FORGOTTEN_PER_SECOND
    assert pacer.failed("office") == 0


def test_a_crowd_of_sources_does_not_fill_the_memory():
    clock = Clock()
    pacer, refusals = FailurePacer(clock), KnownRefusals(clock)
    for number in range(MAX_SOURCES + MAX_KNOWN):
        pacer.failed(str(number))
        refusals.remember(Origin("rep", str(number)), known(60))
    assert len(pacer._records) == MAX_SOURCES
    assert len(refusals._until) == MAX_KNOWN


def test_a_refusal_is_remembered_for_some_seconds_and_counts_down():
    clock = Clock()
    refusals = KnownRefusals(clock)
    refusals.remember(Origin("rep", "here"), known(60))
    refusals.check(Origin("rep", "there"))
    refusals.check(Origin("admin", "here"))
    clock.now += MAX_SECONDS - 1
    with pytest.raises(LimitExceeded) as refused:
        refusals.check(Origin("rep", "here"))
    assert refused.value.retry_after == 56
    clock.now += 1
    refusals.check(Origin("rep", "here"))


def known(seconds: int) -> LimitExceeded:
    return too_many(timedelta(seconds=seconds))
