.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-long check-deploy faults bench-video bench-scale bench-issue lint format doctor clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: ## Install what is missing (Debian packages, Python, Node, built pages)
	@deploy/local/setup.sh

demo: setup ## Run one whole emission on real parts and show it
	@bin/titular demo

up: setup ## Start the product on this machine, until Ctrl+C
	@bin/titular up

test: setup ## Lint, types, architecture and all tests
	@deploy/local/test.sh

test-long: setup ## Proofs that take minutes (an hour's meeting, twenty kills in one, four rooms at once), and more cases of others
	@.venv/bin/python -W ignore::DeprecationWarning -m pytest -q --durations=0 -m long

check-deploy: setup ## Check images, compose file, Kubernetes manifests, alarms and dashboards
	@.venv/bin/python -W ignore::DeprecationWarning -m pytest -q tests/deploy

faults: setup ## Kill and disturb everything under load: make faults ARGS="--kills 60 --emissions 200 --seed 7"
	@.venv/bin/python -W ignore -m tests.faults $(ARGS)

bench-video: setup ## From a meeting's end to its video, beside the naive way: make bench-video ARGS="--minutes 1,10 --rooms 1"
	@.venv/bin/python -W ignore -m bench.video $(ARGS)

bench-issue: setup ## Certificates, OCSP answers and lists a second, beside their floors: make bench-issue ARGS="--emissions 200 --phones 50"
	@.venv/bin/python -W ignore -m bench.issue $(ARGS)

bench-scale: setup ## Simulate a national day and size its machines: make bench-scale ARGS="--offices 5700 --load 10 --seed 1"
	@.venv/bin/python -W ignore -m bench.scale $(ARGS)

lint: setup ## Ruff, mypy and import-linter only
	@deploy/local/test.sh lint

format: ## Format the code
	@.venv/bin/ruff check --fix -q . ; .venv/bin/ruff format -q .

doctor: ## Say what this machine lacks
	@bin/titular doctor

clean: ## Remove all local data (var/), not the installed environments
	@find var -mindepth 1 -maxdepth 1 ! -name setup -exec rm -rf {} + && echo "local data removed"
