"""The scoped session is the only door: nobody else opens one, or asks tables behind its back."""

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOOR = set((CHECKOUT / "auth/door").glob("*.py"))

SESSIONS = {"Session", "AsyncSession", "sessionmaker", "async_sessionmaker", "scoped_session"} | {
    "MappedSession", "Desk", "ById", "by_id",
}  # fmt: skip
"""Making one of these is making a second door."""

PAST_THE_SCOPE = {"__table__", "from_statement", "exec_driver_sql", "bulk_save_objects", "bulk_insert_mappings"}
"""Ways of asking that no row predicate is applied to. The session refuses most of them when they run; they are not
written in the first place."""


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    return [path for path in found if path not in DOOR]


def names(path: Path) -> set[str]:
    """Every name imported, called or taken as an attribute in a file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", sources("auth", "resolvers", "schema", "server"), ids=lambda path: path.name)
def test_nobody_else_makes_a_session(path: Path) -> None:
    assert not names(path) & SESSIONS


@pytest.mark.parametrize("path", sources("resolvers", "schema"), ids=lambda path: path.name)
def test_answers_are_never_asked_past_the_scope(path: Path) -> None:
    assert not names(path) & PAST_THE_SCOPE
