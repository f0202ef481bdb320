#!/bin/sh
# Style by ruff, types by mypy, arrows between the wings by import-linter, declared imports by deptry.
set -eu
bin=.venv/bin
$bin/ruff check --quiet .
$bin/ruff format --quiet --check .
said=$($bin/mypy --no-error-summary) || { echo "$said" >&2; exit 1; }
# Of benchmarks only that what they call exists and takes so many arguments of these names.
loose=$(printf -- '--disable-error-code %s ' index arg-type call-overload return-value misc assignment no-untyped-def union-attr)
said=$($bin/mypy --no-error-summary $loose benchmarks) || { echo "$said" >&2; exit 1; }
said=$($bin/lint-imports --no-cache --no-logo) || { echo "$said" >&2; exit 1; }
said=$($bin/deptry digitlib --no-ansi 2>&1) || { echo "$said" >&2; exit 1; }
echo "lint: fine"
