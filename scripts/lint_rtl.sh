#!/usr/bin/env bash
# Lints the reference hardware over every parameter set of rtl/named_sets.json.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "$0")/lint_rtl.py" "$@"
