"""The three servers: each one process on the same core, on the same database, one asked at a time."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Refused, ask
from bench.machine import pinned

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
UVICORN = [sys.executable, "-m", "uvicorn", "--factory", "--loop", "uvloop", "--http", "httptools"]
QUIET = ["--no-access-log", "--log-level", "warning"]
NAMES = ("floor", "ours", "stock")


@dataclass(frozen=True)
class Rival:
    """A server that runs."""

    name: str
    pid: int
    port: int


class NotStarted(Exception):
    """A server ended or stayed silent; says what it wrote last."""


@contextmanager
def rivals(environment: Mapping[str, str], core: int, question: bytes) -> Iterator[list[Rival]]:
    """All three, once they answer the question; they end with the block. Raises NotStarted."""
    with ExitStack() as stack:
        yield [stack.enter_context(_running(name, environment, core, question)) for name in NAMES]


def _command(name: str, port: int) -> list[str]:
    if name == "ours":
        return [sys.executable, "-m", "server", "serve", "--port", str(port)]
    return [*UVICORN, *QUIET, "--port", str(port), f"bench.{name}:app"]


@contextmanager
def _running(name: str, environment: Mapping[str, str], core: int, question: bytes) -> Iterator[Rival]:
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            _command(name, port),
            cwd=ROOT,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=pinned(core),  # noqa: PLW1509 - no threads here
        )
        try:
            _wait(process, port, name, question)
            yield Rival(name, process.pid, port)
        except NotStarted as failed:
            log.seek(0)
            said = log.read()[-3000:].decode(errors="replace")
            raise NotStarted(f"{failed}\n{said}") from None
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(process: "subprocess.Popen[bytes]", port: int, name: str, question: bytes) -> None:
    end, said = time.monotonic() + PATIENCE, "nothing"
    while time.monotonic() < end and process.poll() is None:
        try:
            ask(port, question)
        except (OSError, Refused) as failed:
            said = str(failed)
            time.sleep(0.1)
        else:
            return
    raise NotStarted(f"{name} does not answer: {said}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
