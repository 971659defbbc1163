#!/usr/bin/env bash
# Runs a sweep as a Slurm array, one shard per element, and joins the shards when all are done.
#   scripts/slurm/sweep.sh SWEEP.json DIR SHARDS [SBATCH OPTION...] [-- SWEEP OPTION...]
#   scripts/slurm/sweep.sh configs/sweeps/pact_map.json out 16 --cpus-per-task=8 -- --analytic
# DIR must be seen by every node. Shard i writes DIR/shards/i, the joined results stand in DIR. The
# same command again, after a node was lost or a job cancelled, computes only what is missing.
# Sbatch options hold for the array and for the joining job. Prints the ids of the two jobs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${BITSCALE_PROGRAM:-$here/../../build/release/bitscale}

fail() {
  echo "sweep.sh: $1" >&2
  exit 2
}
usage='usage: sweep.sh SWEEP.json DIR SHARDS [SBATCH OPTION...] [-- SWEEP OPTION...]'
[ $# -ge 3 ] || fail "$usage"
sweep=$1 folder=$2 shards=$3
shift 3
[[ $shards =~ ^[1-9][0-9]{0,5}$ ]] || fail "SHARDS: expected a whole number of at least 1, given '$shards'"
command -v sbatch >/dev/null || fail "sbatch was not found; is this a machine that submits to Slurm?"

sbatch_options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  sbatch_options+=("$1")
  shift
done
[ $# -eq 0 ] || shift
sweep_options=("$@")
for option in "${sweep_options[@]}"; do
  case $option in
    -o* | --output* | -j* | --jobs* | --resume | --shard* | --mpi | --dry-run)
      fail "$option: the shards get it from here; workers are --cpus-per-task of the SBATCH OPTIONs"
      ;;
  esac
done

# What is wrong with the sweep is said here, once, and not in the log of every shard.
"$program" sweep "$sweep" --dry-run "${sweep_options[@]}" >&2
mkdir -p "$folder/shards" "$folder/logs"
program=$(realpath "$program") sweep=$(realpath "$sweep") folder=$(realpath "$folder")

array=$(sbatch --parsable --job-name=bitscale --array="1-$shards" --open-mode=append --requeue \
  --output="$folder/logs/shard-%a.log" "${sbatch_options[@]}" \
  "$here/shard.sh" "$program" "$sweep" "$folder" "$shards" "${sweep_options[@]}")
array=${array%%;*}
join=$(sbatch --parsable --job-name=bitscale-join --open-mode=append --requeue \
  --dependency="afterok:$array" --kill-on-invalid-dep=yes \
  --output="$folder/logs/join.log" "${sbatch_options[@]}" \
  "$here/join.sh" "$program" "$sweep" "$folder" "$shards" "${sweep_options[@]}")
echo "$array ${join%%;*}"
