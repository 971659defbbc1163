#!/usr/bin/env bash
# Feeds every fuzzer of tests/fuzz random input for SECONDS each (default 60), from the committed
# seeds tests/fuzz/corpus/<name> and from and into build/fuzz/corpus/<name>. Fails on the first crash
# and leaves the input there.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh test
cmake --preset fuzz >&2
cmake --build --preset fuzz --parallel "$(nproc)" >&2
for fuzzer in build/fuzz/tests/*_fuzz; do
  corpus=build/fuzz/corpus/$(basename "$fuzzer")
  seeds=tests/fuzz/corpus/$(basename "$fuzzer")
  mkdir -p "$corpus" "$seeds"
  "$fuzzer" -max_total_time="${1:-60}" -max_len=65536 -artifact_prefix="$corpus-" "$corpus" "$seeds"
done
