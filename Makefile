# GNU make 4 or newer, a POSIX shell and Python 3.11 or newer: nothing else. `make help` says what there is.

SHELL := /bin/sh
PYTHON := .venv/bin/python
PORT ?= 8000
UV ?= uv
export VIDEO ENGINE OUT PORT

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo run test lint bench soak fuzz lock clean venv migrate

# A person's own settings, if there are any (see .env.example). The tests never read them.
SETTINGS = if [ -f .env ]; then set -a; . ./.env; set +a; fi
INSTALL = $(PYTHON) -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes

# A virtual environment that cannot start (half made, or of a Python that is gone) is made anew, and everything in it.
HEALTHY := $(shell $(PYTHON) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes)
ifneq ($(HEALTHY),yes)
.PHONY: .venv/run.stamp .venv/test.stamp
endif

help:  ## this list
	@sed -n 's/^\([a-z][a-z]*\):.*##  *\(.*\)/  make \1 : \2/p' Makefile | awk -F ' : ' '{printf "%-14s %s\n", $$1, $$2}'

demo: .venv/run.stamp migrate  ## a short scene made, measured, matched and joined; VIDEO=clip ENGINE=model OUT=folder
	@$(SETTINGS); $(PYTHON) manage.py demo $${VIDEO:+--video "$$VIDEO"} $${ENGINE:+--engine "$$ENGINE"} $${OUT:+--out "$$OUT"}

# The two end together: at Ctrl-C, and when one of them ends by itself. An address of any length gets the site's own answer;
# in production the proxy in front bounds it.
run: .venv/run.stamp migrate  ## the site and its worker, until Ctrl-C; PORT=8000
	@$(SETTINGS); \
	echo "Throughline: http://127.0.0.1:$$PORT/ (Ctrl-C ends it)"; \
	$(PYTHON) manage.py work & work=$$!; \
	$(PYTHON) -m gunicorn config.wsgi --bind "127.0.0.1:$$PORT" --worker-class gthread --workers 2 --threads 8 \
		--graceful-timeout 3 --log-level warning --limit-request-line 0 --no-control-socket & web=$$!; \
	trap 'ended=0; kill -TERM $$work $$web 2>/dev/null' INT TERM HUP; \
	ended=1; \
	while kill -0 $$work 2>/dev/null && kill -0 $$web 2>/dev/null; do sleep 1; done; \
	while kill -0 $$work 2>/dev/null || kill -0 $$web 2>/dev/null; do \
		kill -TERM $$work $$web 2>/dev/null; sleep 1; \
	done; \
	exit $$ended

test: .venv/test.stamp  ## lint, then every test: without a database, on SQLite, on PostgreSQL, with killed processes
	@$(PYTHON) -m tests.run

lint: .venv/test.stamp  ## ruff, mypy, import contracts, migrations, system checks, lock files
	@$(PYTHON) -m tests.run lint

soak: .venv/test.stamp  ## the tests that take longer than make test allows
	@$(PYTHON) -m tests.run soak

fuzz: .venv/test.stamp  ## every operation of the API with generated requests, as two people; EXAMPLES=50
	@$(PYTHON) -m tests.fuzz

bench: .venv/test.stamp  ## every measurement against its target
	@missed=; \
	for file in tests/bench/[!_]*.py; do \
		name=$$(basename "$$file" .py); \
		echo "== $$name"; \
		$(PYTHON) -m "tests.bench.$$name" || missed="$$missed $$name"; \
	done; \
	if [ -n "$$missed" ]; then echo "missed:$$missed"; exit 1; fi

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links

lock:  ## both lock files anew from pyproject.toml (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or say UV=/path/to/uv."; exit 1; }
	@$(LOCK) -o requirements.lock pyproject.toml
	@$(LOCK) --extra test -c requirements.lock -o tests/requirements.lock pyproject.toml
	@! grep -n '://' requirements.lock tests/requirements.lock

clean:  ## remove .venv and all caches; .local (database and media) stays
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

migrate: .venv/run.stamp
	@$(SETTINGS); $(PYTHON) manage.py migrate --noinput --verbosity 0

# A stamp is written last, so an interrupted installation is never taken for a finished one.
.venv/run.stamp: requirements.lock | venv
	@echo "installing the locked packages (a minute or two the first time) …"
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/test.stamp: requirements.lock tests/requirements.lock | venv
	@echo "installing the locked packages and those of the tests (a minute or two the first time) …"
	@$(INSTALL) -r tests/requirements.lock
	@touch .venv/run.stamp $@

venv:
	@if [ -n "$(HEALTHY)" ]; then exit 0; fi; \
	for python in python3 python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "setting up .venv with $$("$$python" --version) …"; \
			exec "$$python" -m venv --clear .venv; \
		fi; \
	done; \
	echo "Throughline needs Python 3.11 or newer with its venv module: install it (on Debian: python3 and python3-venv), then say make again."; \
	exit 1
