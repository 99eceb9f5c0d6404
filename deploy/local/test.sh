#!/usr/bin/env bash
# Lint, types, architecture, then the tests. With "lint": no tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
begun=$SECONDS
run() { printf '%4ds  %s\n' $((SECONDS - begun)) "$*"; "$@"; }
run .venv/bin/ruff check .
run .venv/bin/ruff format --check .
run .venv/bin/mypy
run .venv/bin/lint-imports
[ "${1:-}" != lint ] || exit 0
run .venv/bin/python -W ignore::DeprecationWarning -m pytest -q --durations=15 "$@"
printf '%4ds  done\n' $((SECONDS - begun))
