"""Real processes, each in a folder of its own."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from server.cli import app
from tests.processes import PATIENCE, Demo, environment


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
