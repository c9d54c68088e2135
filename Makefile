# Two commands do everything on a fresh machine with Python 3.11 and make:
#   make run    sets up, loads the archive and serves it on http://127.0.0.1:8000/
#   make test   sets up and runs the tests
# DATABASE_URL=postgres://… chooses PostgreSQL for either.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
ADDRESS ?= 127.0.0.1:8000
BIN = .venv/bin
export DEBUG ?= 1

.PHONY: run test lint fixtures messages bench-data bench clean

run: .venv/run
	@$(BIN)/python manage.py prepare --address http://$(ADDRESS)/
	@$(BIN)/python manage.py runserver $(ADDRESS)

test: .venv/test
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python manage.py makemigrations --check --dry-run

fixtures: .venv/run
	$(BIN)/python manage.py build_fixtures

# What the public's pages say, into the catalogue of every language.
messages: .venv/test
	@$(BIN)/python manage.py make_messages

# An archive to measure, on the database of DATABASE_URL or in bench/bench.sqlite3, and the measurements: see docs/bench.md.
EVENTS ?= 1000000

bench-data: .venv/run
	@$(BIN)/python -m bench.data --events $(EVENTS) $(ARGS)

bench: .venv/run .venv-bench/ready
	@$(BIN)/python -m bench $(if $(CASES),--cases $(CASES)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(ARGS)

.venv-bench/ready: .venv/bin/python requirements-bench.txt
	$(BIN)/python -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Annals needs Python 3.11; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv

# Each file marks what was installed last, and is made again when its requirements change.
.venv/run: .venv/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test: .venv/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv .venv-bench staticfiles
