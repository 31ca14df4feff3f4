"""Cores and processor time, as Linux tells them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TICK = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[int, int]:
    """A core for the servers, and one for the database and the load. Raises RuntimeError where there are no two."""
    if not hasattr(os, "sched_setaffinity"):
        raise RuntimeError("The measure needs Linux: it pins processes and reads their processor time from /proc")
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise RuntimeError("The measure needs two cores: one for the server, one for the database and the load")
    return usable[0], usable[1]


def pinned(core: int) -> Callable[[], None]:
    """For `preexec_fn`: the new process stays on this core."""
    return lambda: os.sched_setaffinity(0, {core})


def server_time(pid: int) -> float:
    """Seconds of processor time of one process so far."""
    return _stat(pid).own


def database_time(postmaster: int) -> float:
    """Seconds of processor time of all backends of a PostgreSQL server, those that ended included."""
    running = [_stat(int(folder.name)) for folder in Path("/proc").glob("[0-9]*")]
    return _stat(postmaster).ended + sum(one.own for one in running if one.parent == postmaster)


class _Stat(NamedTuple):
    parent: int
    own: float
    ended: float


def _stat(pid: int) -> _Stat:
    """From proc_pid_stat(5); zeros for a process that has just ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return _Stat(0, 0.0, 0.0)
    fields = stat.rpartition(")")[2].split()
    user, system, ended_user, ended_system = (int(field) / TICK for field in fields[11:15])
    return _Stat(int(fields[1]), user + system, ended_user + ended_system)
