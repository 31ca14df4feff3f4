"""No acknowledged act is lost and none happens twice, though the server is killed again and again.

ZHIKE_TEST_KILLS and ZHIKE_TEST_CLIENTS say how often, and how many clients there are: 5 and 8 without them.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from auth.entering.tokens import mint
from server.settings import Settings
from tests.api.house import Api, a_customer
from tests.faults.crowd import Crowd, checked

CHECKOUT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("ZHIKE_TEST_KILLS", "5"))
CLIENTS = int(os.environ.get("ZHIKE_TEST_CLIENTS", "8"))
PATIENCE = 120.0


class Server:
    """`zhike serve` on a port of its own, killed and started at will."""

    def __init__(self, api: Api, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = log
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
        ours = {"ZHIKE_DATABASE_URL": api.url, "ZHIKE_KEYS": api.ring.dump(), "ZHIKE_PORT": str(self.port)}
        self.environment = {**kept, **ours, "PYTHONPATH": str(CHECKOUT)}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "server", "serve"], env=self.environment, stderr=log)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@pytest.fixture
def server(api: Api, tmp_path: Path) -> Iterator[Server]:
    made = Server(api, tmp_path / "server.log")
    yield made
    if made.process.poll() is None:
        made.end(signal.SIGKILL)


async def test_every_acknowledged_act_is_there_once_whenever_the_server_is_killed(api: Api, server: Server):
    chance = Random(2026)
    customers = [a_customer(api.house.staff["rep"], {"name": "王小明"}) for _ in range(10)]
    await api.write(*customers)
    crowd = Crowd(
        api, f"http://127.0.0.1:{server.port}/graphql", tokens_for(api), list(map(api.house.id_of, customers))
    )
    clients = [asyncio.ensure_future(crowd.act(number)) for number in range(CLIENTS)]
    for _ in range(KILLS):
        await answers(crowd, chance.randint(3, 40))
        await asyncio.sleep(chance.random() / 20)
        server.end(signal.SIGKILL)
        server.start()
    await answers(crowd, 20)
    crowd.closing.set()
    await asyncio.wait_for(asyncio.gather(*clients), PATIENCE)
    came_to = checked(crowd)
    assert crowd.asked_again >= KILLS  # else nobody was interrupted
    assert {"logInteraction", "editCustomer", "openTicket", "investigateTicket"} <= {act for act, _ in came_to}
    print(f"{KILLS} kills, {CLIENTS} clients, {crowd.answered} answers, {crowd.asked_again} asked again, {came_to}")
    assert server.end(signal.SIGTERM) == 0


def tokens_for(api: Api) -> dict[str, str]:
    settings = Settings()
    names = {"issuer": settings.issuer, "audience": settings.audience}
    subject = api.house.viewers["manager"].public_id
    return {"manager": mint(api.ring, subject, "tests", [], timedelta(hours=9), **names)}


async def answers(crowd: Crowd, more: int) -> None:
    until = crowd.answered + more
    async with asyncio.timeout(PATIENCE):
        while crowd.answered < until:  # noqa: ASYNC110 - clients count, and tell nobody
            await asyncio.sleep(0.005)
