"""bitscale sweep --mpi under mpirun: the same exports as a pool's, and a lost rank costs no result.

Where the program was built without MPI only the message that says so is tested.
"""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("BITSCALE_PROGRAM", ROOT / "build/release/bitscale"))
MPIRUN = ["mpirun", "--oversubscribe", "-n", "3"]
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               # One machine; no probing of other transports, no binding on a shared host.
               "OMPI_MCA_btl": "self,vader", "OMPI_MCA_hwloc_base_binding_policy": "none"}
SWEEP = {
    "schema_version": 1, "name": "mpi", "base": {"network": "resnet20_cifar10"},
    "axes": [{"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps",
              "range": {"from": 1, "to": 600, "step": 1}}],
    "objectives": [{"field": "latency_ms"}], "engine": "systemc"}


def with_mpi():
    run = subprocess.run([PROGRAM, "sweep", ROOT / "configs/sweeps/pact_map.json", "-o", "/nowhere",
                          "--mpi"], capture_output=True, text=True, check=False, timeout=60,
                         env=ENVIRONMENT)
    assert run.returncode == 2, run.stderr
    assert "--mpi" in run.stderr, run.stderr
    return "built without MPI" not in run.stderr


def rank_of(process):
    """The MPI rank of a process, or None."""
    try:
        words = pathlib.Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    ranks = [word for word in words if word.startswith(b"OMPI_COMM_WORLD_RANK=")]
    return int(ranks[0].split(b"=")[1]) if ranks else None


def children(process):
    found = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


def rows(folder):
    try:
        store = sqlite3.connect(f"file:{folder / 'sweep.sqlite'}?mode=ro", uri=True)
        with store:
            return store.execute("SELECT count(*) FROM points").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


class Mpi(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.sweep = self.folder / "sweep.json"
        self.sweep.write_text(json.dumps(SWEEP), encoding="utf-8")

    def command(self, name, *options):
        return [str(PROGRAM), "sweep", str(self.sweep), "-o", str(self.folder / name), *options]

    def run_whole(self, command):
        subprocess.run(command, check=True, capture_output=True, timeout=300, env=ENVIRONMENT)

    def exports(self, name):
        return [(self.folder / name / file).read_bytes() for file in ("points.csv", "points.json")]

    def test_gives_the_pools_exports_and_survives_a_lost_rank(self):
        if not with_mpi():
            return
        self.run_whole(self.command("pool", "-j2"))
        self.run_whole([*MPIRUN, *self.command("mpi", "--mpi")])
        self.assertEqual(self.exports("mpi"), self.exports("pool"))

        with subprocess.Popen([*MPIRUN, *self.command("lost", "--mpi")], env=ENVIRONMENT,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as job:
            until = time.monotonic() + 120
            while rows(self.folder / "lost") == 0 and time.monotonic() < until:
                time.sleep(0.02)
            worker = next(child for child in children(job.pid) if rank_of(child) == 1)
            os.kill(worker, signal.SIGKILL)
            self.assertNotEqual(job.wait(timeout=120), 0)
        before = rows(self.folder / "lost")
        self.assertGreater(before, 0)
        self.assertLess(before, 600)
        self.run_whole([*MPIRUN, *self.command("lost", "--mpi", "--resume")])
        self.assertEqual(self.exports("lost"), self.exports("pool"))

    def test_a_point_that_hangs_is_recorded(self):
        if not with_mpi():
            return
        self.sweep.write_text(json.dumps({**SWEEP, "time_limit_s": 5}), encoding="utf-8")
        with subprocess.Popen([*MPIRUN, *self.command("slow", "--mpi")], env=ENVIRONMENT,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as job:
            until = time.monotonic() + 120
            while rows(self.folder / "slow") == 0 and time.monotonic() < until:
                time.sleep(0.02)
            rank = next(child for child in children(job.pid) if rank_of(child) == 1)
            os.kill(children(rank)[0], signal.SIGSTOP)  # its worker answers no more
            self.assertEqual(job.wait(timeout=200), 0)
        store = sqlite3.connect(self.folder / "slow/sweep.sqlite")
        errors = [error for (error,) in store.execute("SELECT error FROM results")]
        self.assertEqual(len(errors), 600)
        self.assertEqual([error for error in errors if error],
                         ["exceeded the time limit of 5 s"])

    @unittest.skipUnless(with_mpi(), "built without MPI")
    def test_a_faulty_sweep_is_said_once(self):
        (self.folder / "bad.json").write_text('{"schema_version": 1, "nonsense": 1}', encoding="utf-8")
        for more in ([], ["--dry-run"]):
            run = subprocess.run(
                [*MPIRUN, str(PROGRAM), "sweep", "bad.json", "-o", "bad", "--mpi", *more],
                cwd=self.folder, capture_output=True, text=True, check=False, timeout=120,
                env=ENVIRONMENT)
            self.assertNotEqual(run.returncode, 0)
            self.assertEqual(run.stderr.count("unknown key 'nonsense'"), 1, run.stderr)

    def test_a_single_rank_is_refused(self):
        run = subprocess.run(self.command("one", "--mpi"), capture_output=True, text=True,
                             check=False, timeout=60, env=ENVIRONMENT)
        self.assertEqual(run.returncode, 2)
        self.assertRegex(run.stderr, "at least 2 ranks|built without MPI")


if __name__ == "__main__":
    unittest.main()
