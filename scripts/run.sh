#!/usr/bin/env bash
# Installs what is needed, builds, and reproduces PACT's system study: prints its table and where
# the report stands (build/pact). Arguments go to `bitscale reproduce pact`.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh
build/release/bitscale reproduce pact -o build/pact "$@"
