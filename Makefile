# make help says what there is. Needs only make and Python 3.11, 3.12 or 3.13; everything else goes into $(VENV) and var/.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST := $(BIN)/python -m pytest -q
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
	--custom-compile-command "make requirements"
# Production settings for `check --deploy`: neither secret nor in use anywhere.
PRODUCTION := BROKERAGE_ENV=production DEBUG=off ALLOWED_HOSTS=brokerage.example CSRF_TRUSTED_ORIGINS= \
	DATABASE_URL=postgres://check:check@127.0.0.1:5432/check \
	SECRET_KEY=for-the-deployment-check-only-0123456789-abcdefghijklmnopqrstuvwxyz \
	FIELD_KEYS=check:Zm9yLXRoZS1kZXBsb3ltZW50LWNoZWNrLW9ubHktMzI= TAX_ID_HASH_KEY=for-the-deployment-check-only-0123456789 \
	BROKER_API_KEY=check BROKER_API_SECRET=check PLAID_CLIENT_ID=check PLAID_SECRET=check \
	SITE_URL=https://brokerage.example EMAIL_URL=smtp+tls://check:check@127.0.0.1:587 \
	BRAND_LEGAL_NAME=Check SUPPORT_EMAIL=help@brokerage.example DEFAULT_FROM_EMAIL=check@brokerage.example

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check static style types templates migrations deploy house holes licences fast proofs kills \
	bank-lives streams races workers drill bench \
	bench-invariants bench-reconcile format requirements dev chromium

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- The demo ---------------------------------------------------------------------------------------------------------

demo: $(VENV)/installed ## Install what is missing and run the whole site here, with both vendors played (Ctrl-C stops it)
	@exec $(BIN)/python manage.py run_demo

demo-reset: ## Throw away the demo's data; the next `make demo` starts afresh
	@rm -rf var/brokerage.sqlite3 var/brokerage.sqlite3-shm var/brokerage.sqlite3-wal \
		var/sandbox.sqlite3 var/sandbox.sqlite3-shm var/sandbox.sqlite3-wal var/log var/mail
	@echo "Removed the demo's data under var/: both databases (the site's and the sandbox's), the logs and the e-mails."

# --- Tests ------------------------------------------------------------------------------------------------------------

# Every leg runs, whatever became of the one before; tests/harness/legs.py sums them up at the end.
# On PostgreSQL those alone run that ask for a database. A browser waits more than it works: four share two cores.
test: dev chromium ## Run all tests: on SQLite, on PostgreSQL, in a browser
	@mkdir -p var; rm -f var/test-legs.txt; export TEST_LEGS_FILE=var/test-legs.txt; failed=0; \
	echo "--- Tests on SQLite"; \
	TEST_LEG="On SQLite" $(PYTEST) -n 2 -m "not browser" || failed=1; \
	echo "--- Tests on PostgreSQL"; \
	TEST_LEG="On PostgreSQL" $(PYTEST) -n 2 -m "not browser" -p tests.harness.postgres || failed=1; \
	echo "--- Tests in a browser"; \
	TEST_LEG="In a browser" $(PYTEST) -n 4 -m browser || failed=1; \
	exit $$failed

proofs: dev ## Try for minutes what `make test` tries for seconds
	HYPOTHESIS_PROFILE=long $(PYTEST) tests/brokerage/sandbox/test_property.py tests/funding/test_life.py

kills: dev ## Kill the site at every point of its I/O, on both databases
	KILLS=all $(PYTEST) -n 2 tests/journeys/test_kills.py tests/journeys/test_bank_kills.py
	KILLS=all $(PYTEST) -n 2 -p tests.harness.postgres tests/journeys/test_kills.py tests/journeys/test_bank_kills.py

bank-lives: dev ## Let five thousand customers' banks come and go in any order, with deaths and lost answers
	BANK_LIVES=$(or $(LIVES),5000) $(PYTEST) -n 2 tests/funding/test_bank_life.py

streams: dev ## Tell the broker's news in every order, and ten thousand events through a storm of disconnections
	STREAMS=all $(PYTEST) tests/journeys/test_event_orders.py tests/journeys/test_event_storms.py

races: dev ## Let crowds of fifty race two hundred times, on PostgreSQL
	RACE_REPEATS=200 $(PYTEST) -n 2 -p tests.harness.postgres tests/journeys/test_races.py

workers: dev ## Kill one of two workers 25 times while they send 500 transfers, on PostgreSQL
	WORKERS=$(or $(TRANSFERS),500) WORKERS_KILLED=$(or $(KILLED),25) $(PYTEST) -p tests.harness.postgres \
		tests/funding/test_two_processes.py

drill: dev ## Damage a hundred thousand transfers in thirty ways, and have all of it found (DRILL=20000: fewer)
	DRILL=$(or $(DRILL),100000) $(PYTEST) tests/funding/drill

bench: dev ## Measure the sandbox, the list of transfers, the rates of returns, a storm of webhooks, accounts, metrics, sign-ins
	$(BIN)/python bench/sandbox.py
	$(BIN)/python bench/transfer_list.py
	$(BIN)/python bench/return_rates.py
	$(BIN)/python bench/webhooks.py
	$(BIN)/python bench/reconcile_accounts.py
	$(BIN)/python bench/metrics.py
	$(BIN)/python bench/daily_close.py
	$(BIN)/python bench/audit.py
	$(BIN)/python bench/sign_in.py 4000

bench-invariants: dev ## Measure check_invariants on ROWS transfers (100000; a million takes half an hour)
	$(BIN)/python bench/check_invariants.py $(or $(ROWS),100000)

bench-reconcile: dev ## Measure reconciliation on ROWS transfers (100000), on SQLite and on PostgreSQL
	$(BIN)/python bench/reconcile_transfers.py $(or $(ROWS),100000)
	$(BIN)/python bench/reconcile_transfers.py $(or $(ROWS),100000) --postgres

# A machine that tests automatically is Debian and root; anybody else is told by the tests what to install.
chromium: dev
	@if $(BIN)/python -c 'import sys; from tests.harness.browser import find_chromium; sys.exit(not find_chromium())'; \
	then :; elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing chromium for the browser tests"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null || \
		echo "chromium could not be installed."; \
	fi

# --- Checks -----------------------------------------------------------------------------------------------------------

check: dev ## Check everything that is quick: style, types, templates, migrations, settings, imports, fast tests
	@$(MAKE) --no-print-directory --keep-going static fast

static: style types templates migrations deploy house holes

style: dev
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --quiet --output-format concise .

types: dev
	$(BIN)/mypy --no-error-summary

templates: dev
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates

migrations: dev
	@$(BIN)/python manage.py makemigrations --check --dry-run

deploy: dev
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

house: dev
	$(PYTEST) tests/test_house.py

holes: dev
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive accounts brokerage funding

# The sandbox is a world of its own, with a thousand tests; `make test` has them.
fast: dev
	$(PYTEST) -n 2 -m "not browser and not slow and not postgres" --ignore=tests/test_house.py \
		--ignore=tests/brokerage/sandbox

format: dev ## Bring code and templates into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint --quiet --reformat templates || true  # exits 1 when it changed something

# --- Installing -------------------------------------------------------------------------------------------------------

requirements: dev ## Pin what requirements*.in ask for (UPGRADE=--upgrade: the newest versions)
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements-dev.in -o requirements-dev.txt

licences: dev ## List the licences of what the site runs on in docs/licences.md
	$(BIN)/python tests/harness/licences.py

dev: $(VENV)/installed-dev

$(VENV)/installed: requirements.txt | $(BIN)/python
	@echo "Installing what the site needs into $(VENV)"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing what the site and its tests need into $(VENV)"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/installed

$(BIN)/python:
	@if ! command -v "$(PYTHON)" >/dev/null 2>&1; then \
		echo "There is no $(PYTHON) here: install Python 3.11, 3.12 or 3.13" \
			"(Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13)." >&2; exit 1; \
	elif ! "$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then \
		echo "$(PYTHON) is $$("$(PYTHON)" -V 2>&1), and this needs 3.11, 3.12 or 3.13:" \
			"name one, such as make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12." >&2; exit 1; \
	elif ! "$(PYTHON)" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "$(PYTHON) cannot make virtual environments: install its venv module" \
			"(Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1; \
	fi
	@"$(PYTHON)" -m venv "$(VENV)" || { rm -f $@; exit 1; }
