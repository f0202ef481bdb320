#!/bin/sh
# Style by ruff, arrows between the wings by import-linter.
set -eu
bin=.venv/bin
$bin/ruff check --quiet .
$bin/ruff format --quiet --check .
said=$($bin/lint-imports --no-cache --no-logo) || { echo "$said" >&2; exit 1; }
echo "lint: fine"
