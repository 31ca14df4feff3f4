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


def pin_database(postmaster: int, core: int) -> None:
    """A PostgreSQL server stays on this core, with all that it has started and will start."""
    for pid in (postmaster, *_children(postmaster)):
        os.sched_setaffinity(pid, {core})


def server_time(pid: int) -> float:
    """Seconds of processor time of one process so far."""
    return _stat(pid).own


def database_time(postmaster: int) -> float:
    """Seconds of processor time of all backends of a PostgreSQL server, those that ended included."""
    return _stat(postmaster).ended + sum(_stat(pid).own for pid in _children(postmaster))


def _children(parent: int) -> list[int]:
    running = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in running if _stat(pid).parent == parent]


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
