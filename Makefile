# Two commands: `make run` and `make test`. Both need only Python 3.11 or later and make; they set up .venv themselves.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; done)
VENV := .venv
VENV_SAM := .venv-sam
VENV_BENCH := .venv-bench
VENV_CLIENTS := .venv-clients
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := help
.PHONY: help run test test-slow test-all coverage soak lint integration sfn-local clients conformance validate build bench clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(VENV)/run.stamp: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or later is needed, and none was found on PATH (set PYTHON=...)" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "make: '$(PYTHON) -m venv' failed; on Debian and Ubuntu, install python3-venv" >&2; exit 2; }
	@$(PIP) flit_core==$$(sed -n 's/^flit_core==//p' requirements.txt)
	@$(PIP) -r requirements.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

# The SAM CLI pins its own versions of what .venv holds, so it has a .venv-sam of its own.
$(VENV_SAM)/stamp: requirements-sam.txt
	@$(PYTHON) -m venv $(VENV_SAM)
	@$(VENV_SAM)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-sam.txt
	@touch $@

run: $(VENV)/run.stamp  ## run every file of events/ on the embedded engine
	@$(BIN)/python workflow/build_definition.py
	@$(BIN)/everypath run --events events

# The tests of the application's own workflow, which have to take every path of it.
APPLICATION_SUITE := tests/app/test_outcomes.py tests/app/test_paths.py --everypath-cov-fail-under=100 --everypath-cov-template=template.yaml

DOCKER_ANSWERS := docker version >/dev/null 2>&1

# One process per core. Each begins with neighbours, which share servers, and takes tests over when it has none left.
PARALLEL := --numprocesses=auto --dist=worksteal

# The tests start hundreds of processes, which would otherwise compile all that they import.
test test-slow coverage: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/test.stamp  ## run make lint, and the tests that need only Python (3 minutes)
	@echo "make test: make lint, then the tests that need only Python, in one process per core; 3 minutes on two cores"
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest --quiet $(PARALLEL) -m "not slow"
	@$(BIN)/python -m pytest --quiet $(APPLICATION_SUITE)
	@echo "make test: everything passed; left out:"
	@echo "  make test-slow  slow tests, coverage of src/everypath, the soak test and sam local in containers (25 minutes)"
	@echo "  make clients    the AWS CLI, sam remote invoke, the Data Science SDK and moto (2 minutes)"
	@echo "  make sfn-local  the tests of the workflow on Step Functions Local, in a container"

test-slow: $(VENV)/test.stamp  ## run what make test leaves out because it is slow, with the coverage of src/everypath (25 minutes)
	@echo "make test-slow: all tests, slow ones too, with the coverage of src/everypath; then the soak test, and sam local in"
	@echo "make test-slow: containers if a Docker daemon answers; about 25 minutes on two cores"
	@$(MAKE) --no-print-directory coverage
	@$(MAKE) --no-print-directory soak
	@if $(DOCKER_ANSWERS); then $(MAKE) --no-print-directory integration; fi
	@echo "make test-slow: everything passed"
	@$(DOCKER_ANSWERS) || echo "make test-slow: left out sam local (make integration), since no Docker daemon answers"

test-all: test test-slow  ## run make test and make test-slow

coverage: $(VENV)/test.stamp  ## run all tests and measure what they cover of src/everypath, in all processes (8 minutes)
	@rm -rf .coverage && mkdir .coverage
	@$(BIN)/coverage run -m pytest --quiet $(PARALLEL)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

soak: $(VENV)/test.stamp  ## send the server 10,000 fuzzed requests of each kind and run 10,000 executions in a row (10 minutes)
	@EVERYPATH_SOAK=1 $(BIN)/python -m pytest --quiet --numprocesses=auto --dist=loadfile -rP \
		tests/unit/server/test_fuzzed_requests.py tests/unit/server/test_load.py

lint: $(VENV)/test.stamp  ## run ruff, mypy and import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

integration: $(VENV)/test.stamp $(VENV_SAM)/stamp  ## run events/ by sam local in containers, and compare (2 minutes)
	@$(DOCKER_ANSWERS) || { echo "make integration: no Docker daemon answers (docker version)" >&2; exit 2; }
	@$(BIN)/python -m pytest tests/integration

$(VENV_CLIENTS)/stamp: requirements-clients.txt
	@$(PYTHON) -m venv $(VENV_CLIENTS)
	@$(VENV_CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-clients.txt
	@touch $@

clients: $(VENV)/test.stamp $(VENV_CLIENTS)/stamp $(VENV_SAM)/stamp  ## run other people's clients and servers against ours (2 minutes)
	@$(BIN)/python -m pytest tests/clients

# What is judged, and by which cases: everypath by the project's own, unless ENDPOINT and CASES say otherwise.
SERVE := $(CURDIR)/$(BIN)/everypath serve --port {port} --lambda-endpoint {lambda_endpoint} --account {account} --region {region}

conformance: $(VENV)/test.stamp $(VENV_CLIENTS)/stamp  ## judge answers by what AWS is known to do (CASES=folder ENDPOINT=url OPTIONS=...)
	@$(VENV_CLIENTS)/bin/python -m tests.conformance $(if $(ENDPOINT),--endpoint '$(ENDPOINT)',--start '$(SERVE)') \
		$(if $(CASES),--cases '$(CASES)',$(if $(ENDPOINT),,--divergences tests/conformance/divergences.json)) $(OPTIONS)

sfn-local: $(VENV)/test.stamp  ## run the tests of the workflow on AWS's Step Functions Local, in a container
	@$(BIN)/python -m tests.integration.sfn_local $(APPLICATION_SUITE)

validate: $(VENV_SAM)/stamp  ## check template.yaml with the AWS SAM CLI, offline
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(VENV_SAM)/bin/sam validate --lint

build: $(VENV_SAM)/stamp  ## build the function's package with the AWS SAM CLI, for sam local and sam deploy
	@PATH="$(CURDIR)/$(VENV_SAM)/bin:$$PATH" SAM_CLI_TELEMETRY=0 $(VENV_SAM)/bin/sam build

$(VENV_BENCH)/stamp: requirements.txt bench/requirements.txt pyproject.toml
	@$(PYTHON) -m venv $(VENV_BENCH)
	@$(VENV_BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r bench/requirements.txt
	@$(VENV_BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

bench: $(VENV_BENCH)/stamp  ## measure everypath beside moto and write bench/RESULTS.md (4 minutes)
	@$(VENV_BENCH)/bin/python -m bench $(PEERS)

clean:  ## remove what the other commands made
	@rm -rf $(VENV) $(VENV_SAM) $(VENV_BENCH) $(VENV_CLIENTS) .aws-sam .pytest_cache .mypy_cache .ruff_cache .coverage
