# Every step that people, CI and the image build take. `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
UV ?= uv
BIN = $(VENV)/bin

# Which build of TensorFlow: the CUDA one where a GPU answers.
REQUIREMENTS ?= $(shell nvidia-smi -L >/dev/null 2>&1 && echo requirements-gpu.txt || echo requirements.txt)
INSTALLED = $(VENV)/installed-$(REQUIREMENTS)
INSTALLED_SCALE = $(VENV)/installed-requirements-scale.txt
INSTALLED_DEV = $(VENV)/installed-requirements-dev.txt

NAME_ONE = Name another: make $(MAKECMDGOALS) PYTHON=python3.12
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header --no-emit-index-url --annotation-style line $(UPGRADE)

# Of the search for bytes that break something, for each of its targets.
SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help run install weights test contract fuzz lint audit format bench gallery phone screenshots lock clean

help:  ## Lists these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: weights  ## Installs what is missing and serves the studio
	@exec $(BIN)/python app.py

install: $(INSTALLED) $(if $(SCALE),$(INSTALLED_SCALE))  ## Creates .venv with the pinned packages; SCALE=1 for many machines

weights: $(INSTALLED)  ## Fetches the network's weights, once
	@$(BIN)/python -m nst weights

# Two files of tests at a time, since much of a test is waiting; those in a browser alone, as a person has it. In the
# order of their names: by itself, pytest-xdist keeps files of few tests for last, which are the ones that take longest.
test: $(INSTALLED_DEV) weights  ## Runs the tests; make test TESTS=tests/test_images.py for some of them
ifdef TESTS
	@$(BIN)/python -m pytest $(TESTS)
else
	@status=0; \
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder -m "not browser" || status=$$?; \
	$(BIN)/python -m pytest -m browser || status=$$?; \
	exit $$status
endif

contract: $(INSTALLED_DEV)  ## Asks the API all that schemathesis can think of, for a long time
	@CONTRACT_EXAMPLES=300 $(BIN)/python -m pytest tests/api/test_contract.py

fuzz: $(INSTALLED_DEV)  ## Feeds hostile files and requests to all that reads them; SECONDS=600 each, TARGET=video for one
	@PYTHONPATH=.:tests $(BIN)/python -m fuzz $(SECONDS) $(TARGET)

lint: $(INSTALLED_DEV)  ## Checks format, style, types and who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(INSTALLED_DEV)  ## Asks whether holes are known in the pinned packages
	@$(BIN)/python -m bench.audit

format: $(INSTALLED_DEV)  ## Formats the code and mends what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(INSTALLED_DEV) weights  ## Measures speed and prints tables
	@$(BIN)/python -m bench

gallery: $(INSTALLED)  ## Draws the sample pictures anew
	@$(BIN)/python -m nst.gallery

screenshots: $(INSTALLED_DEV) weights  ## Photographs every state of the page into .cache/screenshots
	@PYTHONPATH=.:tests $(BIN)/python -m browser.screenshots $(STATES)

phone: $(INSTALLED) weights  ## Exports the networks of the page on the device anew
	@$(BIN)/python -m nst export --format tflite -o .cache/phone --size 256 384
	@cp .cache/phone/*-int8.tflite assets/device/models

lock:  ## Pins all packages anew from requirements*.in; UPGRADE=--upgrade takes the newest
	@command -v $(UV) >/dev/null || { echo "make lock needs uv (pip install uv), or its path: make lock UV=PATH" >&2; exit 1; }
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-gpu.in --output-file requirements-gpu.txt
	$(LOCK) requirements-scale.in --output-file requirements-scale.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

clean:  ## Removes .venv and what tools cached; keeps pictures, jobs and weights
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. $(NAME_ONE)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "Pentimento needs Python 3.11, 3.12 or 3.13, not $$($(PYTHON) --version 2>&1). $(NAME_ONE)" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# What is installed is remembered as a copy of its requirements, so that only another content installs again.
# The two builds of TensorFlow share a folder: the one that leaves must go first.
$(INSTALLED): $(REQUIREMENTS) $(BIN)/python
	@cmp -s $< $@ || { \
		echo "Installing $< (a few minutes the first time) ..."; \
		for other in $(filter-out $@,$(VENV)/installed-requirements.txt $(VENV)/installed-requirements-gpu.txt); do \
			if [ -e $$other ]; then \
				rm $$other && $(BIN)/python -m pip uninstall --quiet --yes tensorflow tensorflow-cpu || exit 1; \
			fi; \
		done; \
		$(PIP_INSTALL) --requirement $<; }
	@cp $< $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
$(INSTALLED_SCALE): requirements-scale.txt $(INSTALLED)
$(INSTALLED_DEV) $(INSTALLED_SCALE):
	@cmp -s $< $@ || { echo "Installing $< ..."; $(PIP_INSTALL) --requirement $<; }
	@cp $< $@
