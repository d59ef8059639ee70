#!/usr/bin/env bash
# The whole suite on SQLite, the database rooms again on PostgreSQL, then the browser journeys.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
export MIDAN_CI=1  # nothing is left out for want of a program
failed=0
# A file goes to one process: what its tests share is made once.
pytest -q -n 2 --dist loadfile -m "not soak and not browser" || failed=1
# Every room that asks the database.
MIDAN_TEST_DB=postgres pytest -q -n 2 --dist loadfile tests/access tests/audit tests/collection tests/console tests/devices tests/duties tests/gateway \
    tests/label tests/matrix \
    tests/people tests/portal tests/review tests/store tests/vault tests/waybill -m "not soak and not browser" || failed=1
pytest -q -m browser -p no:randomly tests/browser || failed=1
exit $failed
