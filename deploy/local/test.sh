#!/usr/bin/env bash
# Lint, types, architecture, then the tests. With "lint": no tests. With other arguments: pytest with these, in one run.
set -euo pipefail
cd "$(dirname "$0")/../.."
begun=$(date +%s)
measured=tests/integration/media/test_in_step.py
export begun measured
say() { printf '%4ds  %s\n' $(($(date +%s) - begun)) "$*"; }
run() { say "$*" && "$@"; }
tests() { .venv/bin/python -W ignore::DeprecationWarning -m pytest -q --durations=10 -p no:cacheprovider "$@"; }

static() {
  run .venv/bin/ruff check . && run .venv/bin/ruff format --check . && run .venv/bin/mypy && run .venv/bin/lint-imports
}

if [ $# -gt 0 ]; then
  static
  [ "$1" = lint ] || tests "$@"
  exit 0
fi

# One of the parts that go side by side; what it said is shown when it has ended.
part() {
  local outcome=0 others=()
  case $1 in
    static) static ;;
    unit) tests tests/unit tests/deploy ;;
    rest)
      for folder in media gateway certification; do others+=(--ignore "tests/integration/$folder"); done
      tests tests/contract tests/integration "${others[@]}"
      ;;
    *) tests "tests/integration/$1" --ignore "$measured" ;;
  esac >"var/test/$1.log" 2>&1 || outcome=$?
  say "$1"
  cat "var/test/$1.log"
  return "$outcome"
}
export -f say run tests static part

mkdir -p var/test
failed=0
say "two at a time: media, gateway, the rest, certification (tests/integration, tests/contract)"
say "in the time that they leave: tests/unit tests/deploy; lint, types, architecture"
nice -n 15 bash -c 'failed=0; part unit || failed=$?; part static || failed=$?; exit "$failed"' &
beside=$!
trap 'kill "$beside" 2>/dev/null || true' EXIT
printf '%s\n' media gateway rest certification | xargs -P 2 -I '{}' bash -c 'part {}' || failed=$?
wait "$beside" || failed=$?
trap - EXIT
# What is measured, a browser through the whole product, and everything killed under load, want the machine to themselves.
say "$measured tests/e2e tests/faults"
tests "$measured" tests/e2e tests/faults || failed=$?
say "done"
exit "$failed"
