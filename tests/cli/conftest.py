"""Real processes, each in a folder of its own."""

import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from server.cli import app

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **more}


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`process("serve", ZHIKE_PORT="0")`: the command as a process of its own, run to its end."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "server", *arguments]
        return subprocess.run(
            command, env=environment(**more), capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    return run


@pytest.fixture
def zhike(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """The same within this process, for commands that leave nothing behind in it: a second faster."""
    for name in [name for name in os.environ if name.startswith("ZHIKE_")]:
        monkeypatch.delenv(name)
    yield lambda *arguments, **more: CliRunner().invoke(app, arguments, env=more, catch_exceptions=False)
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not type(one).__module__.startswith("server.")]
    structlog.reset_defaults()  # the log went to the runner's standard error, which is closed by now


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A data folder with a short name, for the socket in it; kept between the starts of one run."""
    made = Path(tempfile.mkdtemp(prefix="zhike-cli-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


class Demo:
    """A running `zhike demo --json`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "server", "demo", "--json", "--data-dir", str(folder), *arguments]
        self.process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.line = self._line()
        self.told = json.loads(self.line)

    def _line(self) -> bytes:
        assert self.process.stdout
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                if line := self.process.stdout.readline():
                    return line
                break
        self.process.kill()
        raise AssertionError(self.process.communicate()[1].decode())

    def ask(self, login: str, query: str) -> Any:
        body = json.dumps({"query": query}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.told['tokens'][login]}"}
        with urllib.request.urlopen(urllib.request.Request(self.told["url"], body, headers)) as reply:
            return json.load(reply)["data"]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, bytes, bytes]:
        """Exit code, and what came on standard output after the line, and on standard error."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@pytest.fixture
def demo(folder: Path) -> Iterator[Callable[..., Demo]]:
    """`demo("--customers", "210")`; stopped at the end at the latest."""
    started: list[Demo] = []

    def start(*arguments: str) -> Demo:
        started.append(Demo(folder, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]
