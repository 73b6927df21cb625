# `make` alone lists what there is. Every target sets up what it needs; nothing is installed outside .venv
# and the user's caches. Works with GNU make 3.81, which macOS has.

SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
READY := .venv/ready
FOLDERS := cygni components stacks policies cli platform_api benchmarks conformance mutants docs examples tests
PYTHON_FOLDERS := $(foreach folder,$(FOLDERS),$(if $(wildcard $(folder)/*.py $(folder)/*/*.py),$(folder)))
ARGS ?=
# Scripts of an environment hold its path, and links the path of its Python: moved or orphaned, it is made again.
BROKEN := $(shell test ! -e $(READY) || { test "$$(cat $(READY))" = "$(CURDIR)" && $(BIN)/python -c ''; } 2>/dev/null || echo again)

export PYTHON
# Tests and examples start hundreds of processes: each would compile every package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Make .venv and get the Pulumi engine (the other targets do this by themselves)
	@$(BIN)/cx engine install

$(READY): pyproject.toml requirements.lock scripts/setup.sh $(BROKEN)
	@scripts/setup.sh

.PHONY: again
again:

.PHONY: demo
demo: setup ## Deploy the example to the local cloud, change it, and remove it: the whole job in one go
	@$(BIN)/python examples/demo.py $(ARGS)

.PHONY: test
test: setup ## Run all tests; choose some with ARGS, for example: make test ARGS="tests/cli -k deploy"
	@$(BIN)/pytest -n auto --dist loadgroup $(ARGS)

.PHONY: check
check: $(READY) ## Check format, lint, types and import directions
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy $(PYTHON_FOLDERS)
	@$(BIN)/lint-imports --no-logo --no-cache

.PHONY: format
format: $(READY) ## Put every file into the agreed form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

.PHONY: bench
bench: setup ## Measure Cygni against the bare engine, and Terraform where there is one
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: chaos
chaos: setup ## Kill deploys and workers at 50 random moments each, releases at 30, and recover (some half an hour)
	@CYGNI_CHAOS_POINTS=$${CYGNI_CHAOS_POINTS:-50} CYGNI_CHAOS_RELEASES=$${CYGNI_CHAOS_RELEASES:-30} \
		CYGNI_CHAOS_WORKERS=$${CYGNI_CHAOS_WORKERS:-50} $(BIN)/pytest -q -s -p no:xdist tests/e2e/test_chaos.py \
		tests/e2e/test_release_chaos.py tests/platform_api/worker/test_kills.py $(ARGS)

.PHONY: fuzz
fuzz: setup ## Hold the control plane's API to its OpenAPI document, and send it 20,000 requests that make no sense
	@CYGNI_FUZZ=$${CYGNI_FUZZ:-1} $(BIN)/pytest -q -n 2 --timeout 3600 tests/platform_api/hardening $(ARGS)

.PHONY: load
load: setup ## Kill the control plane and its PostgreSQL while ten senders tell usage; then bill a year of 50 tenants
	@CYGNI_LOAD=1 $(BIN)/pytest -q -s -p no:xdist --timeout 1800 tests/platform_api/usage/test_kills.py tests/platform_api/invoices/test_year.py $(ARGS)

.PHONY: mutants
mutants: setup ## Break guards of the control plane on purpose, one at a time, and count how many its tests notice
	@$(BIN)/python -m mutants $(ARGS)

.PHONY: aws-smoke
aws-smoke: setup ## Release a service on a real AWS account and remove it: ARGS="--account NUMBER --ceiling USD_AN_HOUR"
	@$(BIN)/python -m examples.aws_smoke $(ARGS)

.PHONY: conformance
conformance: setup ## Compare what the local cloud's provider does with Terraform's official AWS provider
	@$(BIN)/python -m conformance $(ARGS)

.PHONY: docs
docs: $(READY) ## Write the generated pages of docs/ again, and build the site of all pages in build/site
	@$(BIN)/python docs/generate.py $(ARGS)
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -c docs -d build/site-pages . build/site
	@echo "Read it: build/site/index.html"

.PHONY: lock
lock: $(READY) ## Resolve the dependencies again and write requirements.lock
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --all-extras pyproject.toml \
		-o requirements.lock --python-version 3.11

.PHONY: clean
clean: ## Remove .venv and all that tools left behind in this folder
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
