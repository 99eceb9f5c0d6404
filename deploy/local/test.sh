#!/usr/bin/env bash
# Lint, types, architecture, then the tests. With "lint": no tests. With other arguments: pytest with these, in one run.
set -euo pipefail
cd "$(dirname "$0")/../.."
begun=$SECONDS
say() { printf '%4ds  %s\n' $((SECONDS - begun)) "$*"; }
run() { say "$*"; "$@"; }
tests() { .venv/bin/python -W ignore::DeprecationWarning -m pytest -q --durations=10 "$@"; }

static() {
  run .venv/bin/ruff check .
  run .venv/bin/ruff format --check .
  run .venv/bin/mypy
  run .venv/bin/lint-imports
}

if [ $# -gt 0 ]; then
  static
  [ "$1" = lint ] || tests "$@"
  exit 0
fi

# What only computes and what mostly waits (for engines) go side by side; what is shown of the first comes when it has ended.
mkdir -p var/test
(static && tests tests/unit tests/deploy tests/integration/gateway tests/integration/cli -p no:cacheprovider) >var/test/side.log 2>&1 &
side=$!
trap 'kill "$side" 2>/dev/null || true' EXIT
failed=0
measured=tests/integration/media/test_in_step.py
say "tests/contract tests/integration; beside them lint, types, architecture, tests/unit, tests/deploy, tests/integration/{gateway,cli}"
elsewhere=(--ignore tests/integration/gateway --ignore tests/integration/cli --ignore "$measured")
tests tests/contract tests/integration "${elsewhere[@]}" || failed=$?
wait "$side" || failed=$?
trap - EXIT
cat var/test/side.log
# What is measured, a browser through the whole product, and everything killed under load, want the machine to themselves.
say "$measured tests/e2e tests/faults"
tests "$measured" tests/e2e tests/faults || failed=$?
say "done"
exit "$failed"
