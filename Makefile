# Everything a fresh Debian machine with Python 3.11, git and make needs: `make run`, `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
PY := .venv/bin/python
PIP := $(PY) -m pip install -q --disable-pip-version-check
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export PYTHONDONTWRITEBYTECODE ?=

.PHONY: help run test soak check bench clean assets fast browser

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/.run: requirements/run.txt requirements/build.txt pyproject.toml
	bash tools/ground.sh venv
	$(PIP) --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	touch $@

assets: .venv/.run ## front-end files, divisions table, compiled translations
	bash tools/ground.sh assets

run: assets ## install what is needed, make the demo company, serve
	midan init --demo
	midan serve

check: .venv/.dev assets ## format, lint, types, import contracts, templates, spelling, migrations, messages, reference pages
	bash tools/check.sh

fast: .venv/.dev assets ## tests without browser and PostgreSQL
	pytest -q -n 2 -m "not soak and not browser and not postgres"

test: .venv/.dev assets ## everything CI runs
	bash tools/ground.sh test-packages
	bash tools/check.sh
	bash tools/test.sh

soak: .venv/.dev assets ## kills, power cuts and millions of rows; hours
	pytest -s -m soak -p no:randomly
	MIDAN_TEST_DB=postgres pytest -s -m soak -p no:randomly tests/kill/test_soak.py tests/vault/test_leases.py

bench: assets ## figures against twins
	midan bench

clean: ## remove what make made; var/ (your data) stays
	rm -rf .venv node_modules build dist *.egg-info midan/ui/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
