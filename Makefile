# make demo: the packaged clip, tracked. make test: the tests. Both set themselves up in .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt
comma := ,
MADE_FROM = pyproject.toml constraints.txt setup.py $(wildcard csrc/*)

.PHONY: help demo studio test check static page-types docs bench clean
.DEFAULT_GOAL := help

help: ## List what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.made-run ## Track the packaged clip; writes to demo/
	$(BIN)/vitruvian models fetch full
	$(BIN)/vitruvian demo --output-dir demo

test: $(VENV)/.made-test ## Run the tests; ARGS="-k store" runs some of them
	$(BIN)/vitruvian models fetch
	$(BIN)/python -m pytest $(ARGS)

check: static test docs ## Run everything that CI runs

studio: $(VENV)/.made-studio ## Open the studio in a browser, with the packaged clip
	$(BIN)/vitruvian models fetch full
	$(BIN)/vitruvian studio --demo

static: $(VENV)/.made-dev page-types ## Check form, types and imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin
	$(BIN)/lint-imports

# TypeScript checks the JSDoc types of the page, where it is installed.
TSC ?= $(firstword $(wildcard $(VITRUVIAN_NODE_MODULES)/.bin/tsc) $(shell command -v tsc))
PAGE_CODE = $(shell find src/vitruvian/studio -name "*.js")

page-types:
	$(if $(TSC),$(TSC) --noEmit --allowJs --checkJs --strict --noUnusedLocals --target es2022 \
		--module esnext --moduleResolution bundler --lib es2022$(comma)dom$(comma)dom.iterable \
		$(PAGE_CODE),@echo "tsc is not installed: the types of the page are not checked")

docs: $(VENV)/.made-dev ## Build the documentation; writes to site/
	$(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.made-run ## Measure the speed on this machine
	$(BIN)/vitruvian bench $(ARGS)

clean: ## Remove what was built; .venv and fetched models stay
	rm -rf build dist site demo .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find src tests benchmarks scripts examples -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, $(PYTHON) is not: make PYTHON=python3.12 ..."; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

# Only pip 25.1 and newer know dependency groups.
$(VENV)/.made-pip: | $(BIN)/python
	$(INSTALL) 'pip>=25.1'
	@touch $@

$(VENV)/.made-run: $(MADE_FROM) | $(VENV)/.made-pip
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.made-studio: $(MADE_FROM) | $(VENV)/.made-pip
	$(INSTALL) --editable '.[studio]'
	@touch $@ $(VENV)/.made-run

$(VENV)/.made-test: $(MADE_FROM) | $(VENV)/.made-pip
	$(INSTALL) --editable '.[all]' --group test
	@touch $@ $(VENV)/.made-run $(VENV)/.made-studio

$(VENV)/.made-dev: $(MADE_FROM) | $(VENV)/.made-pip
	$(INSTALL) --editable '.[all]' --group dev
	@touch $@ $(VENV)/.made-run $(VENV)/.made-studio $(VENV)/.made-test
