"""The 61 audits of graphql-http ("GraphQL over HTTP" as its authors test it), over a real socket."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "audits"
CHECKOUT = Path(__file__).resolve().parents[2]
AUDITS = 61
# Queries by GET are a MAY that we decline: a URL with a customer's name in it stays in proxies' logs and histories.
DECLINED = {"5A70", "D6D5", "6A70"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The endpoint, served by a process of its own on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        os.set_inheritable(listener.fileno(), True)
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "tests.http.stub:app", "--no-access-log", "--log-level", "warning"]
        server = subprocess.Popen(
            [*command, "--fd", str(listener.fileno())], cwd=CHECKOUT, pass_fds=[listener.fileno()]
        )
        try:
            _wait_until_alive(f"http://127.0.0.1:{port}/healthz", server)
            yield f"http://127.0.0.1:{port}/graphql"
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="module")
def node() -> str:
    """Node's program, with the audits installed as the lock file says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    assert node, "these audits are written in JavaScript: install Node.js 20 or newer"
    assert npm, "these audits are installed by npm: install it beside Node.js"
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        subprocess.run([npm, "ci", "--ignore-scripts"], cwd=HERE, check=True, capture_output=True, timeout=120)
    return node


def test_all_audits_of_graphql_over_http_are_ok_but_for_queries_by_get(url: str, node: str) -> None:
    done = subprocess.run([node, "audit.mjs", url], cwd=HERE, check=True, capture_output=True, timeout=60)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result for result in results if result["status"] != "ok" and result["id"] not in DECLINED] == []
    assert {result["id"]: result["status"] for result in results if result["id"] in DECLINED} == dict.fromkeys(
        DECLINED, "notice"
    )
    assert len(results) == AUDITS


def test_the_lock_pins_the_audits_and_names_no_registry() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)


def _wait_until_alive(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(url, timeout=1) as response:
                assert response.status == 200
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not answer within 30 seconds")
