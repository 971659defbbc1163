#!/usr/bin/env bash
# Joins the shards that sweep.sh submitted: PROGRAM SWEEP DIR SHARDS [SWEEP OPTION...]
# Then runs what only the whole can know: with "engine": "screened" the joint front's neighbours.
set -euo pipefail
program=$1 sweep=$2 folder=$3 shards=$4
shift 4
parts=()
for ((shard = 1; shard <= shards; shard++)); do parts+=("$folder/shards/$shard"); done
"$program" sweep merge "$sweep" -o "$folder" "${parts[@]}" "$@"
exec "$program" sweep "$sweep" -o "$folder" --resume -j "${SLURM_CPUS_PER_TASK:-1}" "$@"
