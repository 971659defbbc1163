#!/usr/bin/env bash
# Builds the release binary build/release/bitscale, installing what that needs first.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh run
cmake --preset release >&2
cmake --build --preset release --parallel "$(nproc)" --target bitscale >&2
echo "built $PWD/build/release/bitscale" >&2
