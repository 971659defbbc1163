"""scripts/slurm under a real Slurm on this machine: munged, slurmctld and slurmd on loopback.

The array's joined results are a pool's byte for byte, and a shard that was killed is completed by the
same command again. Skipped, saying so, where Slurm's packages are not installed.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("BITSCALE_PROGRAM", ROOT / "build/release/bitscale"))
SUBMIT = ROOT / "scripts/slurm/sweep.sh"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo")
MISSING = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
PATIENCE_S = 240
SHARDS = 3
# A shard takes seconds, so that it can be killed half-way on any machine.
SWEEP = {
    "schema_version": 1, "name": "slurm", "base": {"network": "resnet50"},
    "axes": [{"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps",
              "range": {"from": 1, "to": 300, "step": 1}}],
    "objectives": [{"field": "latency_ms"}], "engine": "systemc"}
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=20
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count):
    holders = [socket.socket() for _ in range(count)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def wait_until(what, holds, describe=lambda: ""):
    until = time.monotonic() + PATIENCE_S
    while not (result := holds()):
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {PATIENCE_S} s\n{describe()}")
        time.sleep(0.1)
    return result


class Slurm:
    """The three daemons in a folder of their own, in the foreground, so that we end just them."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        configuration = folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=user, folder=folder,
            ports=free_ports(2)), encoding="utf-8")
        self.environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(configuration),
                            "BITSCALE_PROGRAM": str(PROGRAM)}
        self.key, self.configuration = key, configuration

    def begin(self):
        """Returns when a node is idle. What was started ends with stop(), also after a failure."""
        folder = self.folder
        self.start("munged", "--foreground", "--force", f"--key-file={self.key}",
                   f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid",
                   f"--log-file={folder}/munged.log", f"--seed-file={folder}/munged.seed")
        wait_until("munged", (folder / "munge.socket").exists, self.logs)
        self.start("slurmctld", "-D", "-f", self.configuration)
        self.start("slurmd", "-D", "-f", self.configuration)
        wait_until("an idle node", self.has_an_idle_node, self.logs)

    def has_an_idle_node(self):
        for daemon in self.daemons:
            if daemon.poll() is not None:
                raise RuntimeError(f"{daemon.args[0]} ended\n{self.logs()}")
        return "idle" in self.ask("sinfo", "-h", "-o", "%T")

    def start(self, tool, *words):
        log = (self.folder / f"{tool}.out").open("wb")
        self.daemons.append(subprocess.Popen(  # pylint: disable=consider-using-with
            [tool, *map(str, words)], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log))
        log.close()

    def ask(self, *command):
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60,
                              env=self.environment).stdout

    def logs(self):
        return "\n".join(f"== {file.name}\n{file.read_text(errors='replace')[-2000:]}"
                         for file in sorted(self.folder.glob("*.out")))

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(timeout=60)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def state(self, job):
        """States of a job's elements, or none when Slurm does not know it."""
        lines = self.ask("scontrol", "show", "job", "-o", job).splitlines()
        return [word.split("=")[1] for line in lines for word in line.split()
                if word.startswith("JobState=")]

    def ended(self, job):
        busy = {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED"}
        states = self.state(job)
        return states if states and not busy & set(states) else None


@unittest.skipIf(MISSING, f"Slurm is not installed (no {', '.join(MISSING)}); scripts/install.sh test")
class SlurmSweep(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="bitscale_slurm_")))
        self.folder.chmod(0o755)  # munge wants its socket where everybody may go
        self.sweep = self.folder / "sweep.json"
        self.sweep.write_text(json.dumps(SWEEP), encoding="utf-8")
        (self.folder / "slurm").mkdir()
        self.slurm = Slurm(self.folder / "slurm")
        self.addCleanup(self.slurm.stop)
        self.slurm.begin()

    def submit(self, name, *words):
        run = subprocess.run([SUBMIT, self.sweep, self.folder / name, *words], capture_output=True,
                             text=True, check=False, timeout=120, env=self.slurm.environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout.split()

    def wait_for(self, job):
        return wait_until(f"job {job}", lambda: self.slurm.ended(job), self.slurm.logs)

    def exports(self, name):
        return [(self.folder / name / file).read_bytes() for file in ("points.csv", "points.json")]

    def rows(self, folder):
        try:
            store = sqlite3.connect(f"file:{self.folder / folder / 'sweep.sqlite'}?mode=ro", uri=True)
            with store:
                return store.execute("SELECT count(*) FROM points").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def test_the_array_gives_the_pools_exports_and_a_killed_shard_is_completed(self):
        subprocess.run([PROGRAM, "sweep", self.sweep, "-o", self.folder / "pool", "-j2", "-q"],
                       check=True, timeout=300)
        array, join = self.submit("array", str(SHARDS))
        wait_until("rows of shard 2", lambda: self.rows("array/shards/2"), self.slurm.logs)
        self.slurm.ask("scancel", "--full", "--signal=KILL", f"{array}_2")
        self.assertIn(set(self.wait_for(array)) - {"COMPLETED"}, ({"FAILED"}, {"CANCELLED"}))
        self.assertEqual(self.wait_for(join), ["CANCELLED"])  # nothing is joined without a shard
        self.assertFalse((self.folder / "array/points.csv").exists())
        before = self.rows("array/shards/2")
        self.assertGreater(before, 0)
        self.assertLess(before, 100)

        array, join = self.submit("array", str(SHARDS))
        self.assertEqual(set(self.wait_for(array)), {"COMPLETED"})
        self.assertEqual(self.wait_for(join), ["COMPLETED"])
        self.assertEqual(self.exports("array"), self.exports("pool"))
        log = (self.folder / "array/logs/shard-2.log").read_text(encoding="utf-8")
        self.assertIn(f"100 results ({100 - before} computed now)", log)
        log = (self.folder / "array/logs/shard-1.log").read_text(encoding="utf-8")
        self.assertIn("100 results (0 computed now)", log)

    def test_what_is_wrong_is_said_before_anything_is_submitted(self):
        def refused(*words):
            run = subprocess.run([SUBMIT, *words], capture_output=True, text=True, check=False,
                                 timeout=60, env=self.slurm.environment)
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertEqual(self.slurm.ask("squeue", "-h"), "")
            return run.stderr
        self.assertIn("SHARDS", refused(self.sweep, self.folder / "out", "0"))
        self.assertIn("usage", refused(self.sweep))
        for option in ("-j2", "--resume", "--output", "--shard"):
            self.assertIn(option, refused(self.sweep, self.folder / "out", "2", "--", option))
        self.sweep.write_text(json.dumps({**SWEEP, "objectives": [{"field": "name"}]}), encoding="utf-8")
        self.assertIn("objectives", refused(self.sweep, self.folder / "out", "2"))
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
