# Engage: the commands a person types. `make run` starts it; `make test` proves it.
#
# Needs Python 3.11 or newer with venv and pip; everything else is installed into .venv. Without make, the same by hand:
#   python3 -m venv .venv
#   .venv/bin/pip install --require-hashes -r requirements/run.txt      (requirements/dev.txt for the tests)
#   .venv/bin/pip install --no-deps -e .
#   ENGAGE_MODE=demonstration .venv/bin/engage start

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
RUN     := $(VENV)/.run
DEV     := $(VENV)/.dev
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode
ASSETS  := package.json package-lock.json .npmrc .build/assets.py

.DEFAULT_GOAL := help
.PHONY: help run test check lint bench soak lock clean

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: $(RUN) ## Start the demonstration: web server and job runner, at HOST:PORT
	@ENGAGE_MODE=$${ENGAGE_MODE:-demonstration} $(BIN)/engage start

test: $(DEV) ## Run the whole suite, on SQLite and PostgreSQL, and in a browser where Chromium is installed
	$(BIN)/pytest -n 2

check: $(DEV) ## Run the quick part, in under a minute: rules, models, services and house, on SQLite
	ENGAGE_TEST_DATABASES=sqlite $(BIN)/pytest -q -n 2 -m "not browser" \
	  $(wildcard tests/rules tests/models tests/services tests/house tests/test_config.py)

lint: $(DEV) ## Check style, types and templates
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/house/test_templates.py

bench: $(DEV) ## Measure pages and acts beside the two references, and a sweep of reminders
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.same
	$(BIN)/python -m tests.bench.sweep
	$(BIN)/python -m tests.bench.clearing
	$(BIN)/python -m tests.bench.mail
	$(BIN)/python -m tests.bench.waiting
	$(BIN)/python -m tests.bench.bulk
	$(BIN)/python -m tests.bench.asking
	$(BIN)/python -m tests.bench.outcomes
	$(BIN)/python -m tests.bench.awareness

soak: $(DEV) ## Run the long trials: races, crashes, mail, tampering, bad input and load
	$(BIN)/python -m tests.soak

lock: $(DEV) ## Choose the newest versions that pyproject.toml allows, and write their hashes down
	$(BIN)/pip install --quiet --require-hashes -r requirements/installer.txt
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --group dev --universal --generate-hashes -o requirements/dev.txt
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --universal --generate-hashes -c requirements/dev.txt -o requirements/run.txt
	$(BIN)/uv pip compile -q --upgrade --group pyproject.toml:build --universal --generate-hashes -c requirements/dev.txt -o requirements/build.txt
	$(BIN)/uv pip compile -q --upgrade --group pyproject.toml:installer --universal --generate-hashes -o requirements/installer.txt

clean: ## Remove what was made; the demonstration's data in var stays
	rm -rf $(VENV) dist engage/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find engage tests migrations -name __pycache__ -prune -exec rm -rf {} +

# Each stamp stands for an environment that holds exactly what its list names.
$(RUN): requirements/installer.txt requirements/run.txt requirements/build.txt pyproject.toml $(ASSETS)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	  "Engage needs Python 3.11 or newer, and $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12 …" % sys.version_info[:2])'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Engage needs into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --build-constraints requirements/build.txt --no-deps -e .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# The design system was taken away: fetch it again.
ifeq ($(wildcard engage/static/vendor/STAMP),)
.PHONY: $(RUN)
endif
