#!/usr/bin/python3
"""sweep_scale.py PROGRAM [POINTS]: what a large analytic sweep takes, and how it scales to two cores.

Runs POINTS (default 100,000) designs of ResNet-20 with two workers, then a tenth of them with one
and with two, and prints wall time, CPU time, the most memory of all its processes at once (PSS: what
forked workers share counts once) and the size of the store. Every point is another design and its
mapping is searched. On a machine that does other work wall times say little: the load is printed.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

TARGET_S, TARGET_MB, TARGET_SPEED_UP = 120, 500, 1.8
SWEEP = {
    "schema_version": 1, "name": "scale", "base": {"network": "resnet20_cifar10"},
    "axes": [
        {"name": "capacity", "pointer": "/arch/buffers/weight/capacity_bytes",
         "range": {"from": 32768, "to": 655360, "step": 32768}},
        {"name": "stay", "pointer": "/arch/residency", "values": ["none", "layer"]},
        {"name": "ns", "pointer": "/arch/dram/latency_ns", "range": {"from": 10, "to": 250, "step": 10}},
        {"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps", "range": {"from": 1, "to": 100, "step": 1}}],
    "objectives": [{"field": "latency_ms"}, {"field": "energy_pj"}, {"field": "area_um2"}],
    "engine": "analytic"}


def processes_of(parent):
    found = [parent]
    for process in found:
        try:
            found += map(int, pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split())
        except OSError:
            pass
    return found


def memory_mb(process):
    total = 0
    for one in processes_of(process):
        try:
            for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024


def sweep(program, folder, points, workers):
    """Seconds of wall and of CPU, most MB, MB of the store."""
    out = folder / f"out_{points}_{workers}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    most = 0
    with subprocess.Popen([program, "sweep", folder / "sweep.json", "-o", out, "-q",
                           "--limit", str(points), "-j", str(workers)]) as run:
        while run.poll() is None:
            most = max(most, memory_mb(run.pid))
            time.sleep(0.2)
    wall = time.monotonic() - start
    if run.returncode != 0:
        sys.exit(f"the sweep failed with status {run.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, most, (out / "sweep.sqlite").stat().st_size / 1e6


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    points = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory(prefix="bitscale_scale_") as name:
        folder = pathlib.Path(name)
        (folder / "sweep.json").write_text(json.dumps(SWEEP), encoding="utf-8")
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        wall, cpu, most, store = sweep(program, folder, points, 2)
        print(f"{points} points, 2 workers: {wall:.1f} s wall, {cpu:.1f} s CPU, {most:.0f} MB at most, "
              f"store {store:.1f} MB (targets for 100,000: {TARGET_S} s, {TARGET_MB} MB)")
        part = max(1, points // 10)
        one, one_cpu, _, _ = sweep(program, folder, part, 1)
        two, two_cpu, _, part_store = sweep(program, folder, part, 2)
        print(f"{part} points: 1 worker {one:.2f} s ({one_cpu:.2f} s CPU), 2 workers {two:.2f} s "
              f"({two_cpu:.2f} s CPU), speed-up {one / two:.2f} (target {TARGET_SPEED_UP})")
        print(f"store per point: {1e6 * part_store / part:.0f} bytes at {part}, "
              f"{1e6 * store / points:.0f} bytes at {points}")


if __name__ == "__main__":
    main()
