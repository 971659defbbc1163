"""Every committed JSON document is claimed by one schema and valid; the program reads as it says.

Where `bitscale` is built, each document is also changed in one place at a time (a key added, taken
away, of another type, out of range), and the program must refuse whatever the schema refuses and
accept nothing the schema does not.
"""

import copy
import fnmatch
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema

from schemas import ROOT, all_schemas, load, validator

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PROGRAM = pathlib.Path(os.environ.get("BITSCALE_PROGRAM", ROOT / "build/release/bitscale"))

# Which schema a committed document answers to: the first pattern that matches its path.
FORMATS = [
    ("configs/schema/*", None),  # schemas themselves
    ("configs/arch/*", "arch"),
    ("configs/tech/*", "tech"),
    ("configs/precision/*", "precision"),
    ("configs/mapping/*", "mapping"),
    ("configs/sweeps/*", "sweep"),
    ("configs/papers/pact_2018/study.json", "pact_study"),
    ("configs/papers/pact_2018/rule.json", "pact_rule"),
    ("configs/papers/mac_area/study.json", "area_study"),
    ("configs/fpga/*", "fpga_study"),
    ("configs/papers/*/silicon.json", "colonnade"),
    ("configs/papers/*/totals.json", "activation_density"),
    ("configs/papers/*", "by content"),
    ("configs/training/*", "training"),
    ("workloads/networks/*", "network"),
    ("workloads/traces/*", "trace"),
    ("rtl/named_sets.json", "named_sets"),
    ("rtl/synth/results/*", None),  # figures a script wrote; configs/tech/ quotes them
]
# What `bitscale validate` is not for, or reads with the files beside it.
NOT_VALIDATED = (None, "activation_density", "colonnade", "named_sets", "pact_rule", "pact_study",
                 "sweep", "trace", "training")
# A key that only documents of one format have at their root.
TELLING_KEYS = {"mac_array": "arch", "mac_energy": "tech", "layers": "network",
                "default": "precision", "arch": "config", "network": "config"}
OUTSIDE = ("tests/*", "CMakePresets.json", "build/*")
MOST_CHANGES_PER_FILE = 60


def documents():
    """Paths of all JSON files that somebody must be able to read."""
    tracked = sorted(path.relative_to(ROOT).as_posix() for folder in ("configs", "workloads", "rtl")
                     for path in (ROOT / folder).rglob("*.json"))
    return [path for path in tracked if not any(fnmatch.fnmatch(path, skip) for skip in OUTSIDE)]


def schema_name(path):
    for pattern, name in FORMATS:
        if fnmatch.fnmatch(path, pattern) and name != "by content":
            return name
        if fnmatch.fnmatch(path, pattern):
            return next(TELLING_KEYS[key] for key in load(path) if key in TELLING_KEYS)
    raise AssertionError(f"{path}: no schema of configs/schema claims it")


def places(value, path=()):
    """Paths of every value inside a document, the document first."""
    yield path
    children = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, path + (key,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def replaced(document, path, value):
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = value
    return document


def changes(document):
    """(what, document) for single changes, each wrong in most places."""
    for path in places(document):
        value = at(document, path)
        where = "/" + "/".join(map(str, path))
        if isinstance(value, dict):
            extra = copy.deepcopy(document)
            at(extra, path)["no_such_key"] = 1
            yield f"{where} gains a key", extra
        if not path:
            continue
        if isinstance(path[-1], str):
            less = copy.deepcopy(document)
            del at(less, path[:-1])[path[-1]]
            yield f"{where} is gone", less
        for other in (None, "text", [], {}, -1, 0, 1e30, True):
            if type(other) is not type(value) or other != value:
                yield f"{where} = {json.dumps(other)}", replaced(document, path, other)


class Schemas(unittest.TestCase):
    def test_are_schemas(self):
        for name, schema in all_schemas().items():
            with self.subTest(schema=name):
                self.assertEqual(schema["$schema"], DRAFT)
                jsonschema.Draft202012Validator.check_schema(schema)
                self.assertEqual(schema["$id"],
                                 f"https://bitscale.invalid/schema/{name}.schema.json")

    def test_objects_are_closed(self):
        """A schema that lets unknown keys pass would promise what the program refuses."""
        for name, schema in all_schemas().items():
            for path in places(schema):
                node = at(schema, path)
                if isinstance(node, dict) and node.get("type") == "object":
                    with self.subTest(schema=name, at=path):
                        self.assertIn("additionalProperties", node)


class Documents(unittest.TestCase):
    def test_each_is_claimed_and_valid(self):
        for path in documents():
            name = schema_name(path)
            if name is None:
                continue
            with self.subTest(document=path):
                problems = [f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"
                            for error in validator(name).iter_errors(load(path))]
                self.assertEqual(problems, [])

    def test_a_wrong_document_is_refused(self):
        document = load("workloads/networks/resnet20_cifar10.json")
        document["layers"][0]["kernal"] = 3
        self.assertFalse(validator("network").is_valid(document))


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is not built")
class Program(unittest.TestCase):
    """Not for traces, which are read with the tensors beside them (workloads/model/trace_test.cpp)."""

    def accepts(self, document):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            run = subprocess.run([PROGRAM, "validate", file.name], capture_output=True, text=True,
                                 check=False)
        self.assertIn(run.returncode, (0, 2), run.stderr)
        return run.returncode == 0

    def test_accepts_every_committed_document(self):
        for path in documents():
            if schema_name(path) in NOT_VALIDATED:
                continue
            with self.subTest(document=path):
                self.assertTrue(self.accepts(load(path)))

    def test_refuses_what_the_schema_refuses(self):
        one_of_each = {}
        for path in documents():
            one_of_each.setdefault(schema_name(path), path)
        for name, path in one_of_each.items():
            if name in NOT_VALIDATED:
                continue
            every = list(changes(load(path)))
            step = max(1, len(every) // MOST_CHANGES_PER_FILE)
            check = validator(name)
            for what, document in every[::step]:
                if not check.is_valid(document):
                    with self.subTest(document=path, change=what):
                        self.assertFalse(self.accepts(document))

    def holds_documents(self, words, names):
        with tempfile.TemporaryDirectory() as folder:
            command = [PROGRAM, "run", *words, "-o", folder]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            for name in names:
                with self.subTest(words=words, document=name):
                    document = json.loads(pathlib.Path(folder, f"{name}.json").read_text())
                    errors = validator(name).iter_errors(document)
                    self.assertEqual([error.message for error in errors], [])

    def test_writes_what_the_schemas_say(self):
        for options in ([], ["--analytic"], ["--precision", "w4a4", "--set", "/batch=2"],
                        ["--arch", "small_180nm", "--tech", "osu018"]):
            self.holds_documents(["--network", "resnet20_cifar10", *options],
                                 ("report", "counts", "resolved"))

    def test_writes_what_the_schemas_say_of_tensors(self):
        for options in ([], ["--acc-bits", "8..10"], ["--acc-bits", "auto", "--check-array"]):
            self.holds_documents(["digits_mlp_w4a4", *options],
                                 ("report", "counts", "resolved", "execution"))

    def test_writes_what_the_schema_says_of_targets(self):
        run = subprocess.run([PROGRAM, "reproduce", "colonnade", "--json", "--quiet"],
                             capture_output=True, text=True, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        errors = validator("targets").iter_errors(json.loads(run.stdout))
        self.assertEqual([error.message for error in errors], [])

    def test_writes_what_the_schema_says_of_the_crossover(self):
        self.expect_held("crossover", self.output("reproduce", "crossover", "--json", "--quiet"))

    def test_writes_what_the_schema_says_of_several_reproductions(self):
        text = self.output("reproduce", "colonnade", "area", "--json", statuses=(0, 1))
        self.expect_held("reproductions", text)
        parts = json.loads(text)["reproductions"]
        self.assertEqual([part["name"] for part in parts], ["colonnade", "area"])
        for part in parts:
            errors = validator("targets").iter_errors(part["result"])
            self.assertEqual([error.message for error in errors], [])

    def output(self, *words, statuses=(0,)):
        run = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
        self.assertIn(run.returncode, statuses, run.stderr)
        return run.stdout

    def expect_held(self, name, text):
        """The document is what the schema says, and `validate` knows it and its likes."""
        document = json.loads(text)
        with self.subTest(document=name):
            errors = validator(name).iter_errors(document)
            self.assertEqual([error.message for error in errors], [])
            with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                self.assertIn(f"valid {name}", self.output("validate", file.name))
            self.assertFalse(self.accepts({**document, "no_such_key": 1}))

    def test_writes_what_the_schemas_say_of_other_results(self):
        network = ["--network", "resnet20_cifar10"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            for name, bits in (("a", "w8a8"), ("b", "w4a4")):
                self.output("run", *network, "--analytic", "-q", "--precision", bits, "-o",
                            str(path / name))
            self.expect_held("comparison", self.output("compare", str(path / "a"), str(path / "b"),
                                                       "--json"))
            self.expect_held("iso", self.output("iso", "--area-um2", "4e6", "--power-mw", "900",
                                                "--json"))
            self.output("lut", *network, "--widths", "4:4,8:8", "-o", str(path / "lut"))
            table = (path / "lut/lut.json").read_text()
            self.expect_held("lut", table)
            losses = [{"layer": layer["layer"],
                       "losses": [{"weight_bits": bits, "act_bits": bits, "loss": 1 / bits}
                                  for bits in (4, 8)]}
                      for layer in json.loads(table)["layers"] if layer["has_macs"]]
            (path / "losses.json").write_text(json.dumps(
                {"schema_version": 1, "source": "assumed", "layers": losses}))
            self.output("search", *network, "--widths", "4:4,8:8", "--sensitivity",
                        str(path / "losses.json"), "--budget", "size_bytes=250000", "-o",
                        str(path / "search"))
            self.expect_held("search", (path / "search/search.json").read_text())
            (path / "sweep.json").write_text(json.dumps({
                "schema_version": 1,
                "base": {"network": "resnet20_cifar10"},
                "axes": [{"name": "rows", "pointer": "/arch/mac_array/rows", "values": [8, 0]},
                         {"name": "precision", "pointer": "/precision", "values": ["w4a4"]}],
                "objectives": [{"field": "latency_ms", "goal": "min"}]}))
            self.output("sweep", str(path / "sweep.json"), "-o", str(path / "swept"),
                        statuses=(0, 1))
            self.expect_held("points", (path / "swept/points.json").read_text())


if __name__ == "__main__":
    unittest.main()
