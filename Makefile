# Set-up, demo and tests. Everything lives in .venv; `make clean` removes it.

PYTHON ?= python3
POOL ?=
OUT ?= demo
VENV := .venv
BIN := $(VENV)/bin
TESTS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
BENCHMARKS := $(patsubst bench/%.py,%,$(wildcard bench/*.py))

# Hundreds of commands are started by the tests: each would compile its modules anew where Python may not keep them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo pipeline pretrained pretrained-finder bench docs notebooks test test-one test-ray coverage lint format clean

help:
	@echo "make demo [POOL=folder]   go round the whole loop once and write demo/report.html"
	@echo "make pipeline DATA=folder from labelled crops to a promoted model, with TEST=folder to judge it on"
	@echo "make test                 style, types, import direction and all tests"
	@echo "make test-one T=FILE      one test file, or more, such as tests/test_keys.py"
	@echo "make coverage             all tests, and the lines that none of them runs"
	@echo "make test-ray             the tests on a cluster of two nodes on this machine; installs Ray"
	@echo "make lint                 style, types and import direction alone"
	@echo "make format               put the code into the style that lint asks for"
	@echo "make bench                a short form of all benchmarks, kept for each commit in bench/results and drawn"
	@echo "make bench-NAME [ARGS=]   a benchmark: $(BENCHMARKS)"
	@echo "make docs                 the documentation's site, checked, in build/site"
	@echo "make notebooks            run the notebooks and store what they show"
	@echo "make pretrained           build the model in the box again, in an hour and a half; needs npm"
	@echo "make pretrained-finder    build the finder in the box again, in two hours; needs npm"
	@echo "make setup                only install, into .venv, and find or install a browser"
	@echo "make clean                remove .venv and caches"

setup: $(VENV)/.browser

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Error: boxwright needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

$(VENV)/.browser: $(VENV)/.installed
	$(BIN)/boxwright doctor --install-browser
	@touch $@

demo: setup
	$(BIN)/boxwright demo $(if $(POOL),"$(POOL)") --out "$(OUT)"

# From a changed data set to a model at work: audited, trained, judged beside the one at work on crops that it has not
# learned, promoted where that says so, and with a reference for `boxwright watch` beside it. docs/deployment.md has more.
DATA ?=
TEST ?=
INIT ?= pretrained
EPOCHS ?= 3
REGISTRY ?= models
RUN ?= runs/pipeline
PIPELINE := $(BIN)/boxwright
pipeline: $(VENV)/.installed
	@test -n "$(DATA)" -a -n "$(TEST)" || { echo "Error: name two folders: make pipeline DATA=labelled TEST=held-out" >&2; exit 1; }
	$(PIPELINE) inspect "$(DATA)"
	$(PIPELINE) audit "$(DATA)" --check exact --check unreadable --apply "$(RUN)-sound.csv" --overwrite
	$(PIPELINE) train --real "$(RUN)-sound.csv" --init "$(INIT)" --epochs $(EPOCHS) --out "$(RUN)" --overwrite
	$(PIPELINE) watch --model "$(RUN)" --reference "$(DATA)" --save-reference "$(RUN)/reference.npz"
	$(PIPELINE) evaluate "$(RUN)" "$(TEST)" --report "$(RUN)/evaluation.html"
	$(PIPELINE) promote "$(RUN)" --on "$(TEST)" --registry "$(REGISTRY)"; code=$$?; test $$code -eq 0 -o $$code -eq 4
	$(PIPELINE) models list --registry "$(REGISTRY)"

pretrained: setup $(VENV)/.installed-dev
	$(BIN)/python bench/pretrained.py --install $(if $(REAL),--test real="$(REAL)")

pretrained-finder: setup $(VENV)/.installed-dev
	$(BIN)/python bench/pretrained_finder.py --install

# Drawing the gallery takes minutes, once: what was drawn stays in build/site-cache. ARGS="--gallery 3" draws three of a kind.
docs: setup $(VENV)/.installed-dev
	$(BIN)/python -m website.build $(ARGS)

notebooks: setup $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m website.run_notebooks $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests run side by side, one more than there are cores: many wait for a browser. Networks get a thread each, because
# two of two threads each on two cores mostly wait for each other.
test: setup lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(TESTS) --dist worksteal $(PYTEST_ARGS)

# A short form of all that is measured, under ten minutes; the figures of each commit are kept and drawn.
bench: setup $(VENV)/.installed-dev
	$(BIN)/python bench/watched.py $(ARGS)
	$(BIN)/python bench/history.py

# ARGS is what the benchmark takes; without it, or with --help, it says what that is.
bench-%: bench/%.py setup $(VENV)/.installed-dev
	$(BIN)/python $< $(ARGS)

test-one: setup $(VENV)/.installed-dev
	@test -n "$(T)" || { echo "Error: name the file: make test-one T=tests/test_keys.py" >&2; exit 1; }
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(T) $(PYTEST_ARGS)

COVERED := base generator templates model active service boxwright commands cli
coverage: setup $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(TESTS) --dist worksteal $(COVERED:%=--cov=%) --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

$(VENV)/.installed-ray: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[ray]"
	@touch $@

test-ray: setup $(VENV)/.installed-ray
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/test_ray.py $(PYTEST_ARGS)

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
