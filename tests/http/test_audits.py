"""The 61 audits of graphql-http ("GraphQL over HTTP" as its authors test it), over a real socket to the real server."""

import json
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "audits"
AUDITS = 61


@pytest.mark.parametrize("caller", [None, "rep"], ids=["without a token", "with a token"])
def test_all_audits_of_graphql_over_http_are_ok(server, audits_installed: str, caller: str | None) -> None:
    arguments = [server.url, server.tokens[caller]] if caller else [server.url]
    done = subprocess.run(
        [audits_installed, "audit.mjs", *arguments], cwd=HERE, check=True, capture_output=True, timeout=60
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS


def test_the_lock_pins_the_audits_and_names_no_registry() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
