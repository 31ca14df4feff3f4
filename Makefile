# Zhike 知客. `make` alone lists what there is.

PYTHON ?= python3
PORT ?= 8000
# Tests: how many processes, which files (make test TESTS=tests/platform), and on which PostgreSQL. The embedded one if neither
# is named: ZHIKE_TEST_DATABASE_URL (a superuser's URL) or ZHIKE_TEST_PROGRAMS (a folder such as /usr/lib/postgresql/15/bin).
WORKERS ?= auto
TESTS ?=
UV ?= uv

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --require-virtualenv
VENV := .venv/.created
RUNTIME := .venv/.runtime-installed
TOOLS := .venv/.tools-installed
COMPILE := $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal \
	--python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help install run test format lint types imports check docs bench lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUNTIME) ## virtual environment .venv with the locked dependencies

run: $(RUNTIME) ## embedded PostgreSQL, demo data, server on 127.0.0.1:8000 (PORT=)
	@exec $(BIN)/zhike demo --port $(PORT)

test: $(TOOLS) ## run the tests (TESTS=, WORKERS=)
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

format: $(TOOLS) ## write the code as the formatter wants it
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: $(TOOLS) ## style and common mistakes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	test ! -x $(BIN)/hadolint || $(BIN)/hadolint Dockerfile

types: $(TOOLS) ## strict type check
	$(BIN)/mypy

imports: $(TOOLS) ## who may import whom
	$(BIN)/lint-imports

check: lint types imports test ## everything that must hold before a change lands

docs: $(RUNTIME) ## write the generated parts of the documents anew
	$(BIN)/python docs/generate.py

bench: $(TOOLS) ## measure against hand-written SQL and stock Strawberry
	$(BIN)/python -m bench

lock: ## choose newer versions within the ranges of pyproject.toml (needs uv)
	$(COMPILE) --upgrade --group build pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade --group build --group test --group check -c requirements.lock pyproject.toml \
		-o requirements-dev.lock

clean: ## remove the virtual environment and caches; data in .zhike stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made whole or not at all: an environment without this mark was interrupted, and is made anew.
$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "需要 Python 3.11 或更新的版本 / Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "此 Python 缺少 venv 或 ensurepip / This Python lacks venv or ensurepip; Debian, Ubuntu: apt install python3-venv" >&2; \
		exit 1; }
	@rm -rf .venv
	$(PYTHON) -m venv .venv
	@touch $@

# Without build isolation: the build tool is locked as everything else is.
$(RUNTIME): requirements.lock pyproject.toml | $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS): requirements-dev.lock $(RUNTIME)
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
