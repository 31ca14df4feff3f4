"""The five questions: one customer, a page of fifty, the same with what hangs below, five counts, and an act."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
QUESTIONS: dict[str, str] = {path.stem: path.read_text() for path in sorted(HERE.glob("q?.graphql"))}
ONE, PAGE, WALL, COUNTS, LOG = QUESTIONS.values()


def variables(query: str, customer_ids: list[str]) -> list[dict[str, Any]]:
    """The variables that requests take turns with."""
    if query == LOG:
        return [{"input": _talk(id_)} for id_ in customer_ids]
    return [{"id": id_} for id_ in customer_ids] if query == ONE else [{}]


def _talk(customer_id: str) -> dict[str, str]:
    """Nothing in what was said has to be masked, so that nothing is sealed."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"channel": "PHONE", "direction": "INBOUND", "summary": "客户来电询问续约条件，约定下周回访"}
    return {"customerId": customer_id, "occurredAt": at, **said}
