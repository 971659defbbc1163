#!/usr/bin/env bash
# One element of the array that sweep.sh submits: PROGRAM SWEEP DIR SHARDS [SWEEP OPTION...]
# The program replaces the shell, so that Slurm's SIGTERM (scancel, time limit) stops it cleanly.
set -euo pipefail
program=$1 sweep=$2 folder=$3 shards=$4
shift 4
shard=${SLURM_ARRAY_TASK_ID:?is not set: submit this with scripts/slurm/sweep.sh}
exec "$program" sweep "$sweep" -o "$folder/shards/$shard" --shard "$shard/$shards" --resume \
  -j "${SLURM_CPUS_PER_TASK:-1}" "$@"
