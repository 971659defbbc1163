#!/usr/bin/env bash
# Area of the reference hardware by synthesis; see rtl/synth/README.md.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "$0")/../rtl/synth/characterize.py" "$@"
