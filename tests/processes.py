"""The product as processes of its own, before real sockets."""

import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **more}


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
