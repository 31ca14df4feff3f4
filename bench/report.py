"""What the rounds came to, as a table and as JSON."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from bench.measure import MEASURES, Rounds, ratio, typical
from bench.rivals import NAMES

SHOWN = {
    "p50": ("p50, ms", 1e3),
    "p99": ("p99, ms", 1e3),
    "per_second": ("answers/s", 1.0),
    "server_cpu": ("server CPU, ms", 1e3),
    "database_cpu": ("database CPU, ms", 1e3),
}
RATIOS = (("ours", "floor"), ("stock", "ours"))

Results = Mapping[tuple[str, int], Rounds]
"""Rounds by question and number of connections."""


def table(results: Results) -> Table:
    """All measures, and both ratios: above one is slower, dearer or fewer."""
    made = Table(
        title="Ratios: 2.00x is twice as slow, twice as dear, or half as many", box=SIMPLE, padding=(0, 1, 0, 0)
    )
    for heading in ("", "conn.", "measure"):
        made.add_column(heading, no_wrap=True)
    for heading in (*NAMES, *(f"{name}/{to}" for name, to in RATIOS)):
        made.add_column(heading, justify="right", no_wrap=True)
    for (question, connections), rounds in results.items():
        for measure in MEASURES:
            made.add_row(question, str(connections), SHOWN[measure][0], *_cells(rounds, measure))
        made.add_section()
    return made


def _cells(rounds: Rounds, measure: str) -> list[str]:
    _, factor = SHOWN[measure]
    values = [_three_digits(typical(rounds, name, measure) * factor) for name in NAMES]
    return [*values, *(f"{ratio(rounds, name, to, measure):.2f}x" for name, to in RATIOS)]


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def as_json(results: Results) -> list[dict[str, Any]]:
    """One object for each question and number of connections: medians in seconds or per second, and the ratios."""
    return [
        {
            "question": question,
            "connections": connections,
            "medians": {name: {measure: typical(rounds, name, measure) for measure in MEASURES} for name in NAMES},
            "ratios": {
                f"{name}/{to}": {measure: ratio(rounds, name, to, measure) for measure in MEASURES}
                for name, to in RATIOS
            },
        }
        for (question, connections), rounds in results.items()
    ]
