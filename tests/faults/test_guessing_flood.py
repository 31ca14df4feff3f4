"""Hundreds of connections guess at passwords of a real server: others are answered as if nobody did.

ZHIKE_TEST_GUESSERS says how many connections there are, 300 without it.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import pytest

from auth.entering import passwords
from auth.entering.tokens import mint
from domain.identity import public_id
from server.settings import Settings
from tests.api.house import Api

CHECKOUT = Path(__file__).resolve().parents[2]
GUESSERS = int(os.environ.get("ZHIKE_TEST_GUESSERS", "300"))
PATIENCE = 120.0
PASSWORD = "仓库 correct horse battery"
SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }"
READ = "{ viewer { role } customers(first: 5) { nodes { id } } }"

LEAST_ALONE = 0.02
"""Seconds. Alone a request takes a few milliseconds, in which the noise of a busy machine is a large part."""


class Guessed:
    """`zhike serve` behind a proxy that it trusts, and what comes from many addresses."""

    def __init__(self, api: Api, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.api = api
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
        ours = {
            "ZHIKE_DATABASE_URL": api.url,
            "ZHIKE_KEYS": api.ring.dump(),
            "ZHIKE_PORT": str(self.port),
            "ZHIKE_TRUSTED_PROXIES": "127.0.0.1",
            "ZHIKE_SIGN_IN_ALARM": "50",
        }
        command = [sys.executable, "-m", "server", "serve"]
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, env={**kept, **ours, "PYTHONPATH": str(CHECKOUT)}, stderr=out)
        self.log = log

    async def post(self, line: "Line", query: str, token: str | None = None, **variables: Any) -> Any:
        return await line.post(json.dumps({"query": query, "variables": variables}), token)

    async def sign_in(self, line: "Line", login: str, password: str) -> str:
        """The first refusal's code, or an empty text."""
        told = await self.post(line, SIGN_IN, input={"login": login, "password": password})
        return next((error["code"] for error in told["data"]["signIn"]["userErrors"]), "")

    def fresh_token(self, login: str) -> str:
        """A token that the server has not seen yet."""
        settings = Settings()
        subject = public_id("stf", self.api.house.staff[login].id)
        names = {"issuer": settings.issuer, "audience": settings.audience}
        return mint(self.api.ring, subject, "tests", [], timedelta(hours=1), **names)

    @asynccontextmanager
    async def line(self, address: str) -> AsyncIterator["Line"]:
        line = Line(*await self._connected(), address)
        try:
            yield line
        finally:
            line.writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)


class Line:
    """One connection that stays open, for one client at some address: as little work as a client can do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        self.reader, self.writer, self.address = reader, writer, address

    async def post(self, body: str, token: str | None = None) -> Any:
        sent = body.encode()
        head = [
            "POST /graphql HTTP/1.1", "host: zhike", f"x-forwarded-for: {self.address}",
            "content-type: application/json", f"content-length: {len(sent)}",
            *([f"authorization: Bearer {token}"] if token else []),
        ]  # fmt: skip
        self.writer.write("\r\n".join([*head, "", ""]).encode() + sent)
        headers = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(headers.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return json.loads(await self.reader.readexactly(length))


@pytest.fixture
async def server(api: Api, tmp_path: Path) -> AsyncIterator[Guessed]:
    with psycopg.connect(api.url) as connection:
        connection.execute("UPDATE staff_member SET password_hash = %s", [passwords.hashed(PASSWORD)])
    made = Guessed(api, tmp_path / "server.log")
    yield made
    made.process.send_signal(signal.SIGKILL)
    made.process.wait(PATIENCE)


@asynccontextmanager
async def flood(server: Guessed, login: Callable[[], str], address: str) -> AsyncIterator[Counter[str]]:
    """So many connections, each of which asks again as soon as it is answered; counts what they were told."""
    told: Counter[str] = Counter()

    async def guess() -> None:
        async with server.line(address) as line:
            while True:
                told[await server.sign_in(line, login(), "wrong")] += 1

    guessers = [asyncio.create_task(guess()) for _ in range(GUESSERS)]
    try:
        async with asyncio.timeout(PATIENCE):
            while told.total() < GUESSERS // 3:  # noqa: ASYNC110 - guessers count, and tell nobody
                await asyncio.sleep(0.05)
        yield told
    finally:
        for guesser in guessers:
            guesser.cancel()
        await asyncio.gather(*guessers, return_exceptions=True)


async def seconds_of(server: Guessed, line: Line) -> list[float]:
    """How long a request under a token that was never seen takes, time and again."""
    taken = []
    for _ in range(15):
        token, begun = server.fresh_token("manager"), perf_counter()
        told = await server.post(line, READ, token)
        taken.append(perf_counter() - begun)
        assert told["data"]["viewer"] == {"role": "MANAGER"}
        await asyncio.sleep(0.02)
    return taken


def one_login() -> str:
    return "rep"


MADE_UP = map("nobody{}".format, count())


@pytest.mark.parametrize("login", [one_login, MADE_UP.__next__], ids=["one login", "made-up logins"])
async def test_beside_a_flood_of_guesses_others_read_and_sign_in(server: Guessed, login: Callable[[], str]):
    async with server.line("198.51.100.1") as office:
        await seconds_of(server, office)
        alone = median(await seconds_of(server, office))
        async with flood(server, login, "203.0.113.9") as told:
            beside = median(await seconds_of(server, office))
            codes = [await server.sign_in(office, "agent", PASSWORD) for _ in range(3)]
            again = median(await seconds_of(server, office))
    print(f"alone {alone * 1000:.1f} ms, beside {beside * 1000:.1f} and {again * 1000:.1f} ms, flood told {told}")
    assert codes == ["", "", ""]
    assert min(beside, again) <= 3 * max(alone, LEAST_ALONE)
    assert told.keys() <= {"WRONG_CREDENTIALS", "LIMIT_EXCEEDED"}


async def test_a_flood_at_one_login_is_told_to_wait_and_keeps_no_other_login_of_its_address_waiting(server: Guessed):
    async with flood(server, one_login, "203.0.113.9") as told, server.line("203.0.113.9") as neighbour:
        await seconds_of(server, neighbour)
        assert await server.sign_in(neighbour, "agent", PASSWORD) == ""
    assert told["WRONG_CREDENTIALS"] <= 20
    assert told["LIMIT_EXCEEDED"] > 0
    audited = server.api.rows("SELECT count(*) FROM audit WHERE act = 'signIn' AND outcome <> 'DONE'")
    assert audited[0][0] <= 20
    assert b'"sign_in_guessing"' in server.log.read_bytes()
