# Everything a person or a pipeline does here. `make help` lists the targets.
# PYTHON chooses the interpreter (3.11 to 3.13), HUMMINGBIRD_HOME the state folder, HUMMINGBIRD_PORT the first port.
PYTHON ?= python3
export PYTHONPATH := $(CURDIR)/include
BOOTSTRAP = $(PYTHON) -B -m sandbox.onebox.bootstrap
VENV_PYTHON = .venv/bin/python
# Files of tests that run at the same time; each has a sandbox and a database server of its own.
WORKERS ?= 2
ONEBOX = $(VENV_PYTHON) -m sandbox.onebox
UV_LOCK = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	--overrides requirements-overrides.txt

.DEFAULT_GOAL := help
.PHONY: help demo up down status env onboard deliver doctor trace verify reset test lint types contracts unit e2e pictures kills some-kills bench lock

help: ## Show this help
	@grep -hE '^[a-z0-9_-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /|/' | awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

demo: ## Install, start, and deliver the next story from commit to production (FAIL=readiness, crash, smoke or cloud: see it go wrong)
	@$(BOOTSTRAP) demo

up: ## Install and start everything, play nothing
	@$(BOOTSTRAP) up

down: ## Stop everything; the state stays
	@test ! -x $(VENV_PYTHON) || $(ONEBOX) down

status: ## Show what runs, and where
	@test -x $(VENV_PYTHON) && $(ONEBOX) status || { test -x $(VENV_PYTHON) || echo "Nothing is installed yet: make demo"; }

env: ## Print exports for your own kubectl, oras and hummingbird, for the shell's eval (README, "The proof")
	@$(ONEBOX) env

trace: ## Show a story's way from the ledger: make trace STORY=HB-101
	@eval "$$($(ONEBOX) env)" && $(VENV_PYTHON) -m hummingbird trace $(or $(STORY),HB-101)

verify: ## Check the ledger's hash chain
	@eval "$$($(ONEBOX) env)" && $(VENV_PYTHON) -m hummingbird ledger verify

onboard: ## Bring any git repository in: make onboard REPO=<path or URL> NAME=<component> [REF= OWNER= ACCEPT=]
	@REPO="$(REPO)" NAME="$(NAME)" REF="$(REF)" OWNER="$(OWNER)" ACCEPT="$(ACCEPT)" $(ONEBOX) onboard

deliver: ## Play what joined from its merge request to production: make deliver NAME=<component>
	@NAME="$(NAME)" $(ONEBOX) deliver

doctor: ## Say what a component still lacks: make doctor NAME=<component>
	@NAME="$(NAME)" $(ONEBOX) doctor

reset: ## Stop everything and throw the state away
	@test ! -x $(VENV_PYTHON) || $(ONEBOX) reset

install: ## Install what `make test` needs
	@$(BOOTSTRAP) install-test

test: install lint types contracts unit e2e $(if $(LONG),some-kills) ## Install, then every check and test (LONG=1: the long ones and the kill suite too)

lint: ## Ruff: rules and format
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .

types: ## mypy, strict
	$(VENV_PYTHON) -m mypy include dags plugins tests

contracts: ## Which package may import which
	.venv/bin/lint-imports

UNIT = $(VENV_PYTHON) -m pytest tests -q --timeout 300 -m "not bench and $(if $(LONG),not e2e,not e2e and not long)"

unit: ## Unit, contract and DAG tests (LONG=1: the long ones too); what failed beside others is asked once more alone
	$(UNIT) -n $(WORKERS) --dist loadfile --no-loadscope-reorder || $(UNIT) -n 0 --last-failed --last-failed-no-failures none

# FULL=1 plays what make test LONG=1 leaves out to stay within an hour: mistakes in production, and a cloud that is gone.
E2E = $(VENV_PYTHON) -m pytest tests/e2e -m "e2e $(if $(LONG),,and not long) $(if $(FULL),,and not full)" -q

e2e: ## The main job end to end: starts a whole platform of its own; what failed is asked once more on a fresh one
	$(E2E) || $(E2E) --last-failed --last-failed-no-failures none

KILLS = $(VENV_PYTHON) -m pytest tests/long -q -s

kills: ## Deliveries in which processes die, on a platform of their own; prints the recovery times
	$(KILLS) -m e2e

some-kills: ## The same without what is marked `full`, such as dead workers; what failed is asked once more
	$(KILLS) -m "e2e and not full" || $(KILLS) --last-failed --last-failed-no-failures none

bench: ## Measure: ratios in one run, each against its goal
	$(VENV_PYTHON) -m pytest tests/bench -m bench -q -s

lock: ## Compile requirements*.in to pinned, hashed requirements*.txt
	$(UV_LOCK) requirements-bootstrap.in -o requirements-bootstrap.txt
	$(UV_LOCK) requirements.in -o requirements.txt
	$(UV_LOCK) requirements-sandbox.in -o requirements-sandbox.txt
	$(UV_LOCK) requirements-dev.in -o requirements-dev.txt
	$(UV_LOCK) requirements-semgrep.in -o requirements-semgrep.txt
	$(UV_LOCK) --no-annotate --constraints requirements.txt --constraints requirements-sandbox.txt \
		include/hummingbird/workloads/requirements.in -o include/hummingbird/workloads/requirements.txt
