# A fresh machine needs Python 3.11 or newer, make and git. Everything else, uv
# included, is installed here, into .venv, and nothing outside of this folder but caches.
#
# Packages come from wherever pip and uv are told to look: a mirror is a setting of
# theirs (PIP_INDEX_URL, UV_DEFAULT_INDEX), and the hashes in the lock files hold there too.

PYTHON ?= python3
DEMO_ARGS ?=
BENCH_ARGS ?=
PYTEST_ARGS ?=
SEEDS ?= 2000
FIRST_SEED ?= 1
DURATION ?= 270
FAULTS_ARGS ?=
RECORDS ?= 20000
SEED ?= 1
CASE ?=
CUSTOMERS ?= 1000
DAYS ?= 1095

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_INSTALL := $(UV) pip install --quiet --python $(BIN)/python
# --universal: one lock for every platform and every Python that we support.
UV_COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help install demo test simulate-faults live-faults docs oracle fuzz lock bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: $(VENV)/.installed ## everything into .venv, from the lock files

demo: $(VENV)/.installed ## two simulated years through real servers; DEMO_ARGS="--customers 500"
	$(BIN)/tenure demo --exit $(DEMO_ARGS)

test: $(VENV)/.installed ## what CI runs: style, types, architecture, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(PYTEST_ARGS)
	$(MAKE) --no-print-directory simulate-faults
	$(MAKE) --no-print-directory live-faults FAULTS_ARGS=--if-servers

simulate-faults: $(VENV)/.installed ## many workers' lives with faults; SEEDS=100000 FIRST_SEED=1
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST_SEED)

docs: $(VENV)/.installed ## the pages that are made from the code, again
	$(BIN)/python -m operate.pages
	$(BIN)/python -m operate.reference
	$(BIN)/python -m schemas.generate

oracle: SEEDS = 1
oracle: $(VENV)/.installed ## the rules held against SQL; CUSTOMERS=10000 DAYS=1095 SEEDS=1,2,3
	$(BIN)/python -m tests.oracle --customers $(CUSTOMERS) --days $(DAYS) --seeds $(SEEDS)

fuzz: $(VENV)/.installed ## spoilt and extreme records; RECORDS=1000000 SEED=1, or CASE=fuzz-failure.json
	PYTHONHASHSEED=0 $(BIN)/python -m tests.fuzz \
		$(if $(CASE),--case "$(CASE)",--records $(RECORDS) --seed $(SEED))

live-faults: $(VENV)/.installed ## faults on real servers; DURATION=300 FAULTS_ARGS="--seed 1"
	$(BIN)/python -m tests.live_faults --duration $(DURATION) $(FAULTS_ARGS)

bench: $(VENV)/.installed ## the worker's speed on real Kafka; BENCH_ARGS
	$(BIN)/python -m bench $(BENCH_ARGS)

lock: $(VENV)/.bootstrapped ## the lock files again, with the newest versions that fit
	$(UV_COMPILE) --upgrade pyproject.toml --extra embedded -o requirements.lock
	$(UV_COMPILE) --upgrade pyproject.toml --extra embedded --group dev -c requirements.lock \
		-o requirements-dev.lock
	$(UV_COMPILE) --upgrade --no-deps requirements-data.in -o requirements-data.lock
	$(UV_COMPILE) --upgrade requirements-bootstrap.in -o requirements-bootstrap.lock

clean: ## all that was made here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv and the build backend, by hash, with the pip that came with Python.
$(VENV)/.bootstrapped: requirements-bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tenure needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "this Python has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-bootstrap.lock
	@touch $@

# The project itself is installed as a link to this folder, built by the backend that is
# already here (--no-build-isolation), so that nothing unlocked is ever downloaded.
$(VENV)/.installed: $(VENV)/.bootstrapped requirements-dev.lock requirements-data.lock pyproject.toml
	$(UV_INSTALL) --require-hashes -r requirements-dev.lock
	$(UV_INSTALL) --require-hashes --no-deps -r requirements-data.lock
	$(UV_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@
