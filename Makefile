# Every command sets up what it needs, once; a second call sets up nothing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
BROWSER := $(VENV)/.browser
# Companies put their own certificates into the system's store.
export UV_SYSTEM_CERTS ?= 1
export DO_NOT_TRACK := 1

.PHONY: help
help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: build
build: setup ## Set up, then build everything and publish it to data/serve/
	@$(PYTHON) -m arcana build --or-simulate

.PHONY: test
test: setup ## Set up, then run every test that needs neither Java nor a browser
	@$(PYTHON) -m pytest -n 2 --dist loadfile

.PHONY: test-browser
test-browser: setup $(BROWSER) ## Look at the page in the system's Chromium, headless
	@$(PYTHON) -m pytest tests/browser

$(BROWSER): requirements-browser.lock $(READY)
	@$(VENV)/bin/uv pip install --quiet --require-hashes --python $(PYTHON) -r requirements-browser.lock \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-browser.lock
	@touch $(BROWSER)

.PHONY: lint
lint: setup ## Check style and types, and that README's tables are what the project says
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/sqlfluff lint models tests analyses --disable-progress-bar
	@$(PYTHON) -m cogapp -I docs --check @docs/generated.txt

.PHONY: format
format: setup ## Put Python and SQL into the house's form
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/sqlfluff fix models tests analyses --disable-progress-bar
	@$(PYTHON) -m cogapp -I docs -r @docs/generated.txt

.PHONY: lock
lock: setup ## Resolve requirements.in into requirements.lock, with hashes and without URLs
	@$(VENV)/bin/uv pip compile requirements.in --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock
	@$(VENV)/bin/uv pip compile requirements-browser.in --constraint requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --quiet \
		--output-file requirements-browser.lock

.PHONY: clean
clean: ## Remove what set-up and builds made; data/raw and data/serve stay
	@rm -rf $(VENV) target logs profiles.yml
	@find data/build data/simulated data/truth -mindepth 1 ! -name .gitkeep -delete

.PHONY: setup
setup: $(READY) profiles.yml

profiles.yml: profiles.yml.example
	@cp profiles.yml.example profiles.yml

# Where the environment is activated, its own Python would be removed before it is used.
# uv installs the locked packages ten times faster than pip; pip, which needs no
# bootstrapping, does it where uv cannot be had.
$(READY): requirements.lock pyproject.toml
	@set -- python3.12 python3.11 python3 python; found=; \
	PATH=$${PATH//"$(CURDIR)/$(VENV)/bin:"/}; \
	for candidate; do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' \
			2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Arcana needs Python 3.11 or 3.12 with venv, and found neither" \
			"($$(python3 --version 2>&1 || echo no python3 at all)). Install one and try again." >&2; \
		exit 1; \
	fi; \
	start=$$SECONDS; \
	echo "Setting up in $(VENV) with $$("$$found" --version): the locked packages, once."; \
	rm -rf $(VENV); \
	"$$found" -m venv $(VENV); \
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock; \
	if $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes \
			-r $(VENV)/uv.lock \
		&& $(VENV)/bin/uv pip sync --quiet --require-hashes --python $(PYTHON) requirements.lock; then :; \
	else \
		echo "uv could not install the packages; trying with pip, which takes a minute or two."; \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes \
			-r requirements.lock; \
	fi; \
	$(VENV)/bin/uv pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation -e . \
		|| $(PYTHON) -m pip install --quiet --no-deps --no-build-isolation -e .; \
	touch $(READY); \
	echo "Set up in $$((SECONDS - start)) s."
