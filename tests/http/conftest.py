"""A server as users run it: `zhike demo`, a process of its own, asked over sockets."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
HERE = Path(__file__).parent / "audits"


class RunningServer:
    """One process with a small demo in a folder of its own; its log lines are JSON on standard error."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.log = folder / "log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "demo", "--json", "--port", "0", "--customers", "12",
                 "--data-dir", str(folder / "data")],
                env={**kept, "PYTHONPATH": str(CHECKOUT), **settings}, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.told: dict[str, Any] = json.loads(line)
        self.url: str = self.told["url"]
        self.root = self.url.removesuffix("/graphql")
        self.tokens: dict[str, str] = self.told["tokens"]
        parts = urlsplit(self.url)
        self.address = (parts.hostname, parts.port)

    def client(self, caller: str | None = None) -> httpx2.Client:
        headers = {"authorization": f"Bearer {self.tokens[caller]}"} if caller else {}
        return httpx2.Client(headers=headers, timeout=PATIENCE)

    def post(self, query: str, caller: str | None = None, **options: Any) -> httpx2.Response:
        with self.client(caller) as client:
            return client.post(self.url, json={"query": query, **options.pop("body", {})}, **options)

    def raw(self, data: bytes) -> bytes:
        """What comes back until the server closes the connection."""
        with socket.create_connection(self.address, timeout=30) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    def log_lines(self) -> list[dict[str, Any]]:
        """Every line since the demo's own messages, which are for people."""
        lines = self.log.read_text().splitlines()
        begun = next(place for place, line in enumerate(lines) if line.startswith("{"))
        return [json.loads(line) for line in lines[begun:]]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout
        self.process.stdout.close()
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short name, for the database's socket in it."""
    made = Path(tempfile.mkdtemp(prefix="zhike-http-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def server(short_folder: Path) -> Iterator[RunningServer]:
    folder = short_folder / "a"
    folder.mkdir(mode=0o711)
    running = RunningServer(folder)
    with urllib.request.urlopen(f"{running.root}/healthz") as response:
        assert response.status == 200
    yield running
    running.stop()


@pytest.fixture(scope="session")
def audits_installed() -> str:
    """Node's program, with the audits and clients installed as the lock file says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    assert node, "these audits are written in JavaScript: install Node.js 20 or newer"
    assert npm, "these audits are installed by npm: install it beside Node.js"
    if not (HERE / "node_modules" / "graphql-sse").exists():
        subprocess.run([npm, "ci", "--ignore-scripts"], cwd=HERE, check=True, capture_output=True, timeout=120)
    return node
