"""The four questions: one customer, a page of fifty, the same with what hangs below, and five counts."""

from pathlib import Path

HERE = Path(__file__).parent
QUESTIONS: dict[str, str] = {path.stem: path.read_text() for path in sorted(HERE.glob("q?.graphql"))}
ONE, PAGE, WALL, COUNTS = QUESTIONS.values()


def variables(query: str, customer_ids: list[str]) -> list[dict[str, str]]:
    """The variables that requests take turns with."""
    return [{"id": id_} for id_ in customer_ids] if query == ONE else [{}]
