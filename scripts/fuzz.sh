#!/usr/bin/env bash
# Feeds every fuzzer of tests/fuzz random input, one per processor at a time. Fails when one crashes
# and leaves the input beside build/fuzz/corpus/<name>. Builds the fuzzers and the rooms they link,
# nothing else.
#   scripts/fuzz.sh [SECONDS]      a hunt: SECONDS each (default 60), from the committed seeds
#                                  tests/fuzz/corpus/<name> and from and into build/fuzz/corpus/<name>;
#                                  the random seed is SEED from the environment, else 1
#   scripts/fuzz.sh --runs COUNT   a check: COUNT inputs each from the committed seeds, the same ones
#                                  at every run, so that it fails for what was changed, not by luck
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh test
runs=""
if [ "${1:-}" = --runs ]; then runs=${2:?--runs needs a count}; else seconds=${1:-60}; fi
# Addresses that change from run to run change what a fuzzer learns from comparisons.
fixed=()
if [ -n "$runs" ] && setarch --addr-no-randomize true 2>/dev/null; then fixed=(setarch --addr-no-randomize); fi

mapfile -t fuzzers < <(basename --suffix=.cpp --multiple tests/fuzz/*_fuzz.cpp)
cmake --preset fuzz >&2
cmake --build --preset fuzz --parallel "$(nproc)" --target "${fuzzers[@]}" >&2

logs=build/test_logs
mkdir -p "$logs"

# fuzz NAME: one fuzzer; its last lines to standard output.
fuzz() {
  local corpus=build/fuzz/corpus/$1 seeds=tests/fuzz/corpus/$1 status=0 work
  mkdir -p "$corpus"
  if [ -n "$runs" ]; then
    work=("-runs=$runs" "-seed_inputs=$(LC_ALL=C find "$seeds" -type f | LC_ALL=C sort | paste -sd,)")
  else
    work=("-max_total_time=$seconds" "$corpus" "$seeds")
  fi
  "${fixed[@]}" "build/fuzz/tests/$1" -seed="${SEED:-1}" -max_len=65536 -rss_limit_mb=2048 \
    -artifact_prefix="$corpus-" "${work[@]}" >"$logs/$1.txt" 2>&1 || status=1
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
