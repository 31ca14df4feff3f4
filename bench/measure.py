"""Rounds of load, one server after the other, and what they come to.

The speed of a machine swings from minute to minute; of one round to the next it does not. So the servers take turns in
short rounds, each ratio is taken within its round, and the median of the rounds counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from bench.load import Load, load
from bench.machine import database_time, server_time
from bench.rivals import Rival

MEASURES = ("p50", "p99", "per_second", "server_cpu", "database_cpu")


@dataclass(frozen=True)
class Sample:
    """One server in one round: seconds, answers per second, seconds of processor time per answer."""

    p50: float
    p99: float
    per_second: float
    server_cpu: float
    database_cpu: float

    @classmethod
    def of(cls, load: Load, server: float, database: float) -> "Sample":
        """From the load and the processor time that it took."""
        answers = len(load.latencies)
        cuts = quantiles(load.latencies, n=100, method="inclusive")
        return cls(cuts[49], cuts[98], answers / load.seconds, server / answers, database / answers)


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
    """The median of the rounds."""
    return float(median(getattr(sample, measure) for sample in rounds[name]))


def ratio(rounds: Rounds, name: str, to: str, measure: str) -> float:
    """How many times as much `name` needs as `to`: of seconds its share, of answers per second the other's."""
    pairs = zip(rounds[name], rounds[to], strict=True)
    if measure == "per_second":
        return median(other.per_second / one.per_second for one, other in pairs)
    return float(median(getattr(one, measure) / max(getattr(other, measure), 1e-6) for one, other in pairs))
