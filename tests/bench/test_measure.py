"""What rounds come to: ratios within a round, processor time over all of them."""

import pytest

from bench.load import Load
from bench.measure import Sample, ratio, typical


def sample(answers, latency, server):
    return Sample.of(Load([latency] * answers, answers * latency), server, database=0.0)


# The machine is ten times as slow in the second round, and the clock of processor time misses the first one's.
ROUNDS = {
    "floor": [sample(10, 0.001, 0.01), sample(10, 0.010, 0.01)],
    "ours": [sample(10, 0.002, 0.0), sample(10, 0.020, 0.04)],
}


def test_a_ratio_does_not_follow_the_speed_of_the_machine():
    assert ratio(ROUNDS, "ours", "floor", "p50") == pytest.approx(2)
    assert ratio(ROUNDS, "ours", "floor", "p99") == pytest.approx(2)


def test_half_as_many_answers_are_twice_as_dear():
    assert ratio(ROUNDS, "ours", "floor", "per_second") == pytest.approx(2)


def test_processor_time_is_added_up_over_the_rounds():
    assert typical(ROUNDS, "ours", "server_cpu") == pytest.approx(0.002)
    assert ratio(ROUNDS, "ours", "floor", "server_cpu") == pytest.approx(2)
