"""The SDL as committed: what front-end teams generate their clients from."""

from pathlib import Path

import strawberry

COMMITTED = Path(__file__).parent / "schema.graphql"


def printed(schema: strawberry.Schema) -> str:
    """The SDL, ending in one newline."""
    return schema.as_str().rstrip() + "\n"
