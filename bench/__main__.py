"""`make bench`: the five questions put to the floor, to ours and to stock Strawberry. See docs/benchmarks.md."""

import os
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from bench.ground import prepared
from bench.load import ask, requests
from bench.machine import cores, pin_database
from bench.measure import measured
from bench.questions import PAGE, QUESTIONS, variables
from bench.report import Results, as_json, table
from bench.rivals import Rival, rivals
from bench.same import check

CONNECTIONS = (1, 16)


def main(
    customers: Annotated[int, typer.Option(help="Customers in the database.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="Rounds that count; one more warms up.")] = 7,
    seconds: Annotated[float, typer.Option(help="Seconds per server and round.")] = 1.0,
    json: Annotated[Path | None, typer.Option(help="Write the results to this file as well.")] = None,
) -> None:
    """Measure ours against hand-written SQL and stock Strawberry."""
    servers_core, own_core = cores()
    with prepared(customers) as ground, rivals(ground.environment, servers_core, _page(ground.token)) as servers:
        os.sched_setaffinity(0, {own_core})
        pin_database(ground.postmaster, own_core)
        asked = _asked(servers[0], ground.token)
        for question, bodies in asked.items():
            check(question, {server.name: ask(server.port, bodies[0]) for server in servers})
        results = _results(servers, asked, seconds, rounds, ground.postmaster)
    Console().print(table(results))
    if json:
        json.write_bytes(orjson.dumps(as_json(results), option=orjson.OPT_INDENT_2))


def _page(token: str) -> bytes:
    return requests(token, PAGE, [{}])[0]


def _asked(server: Rival, token: str) -> dict[str, list[bytes]]:
    """The requests of each question; the first one takes turns with the customers that the second shows."""
    page = orjson.loads(ask(server.port, _page(token)))
    ids = [node["id"] for node in page["data"]["customers"]["nodes"]]
    return {name: requests(token, query, variables(query, ids)) for name, query in QUESTIONS.items()}


def _results(
    servers: list[Rival], asked: dict[str, list[bytes]], seconds: float, rounds: int, postmaster: int
) -> Results:
    with Progress(console=Console(stderr=True)) as progress:
        total = len(asked) * len(CONNECTIONS) * len(servers) * (rounds + 1)
        task = progress.add_task("rounds", total=total)
        return {
            (name, connections): measured(
                servers, bodies, connections, seconds, rounds, postmaster, lambda: progress.advance(task)
            )
            for name, bodies in asked.items()
            for connections in CONNECTIONS
        }


if __name__ == "__main__":
    typer.run(main)
