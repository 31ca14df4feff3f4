"""Who may import what, where import-linter sees only whole libraries."""

import ast
import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PACKAGES = {"domain", "auth", "resolvers", "schema", "server"}
SESSIONS = {
    "AsyncConnection", "AsyncEngine", "AsyncSession", "Connection", "Engine", "Session", "async_sessionmaker",
    "create_async_engine", "create_engine", "sessionmaker",
}  # fmt: skip


def imported(folder: Path) -> Iterator[tuple[str, str, str]]:
    """File, module and name of every import under the folder, also of those inside functions."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path.name, alias.name, "") for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                yield from ((path.name, node.module or "", alias.name) for alias in node.names)


def test_the_domain_knows_no_session_and_no_engine() -> None:
    found = [
        (file, module, name)
        for file, module, name in imported(CHECKOUT / "domain")
        if module.startswith(("sqlalchemy.ext.asyncio", "sqlalchemy.orm.session", "sqlalchemy.engine"))
        or (module.startswith("sqlalchemy") and name in SESSIONS)
    ]
    assert found == []


def test_every_engine_hides_the_values_of_failing_statements() -> None:
    made = [
        (path.name, {keyword.arg for keyword in node.keywords})
        for folder in ("server", "alembic")
        for path in (CHECKOUT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"create_engine", "create_async_engine"}
    ]
    assert {"database.py", "env.py"} <= {file for file, _ in made}
    assert [file for file, given in made if "hide_parameters" not in given] == []


def test_the_domain_awaits_nothing() -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    found = [
        path.name
        for path in (CHECKOUT / "domain").rglob("*.py")
        if any(isinstance(node, waiting) for node in ast.walk(ast.parse(path.read_text())))
    ]
    assert found == []


def test_nobody_else_ships_a_package_of_our_names() -> None:
    shippers = importlib.metadata.packages_distributions()
    assert {name: set(shippers.get(name, ())) - {"zhike"} for name in PACKAGES} == {name: set() for name in PACKAGES}


def test_the_folder_of_migrations_does_not_shadow_the_library() -> None:
    asked = "import alembic, alembic.command; print(alembic.__file__)"
    said = subprocess.run([sys.executable, "-c", asked], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not Path(said.stdout.strip()).is_relative_to(CHECKOUT / "alembic")
    assert not list((CHECKOUT / "alembic").glob("__init__.py"))


def test_migrations_import_nothing_but_the_domain_of_ours() -> None:
    found = {module.partition(".")[0] for _, module, _ in imported(CHECKOUT / "alembic")}
    assert found & PACKAGES <= {"domain"}
