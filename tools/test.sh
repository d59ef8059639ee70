#!/usr/bin/env bash
# The whole suite on SQLite, the database rooms again on PostgreSQL, then the browser journeys.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
export MIDAN_CI=1  # nothing is left out for want of a program
failed=0
pytest -q -n 2 -m "not soak and not browser" || failed=1
MIDAN_TEST_DB=postgres pytest -q tests/audit tests/vault tests/waybill tests/collection tests/access tests/people tests/gateway -m "not soak and not browser" || failed=1
pytest -q -m browser -p no:randomly tests/browser || failed=1
exit $failed
