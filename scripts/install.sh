#!/usr/bin/env bash
# Installs from Debian 12 what Bitscale needs; the only place that names packages.
#   scripts/install.sh run    to build and run it
#   scripts/install.sh test   that, libtorch, and what tests and checks need
#   scripts/install.sh training   the first, and libtorch for bitscale train
# Works as root or with sudo. Does nothing, quickly, when everything is there.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"

run_packages=(
  g++ cmake ninja-build make pkg-config ccache  # build
  libsystemc-dev verilator perl zlib1g-dev      # simulation kernel, RTL models
  libboost-dev libboost-program-options-dev nlohmann-json3-dev libsqlite3-dev libssl-dev
  libonnx-dev libprotobuf-dev protobuf-compiler # ONNX files
  libzip-dev                                    # .npz files
  libjs-chart.js                                # charts inside report.html
  libboost-mpi-dev openmpi-bin                  # bitscale sweep --mpi
)
training_packages=(libtorch-dev) # bitscale train (cmake -DBITSCALE_TRAINING=ON)
test_packages=(
  git python3 python3-jsonschema # check scripts, schema tests
  chromium chromium-driver python3-selenium # reports in a real browser
  libgtest-dev libgmock-dev libbenchmark-dev libdnnl-dev
  clang clang-format clang-tidy libclang-rt-14-dev shellcheck
  dataset-fashion-mnist # real images for the network tests
  slurmctld slurmd slurm-client munge # scripts/slurm under a real Slurm on loopback
  yosys iverilog opensta qflow-tech-osu018 # synthesis of the reference hardware
)

case "${1-}" in
  run) packages=("${run_packages[@]}") ;;
  test) packages=("${run_packages[@]}" "${training_packages[@]}" "${test_packages[@]}") ;;
  training) packages=("${run_packages[@]}" "${training_packages[@]}") ;;
  *)
    echo "usage: scripts/install.sh run|test|training" >&2
    exit 2
    ;;
esac

# The named packages that dpkg does not report as installed, one a line.
list_missing() {
  dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
    awk -v wanted="${packages[*]}" '
      $1 == "installed" { present[$2] = 1 }
      END { n = split(wanted, names, " "); for (i = 1; i <= n; i++) if (!present[names[i]]) print names[i] }'
}

mapfile -t missing < <(list_missing)
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install.sh: not root and no sudo; as root run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 "$@" >&2
}

echo "install.sh: installing ${missing[*]}" >&2
# A third-party source that is down must not stop us: the install below decides.
apt update || echo "install.sh: some package lists could not be fetched" >&2
apt install -y --no-install-recommends "${missing[@]}"
