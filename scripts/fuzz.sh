#!/usr/bin/env bash
# Feeds every fuzzer of tests/fuzz random input for SECONDS each (default 60), one per processor at
# a time, from the committed seeds tests/fuzz/corpus/<name> and from and into
# build/fuzz/corpus/<name>. Fails when one crashes and leaves the input beside its corpus. Builds the
# fuzzers and the rooms they link, nothing else. The random seed is SEED from the environment, else
# 1: a check that fails for what was changed, not by luck. A hunt uses other seeds and hours.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh test
seconds=${1:-60}

mapfile -t fuzzers < <(basename --suffix=.cpp --multiple tests/fuzz/*_fuzz.cpp)
cmake --preset fuzz >&2
cmake --build --preset fuzz --parallel "$(nproc)" --target "${fuzzers[@]}" >&2

logs=build/test_logs
mkdir -p "$logs"

# fuzz NAME: one fuzzer; its last lines to standard output.
fuzz() {
  local corpus=build/fuzz/corpus/$1 seeds=tests/fuzz/corpus/$1 status=0
  mkdir -p "$corpus" "$seeds"
  "build/fuzz/tests/$1" -seed="${SEED:-1}" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 \
    -artifact_prefix="$corpus-" "$corpus" "$seeds" >"$logs/$1.txt" 2>&1 || status=1
  printf '%s: ' "$1"
  if [ "$status" -eq 0 ]; then tail -n 1 "$logs/$1.txt"; else tail -n 40 "$logs/$1.txt"; fi
  return "$status"
}

failed=0
running=0
for fuzzer in "${fuzzers[@]}"; do
  if [ "$running" -ge "$(nproc)" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz "$fuzzer" &
  running=$((running + 1))
done
for ((; running > 0; running--)); do wait -n || failed=1; done
exit "$failed"
