"""Rounds of load, one server after the other, and what they come to.

The speed of a machine swings from minute to minute; of one round to the next it hardly does. So the servers take turns
in short rounds, each ratio is taken within its round, and the median of the rounds counts. Processor time is told in
hundredths of a second only, so that it is added up over all rounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from bench.load import Load, load
from bench.machine import database_time, server_time
from bench.rivals import Rival

TIMED = ("p50", "p99", "per_second")
PROCESSOR = ("server_cpu", "database_cpu")
MEASURES = (*TIMED, *PROCESSOR)


@dataclass(frozen=True)
class Sample:
    """One server in one round: seconds, answers per second, and seconds of processor time for all answers together."""

    answers: int
    p50: float
    p99: float
    per_second: float
    server_cpu: float
    database_cpu: float

    @classmethod
    def of(cls, load: Load, server: float, database: float) -> "Sample":
        """From the load and the processor time that it took."""
        cuts = quantiles(load.latencies, n=100, method="inclusive")
        answers = len(load.latencies)
        return cls(answers, cuts[49], cuts[98], answers / load.seconds, server, database)


Rounds = dict[str, list[Sample]]
"""By server, one sample for each round."""


def measured(
    servers: Sequence[Rival],
    asked: Sequence[bytes],
    connections: int,
    seconds: float,
    rounds: int,
    postmaster: int,
    tick: Callable[[], None],
) -> Rounds:
    """All rounds of one question. The first round warms up and does not count."""
    found: Rounds = {server.name: [] for server in servers}
    for turn in range(rounds + 1):
        for server in servers:
            sample = _sample(server, asked, connections, seconds, postmaster)
            if turn:
                found[server.name].append(sample)
            tick()
    return found


def _sample(server: Rival, asked: Sequence[bytes], connections: int, seconds: float, postmaster: int) -> Sample:
    server_before, database_before = server_time(server.pid), database_time(postmaster)
    done = load(server.port, asked, connections, seconds)
    return Sample.of(done, server_time(server.pid) - server_before, database_time(postmaster) - database_before)


def typical(rounds: Rounds, name: str, measure: str) -> float:
    """The median of the rounds; of processor time the seconds per answer."""
    samples = rounds[name]
    if measure in PROCESSOR:
        return float(sum(getattr(one, measure) for one in samples) / sum(one.answers for one in samples))
    return float(median(getattr(one, measure) for one in samples))


def ratio(rounds: Rounds, name: str, to: str, measure: str) -> float:
    """How many times as much `name` needs as `to`: of seconds its share, of answers per second the other's."""
    if measure in PROCESSOR:
        return typical(rounds, name, measure) / max(typical(rounds, to, measure), 1e-9)
    pairs = zip(rounds[name], rounds[to], strict=True)
    if measure == "per_second":
        return median(other.per_second / one.per_second for one, other in pairs)
    return float(median(getattr(one, measure) / getattr(other, measure) for one, other in pairs))
