"""The lock files: whole, hashed, and free of any registry's name."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], *GROUPS["build"]]
DECLARED = {
    "requirements.lock": RUNTIME,
    "requirements-dev.lock": [*RUNTIME, *(requirement for group in GROUPS.values() for requirement in group)],
}
ENTRY = re.compile(
    r"^([\w.-]+)==([^ \\;]+)(?: ; [^\\]+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE
)

locks = pytest.mark.parametrize("lock", DECLARED)


def entries(lock: str) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for entry in ENTRY.finditer((CHECKOUT / lock).read_text()):
        found.setdefault(canonicalize_name(entry[1]), []).append(Version(entry[2]))
    return found


@locks
def test_a_lock_names_no_index_and_no_address(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    assert re.findall(r"://|--(?:extra-)?index|--find-links|--trusted-host| @ |^#.*$", text, re.MULTILINE) == []


@locks
def test_every_line_of_a_lock_belongs_to_a_hashed_entry(lock: str) -> None:
    assert ENTRY.sub("", (CHECKOUT / lock).read_text()) == ""


@locks
def test_a_lock_holds_every_declared_dependency_in_its_range(lock: str) -> None:
    locked = entries(lock)
    wrong = [
        text
        for text in DECLARED[lock]
        for wanted in [Requirement(text)]
        if not any(version in wanted.specifier for version in locked.get(canonicalize_name(wanted.name), []))
    ]
    assert wrong == [], "run `make lock`"


def test_the_tests_run_with_what_the_product_runs_with() -> None:
    product, tools = entries("requirements.lock"), entries("requirements-dev.lock")
    assert {name: tools.get(name) for name in product} == product


def test_no_file_names_a_registry() -> None:
    """What installs us finds its packages where the machine is told to look."""
    host = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs)\.(?:org|com)")
    files = [CHECKOUT / name for name in ("pyproject.toml", "Makefile", ".ci/run", *DECLARED)]
    assert [path.name for path in files if host.search(path.read_text())] == []
