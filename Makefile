PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MINUTES ?= 20

.PHONY: run test bench faults lint soak clean

run: $(INSTALLED)
	$(BIN)/c360 demo

test: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses 3 --dist loadgroup

bench: $(INSTALLED)
	$(BIN)/python -m tests.bench

faults: $(INSTALLED)
	$(BIN)/python -m tests.faults $(if $(FAULTS),--only $(FAULTS))

soak: $(INSTALLED)
	$(BIN)/python -m tests.simulation --minutes $(MINUTES)
	HISTORIES=2000 $(BIN)/python -m pytest -q tests/actors/test_merging.py
	MINUTES=$(MINUTES) $(BIN)/python -m tests.faults --only soak

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# installed again whenever the list of dependencies changes
$(INSTALLED): pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip setuptools
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
