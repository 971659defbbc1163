#!/usr/bin/env bash
# Area, critical path and energy of the reference hardware; see rtl/synth/README.md.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "$0")/../rtl/synth/characterize.py" "$@"
