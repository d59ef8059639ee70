#!/usr/bin/env bash
# Everything that can be judged without running the product. All checks run; one failure fails the whole.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
failed=0
step() { name=$1; shift; if out=$("$@" 2>&1); then echo "ok    $name"; else echo "FAIL  $name"; echo "$out" | tail -60; failed=1; fi; }
export MIDAN_HOME="${MIDAN_HOME:-$(mktemp -d)}"
step format ruff format --check -q .
step lint ruff check -q .
step types mypy
step contracts lint-imports
step templates djlint midan --lint --quiet --profile=django
step spelling codespell midan docs specs README.md SECURITY.md CHANGELOG.md
step migrations python manage.py makemigrations --check --dry-run
step messages python tools/messages.py check
step reference python tools/reference.py check
exit $failed
