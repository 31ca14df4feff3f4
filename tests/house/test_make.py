"""`make install` begins with a whole virtual environment, or says in one sentence why there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    return tmp_path


def make(checkout: Path, python: object = sys.executable) -> "subprocess.CompletedProcess[str]":
    """As a person calls it: a make that runs these tests passes its level and its flags on."""
    command = ["make", f"PYTHON={python}", ".venv/.created"]
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKELEVEL", "MAKEFLAGS", "MFLAGS"}
    }
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("missing", ["ensurepip", "venv"])
def test_a_python_that_makes_no_environments_is_told_in_one_sentence_and_leaves_nothing(checkout: Path, missing: str):
    """Debian ships venv, and ensurepip with it, in a package of its own."""
    (checkout / "without" / missing).mkdir(parents=True)
    (checkout / "without" / missing / "__init__.py").write_text("raise ImportError")
    python = checkout / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{checkout}/without" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    done = make(checkout, python)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert len(said) == 1
    assert "python3-venv" in said[0]
    assert not (checkout / ".venv").exists()


def test_an_environment_that_was_left_half_made_is_made_anew(checkout: Path):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert make(checkout).returncode == 0
    assert subprocess.run([checkout / ".venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)
