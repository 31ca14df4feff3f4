"""The documents say what the code does: names and paths exist, generated parts are up to date, nothing is left out."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from graphql import build_schema

from domain.errors import ErrorCode
from domain.staff import Role
from schema.answering.errors import ErrorKind
from schema.sdl import COMMITTED
from server.settings import Settings

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
READMES = [CHECKOUT / "README.md", CHECKOUT / "README.zh.md"]
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PAGES = [*READMES, CHECKOUT / "CONTRIBUTING.md", CHECKOUT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
FOLDERS = sorted(
    p.name for p in CHECKOUT.iterdir() if p.is_dir() and not p.name.startswith((".", "__")) and p.name != "dist"
)
CODE = re.compile(r"`([^`\n]+)`")
NAMES = r"(?:`[\w.]+`(?:, | and |, and )?)+"
"""One or several names, each in backticks."""

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))


def prose(page: Path) -> str:
    """The page without its code blocks and generated parts, lines joined."""
    text = re.sub(r"<!-- begin (\w+) -->.*?<!-- end \1 -->", "", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@cache
def defined(path: Path) -> frozenset[str]:
    """Functions, classes, methods, fields and constants that a Python file defines, methods also with their class."""
    return frozenset(_defined(ast.parse(path.read_text()).body))


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for inner in _defined(node.body):
                yield from (inner, f"{node.name}.{inner}")
        if isinstance(node, ast.AnnAssign | ast.Assign):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))


@cache
def generator() -> ModuleType:
    """`docs/generate.py`, which is no package's."""
    for name in ("demo_answers", "worked_example", "generate"):
        spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
        assert spec
        assert spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules["generate"]


@pages
def test_every_path_in_a_document_exists(page: Path) -> None:
    paths = [code for code in CODE.findall(prose(page)) if re.fullmatch(r"[\w.-]+(?:/[\w.-]*)+", code)]
    ours = [path for path in paths if path.partition("/")[0] in FOLDERS]
    assert [path for path in ours if not (CHECKOUT / path).exists()] == []


@pages
def test_every_name_is_defined_in_the_file_that_a_document_says(page: Path) -> None:
    said = re.findall(rf"({NAMES}) (?:in|of) `([\w/]+\.py)`", prose(page))
    said += [(names, path) for path, names in re.findall(rf"`([\w/]+\.py)` \(({NAMES})", prose(page))]
    said += [(names, path) for path, names in re.findall(rf"\| `([\w/]+\.py)` \| ({NAMES}) \|", prose(page))]
    wrong = [
        f"{name} in {path}"
        for names, path in said
        for name in CODE.findall(names)
        if name not in defined(CHECKOUT / path)
    ]
    assert wrong == []


@pages
def test_every_test_that_a_document_names_is_there(page: Path) -> None:
    tests = frozenset().union(*(defined(path) for path in (CHECKOUT / "tests").rglob("test_*.py")))
    named = [code for code in CODE.findall(prose(page)) if re.fullmatch(r"test_\w+", code)]
    assert [name for name in named if name not in tests] == []


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", prose(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pages
def test_a_document_names_only_settings_and_commands_of_make_that_exist(page: Path) -> None:
    settings = {f"ZHIKE_{name.upper()}" for name in Settings.model_fields} | {
        "ZHIKE_TEST_DATABASE_URL",
        "ZHIKE_TEST_PROGRAMS",
    }
    assert set(re.findall(r"ZHIKE_[A-Z_]+", page.read_text())) <= settings
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", page.read_text())) <= targets


def test_generated_parts_are_as_generated() -> None:
    made = generator()
    assert made.held("docs/errors.md") == {"errors": made.errors(), "refusals": made.refusals()}, "run `make docs`"
    assert made.held("docs/clients.md") == made.clients(), "run `make docs`"
    assert made.held("docs/commands.md") == {"commands": made.commands()}, "run `make docs`"
    assert made.held("docs/reading.md")["limits"] == made.limits(), "run `make docs`"


def test_the_changelog_names_every_query_and_mutation() -> None:
    schema = build_schema(COMMITTED.read_text())
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    told = (CHECKOUT / "CHANGELOG.md").read_text()
    assert [name for root in roots for name in root.fields if f"`{name}`" not in told] == []


async def test_the_worked_example_is_what_the_planner_does(own_database_url: str) -> None:
    held = generator().held("docs/reading.md")
    made = await sys.modules["worked_example"].sections(own_database_url)
    assert {name: held[name] for name in made} == made, "run `make docs`"


async def test_the_answers_of_the_readme_are_those_of_the_demo(own_database_url: str) -> None:
    held = {page.name: generator().held(page.name) for page in READMES}
    assert held == await sys.modules["demo_answers"].parts(own_database_url), "run `make docs`"


def test_every_error_has_its_line() -> None:
    lines = (DOCS / "errors.md").read_text()
    assert [code for code in {*ErrorKind, *ErrorCode} if f"| `{code.value}` |" not in lines] == []


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_every_role_and_every_folder_has_its_line_in_the_readme(page: Path) -> None:
    rows = [line for line in page.read_text().splitlines() if line.startswith("|")]
    assert [role for role in Role if not any(f"`{role}`" in row for row in rows)] == []
    assert [folder for folder in FOLDERS if not any(f"`{folder}/`" in row for row in rows)] == []


def test_every_folder_has_its_line_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text()
    assert [folder for folder in FOLDERS if f"\n| `{folder}/` |" not in text] == []


def test_the_two_readmes_have_the_same_sections_and_the_same_code() -> None:
    english, chinese = (page.read_text() for page in READMES)
    fences = re.compile(r"```.*?```", re.DOTALL)
    assert fences.findall(english) == fences.findall(chinese)
    levels = [re.findall(r"^(#+) ", fences.sub("", text), re.MULTILINE) for text in (english, chinese)]
    assert levels[0] == levels[1]
    assert "](README.zh.md)" in english
    assert "](README.md)" in chinese


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_parts_and_names_its_check(page: Path) -> None:
    text = page.read_text()
    parts = re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]
    assert text.startswith(f"# {page.stem[:4]} ")
    assert CODE.search(text.partition("**Enforced by.**")[2])


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [int(page.stem[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (DOCS / "README.md").read_text()
    assert [page.name for page in DECISIONS if f"](decisions/{page.name})" not in index] == []


def test_every_page_is_listed_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    there = [page for page in DOCS.glob("*.md") if page.name != "README.md"]
    assert [page.name for page in there if f"]({page.name})" not in index] == []
