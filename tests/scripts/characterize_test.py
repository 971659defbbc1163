"""rtl/synth: its parts against hand-worked cases, and a small part of its committed results again."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "rtl/synth"))

import activity_model  # noqa: E402
import area  # noqa: E402
import designs  # noqa: E402
import energy  # noqa: E402
import fit  # noqa: E402
import flexible  # noqa: E402
import gates  # noqa: E402
import liberty  # noqa: E402
import logic  # noqa: E402
import operations  # noqa: E402
import streams  # noqa: E402
import surface  # noqa: E402
import synthesize  # noqa: E402
import tech  # noqa: E402
import traces  # noqa: E402

RESULTS = ROOT / "rtl/synth/results"
LIBRARY = "osu018_stdcells"
TOOLS = ("yosys", "sta", "iverilog", "vvp")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
if not synthesize.DEFAULT_LIBERTY.exists():
    MISSING.append(str(synthesize.DEFAULT_LIBERTY))

# Two gates, a flip-flop and tables whose values are easy to follow.
TOY = """
library (toy) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, pf); leakage_power_unit : "1nW";
  nom_voltage : 2.0;
  power_lut_template (by_both) { variable_1 : total_output_net_capacitance; variable_2 : input_transition_time;
    index_1 ("0, 1"); index_2 ("0, 1"); }
  power_lut_template (by_slew) { variable_1 : input_transition_time; index_1 ("0, 2"); }
  cell (INV) { area : 1; pin (A) { direction : input; capacitance : 0.5; }
    pin (Y) { direction : output; function : "A'";
      internal_power () { related_pin : "A";
        rise_power (by_both) { values ("1, 3", "5, 7"); } fall_power (by_both) { values ("1, 3", "5, 7"); } } } }
  cell (AND) { area : 1; pin (A) { direction : input; capacitance : 0.5; }
    pin (B) { direction : input; capacitance : 0.5; } pin (Y) { direction : output; function : "A B"; } }
  cell (DFF) { area : 2; ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }
    pin (CK) { direction : input; clock : true; capacitance : 0.25;
      internal_power () { rise_power (by_slew) { values ("1, 2"); } fall_power (by_slew) { values ("3, 4"); } } }
    pin (D) { direction : input; capacitance : 0.5; }
    pin (Q) { direction : output; function : "IQ"; } }
}
"""


def committed(part):
    return json.loads((RESULTS / f"{LIBRARY}_{part}.json").read_text(encoding="utf-8"))


def row_like(rows, group, parameters, module="mac_unit"):
    return next(row for row in rows if row["group"] == group and row["module"] == module
                and row["parameters"] == parameters)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def library(self, text):
        path = self.folder / "toy.lib"
        path.write_text(text, encoding="utf-8")
        return liberty.Library(path)


class Liberty(Files):
    def test_reads_cells_and_tables(self):
        library = self.library(TOY)
        self.assertEqual((library.name, library.voltage, library.flip_flop), ("toy", 2.0, "DFF"))
        output = library.cells["INV"].pins["Y"]
        self.assertAlmostEqual(output.energy_pj("A", 0.5, 0.5), 4.0)
        self.assertAlmostEqual(output.energy_pj("A", 9.0, 9.0), 7.0)  # outside: the end of the table
        self.assertAlmostEqual(library.cells["DFF"].pins["CK"].energy_pj("", 1.0, 0.0), 2.5)

    def test_units_scale(self):
        library = self.library(TOY.replace("(1, pf)", '(10.0, "ff")'))
        self.assertAlmostEqual(library.cells["INV"].pins["A"].capacitance_pf, 0.005)
        self.assertAlmostEqual(library.cells["INV"].pins["Y"].energy_pj("A", 0.0, 0.0), 0.01)

    def test_says_what_is_wrong_with_a_library(self):
        gates = TOY.index("  cell (INV)"), TOY.index("  cell (DFF)")
        for text, complaint in ((TOY.replace("ff (IQ, IQN)", "latch (IQ, IQN)"), "no flip-flop"),
                                (TOY[:-10], "no complete library"), ("module a; endmodule", "Liberty file"),
                                (TOY[:gates[0]] + TOY[gates[1]:], "toy.lib: no logic gates"),
                                (TOY.replace("pin (A)", "pin ()", 1), r"toy.lib:8: pin \(\) has no name"),
                                (TOY.replace("area : 2", "area : ninety"), 'toy.lib:14: area is "ninety"'),
                                (TOY.replace("capacitance : 0.25", "capacitance : -1"), "toy.lib:15: .* from 0"),
                                (TOY.replace('"5, 7"', '"5, x7"'), 'toy.lib:11: values holds "x7"'),
                                (TOY.replace('("3, 4")', '("3, 4, 5")'), "toy.lib:16: 3 values for a table of 2"),
                                (TOY.replace('index_1 ("0, 2")', 'index_1 ("2, 0")'), "toy.lib:7: index_1 does not rise"),
                                (TOY.replace('"5, 7")', '"5, 7", "5, 7"'
                                             ')', 1), "toy.lib:11: 6 values for a table of 2 x 2"),
                                (TOY.replace("variable_1 : input_transition_time", "variable_1 : foo"),
                                 'toy.lib:7: variable_1 is "foo"'),
                                (TOY.replace("cell (AND)", "cell (INV)"), "toy.lib:12: cell INV is there already"),
                                (re.sub(r"area : \d;", "", TOY), "toy.lib: no cell has an area"),
                                (re.sub(r"capacitance : [\d.]+;", "", TOY), "toy.lib: no pin has a capacitance"),
                                (TOY.replace('"1ns"', '"1.0.0ns"'), 'toy.lib:3: time_unit: unknown unit "1.0.0ns"')):
            with self.subTest(complaint), self.assertRaisesRegex(liberty.SynthesisError, complaint):
                self.library(text)
        for path, hint in ((self.folder / "absent.lib", "no such Liberty file$"),
                           (liberty.DEFAULT, "no such Liberty file; install the package 'qflow-tech-osu018'")):
            with self.subTest(path), mock.patch.object(pathlib.Path, "read_text", side_effect=FileNotFoundError), \
                    self.assertRaisesRegex(liberty.SynthesisError, hint):
                liberty.Library(path)
        (self.folder / "binary.lib").write_bytes(b"\xff\xfe\x00")
        with self.assertRaisesRegex(liberty.SynthesisError, "not a readable Liberty file"):
            liberty.Library(self.folder / "binary.lib")

    def test_reads_parentheses_and_pins_together(self):
        together = TOY.replace('pin (A) { direction : input; capacitance : 0.5; }\n    pin (B) {', "pin (A, B) {")
        library = self.library(together.replace('clocked_on : "CK"', 'clocked_on : "( CK )"'))
        self.assertEqual(library.flip_flop, "DFF")
        self.assertEqual([(pin.name, pin.capacitance_pf) for pin in library.cells["AND"].inputs()],
                         [("A", 0.5), ("B", 0.5)])

    def test_says_that_internal_power_is_missing(self):
        self.assertEqual(self.library(TOY).notes, [])
        note, = self.library(TOY.replace("internal_power", "other_power")).notes
        self.assertIn("toy has no internal_power", note)

    def test_comments_and_continued_lines_keep_the_count(self):
        text = TOY.replace("  cell (INV)", "/* two\nlines */ // and one\n  cell (INV)")
        text = text.replace('values ("1, 2")', 'values ( \\\n "1, 2")').replace("capacitance : 0.25", "capacitance : x")
        with self.assertRaisesRegex(liberty.SynthesisError, 'toy.lib:17: capacitance is "x"'):
            self.library(text)
        library = self.library(text.replace("capacitance : x", "capacitance : 0.25"))
        self.assertAlmostEqual(library.cells["DFF"].pins["CK"].energy_pj("", 1.0, 0.0), 2.5)

    def test_the_voltage_is_nominal_or_that_of_the_operating_conditions(self):
        without = TOY.replace("nom_voltage : 2.0;", "")
        conditions = 'operating_conditions (slow) { voltage : 1.5; } operating_conditions ("best") { voltage : 3.0; }\n'
        self.assertEqual(self.library(without.replace("  cell (INV)", conditions +
                                                      "default_operating_conditions : slow;\n  cell (INV)")).voltage, 1.5)
        self.assertEqual(self.library(TOY.replace('"1V"', '"10mV"')).voltage, 0.02)
        for text, complaint in ((without, "no supply voltage"), (without.replace("  cell (INV)", conditions + "cell (INV)"),
                                                                 "no supply voltage"),
                                (TOY.replace("nom_voltage : 2.0", "nom_voltage : 0"), "toy.lib:4: nom_voltage is 0")):
            with self.subTest(complaint), self.assertRaisesRegex(liberty.SynthesisError, complaint):
                self.library(text)

    def test_functions_keep_libertys_precedence(self):
        for text, verilog in (("A B+C", "((A & B) | C)"), ("!A^B C", "(((~A) ^ B) & C)"), ("(A+B)'", "(~(A | B))"),
                              ("A*(B|C)&D", "(A & (B | C) & D)")):
            self.assertEqual(logic.Expression(text).verilog(), verilog)
        with self.assertRaises(liberty.SynthesisError):
            logic.Expression("(A B").verilog()

    def test_a_missing_tool_names_its_package(self):
        for name, package in (("yosys", "yosys"), ("iverilog", "iverilog"), ("sta", "opensta")):
            program = (f"import sys; sys.path.insert(0, {str(ROOT / 'rtl/synth')!r})\n"
                       "import gates, liberty, synthesize, timing\nlibrary = liberty.Library(sys.argv[1])\n"
                       "{'yosys': synthesize.yosys_version, 'iverilog': gates.iverilog_version,\n"
                       " 'sta': lambda: timing.analyse(library, 'x.v', 1)}[sys.argv[2]]()")
            (self.folder / "toy.lib").write_text(TOY, encoding="utf-8")
            run = subprocess.run([sys.executable, "-c", program, self.folder / "toy.lib", name], text=True,
                                 env={"PATH": str(self.folder)}, capture_output=True, check=False)
            self.assertIn(f"install the package '{package}'", run.stderr)


class Stat(unittest.TestCase):
    def test_cells_without_an_area_are_named(self):
        with self.assertRaisesRegex(liberty.SynthesisError, r"remains: \$_DLATCH_P_ \(only flip-flops"):
            synthesize.read_stat("   Area for cell type $_DLATCH_P_ is unknown!\n Chip area for module '\\m': 3.0\n")


class Energy(Files):
    def netlist(self):
        """D -> DFF -> Q -> INV -> Y, and Q is an output."""
        cells = {"ff": {"type": "DFF", "connections": {"CK": [2], "D": [3], "Q": [4]}},
                 "inv": {"type": "INV", "connections": {"A": [4], "Y": [5]}}}
        ports = {"clk_i": ("input", 2), "d_i": ("input", 3), "y_o": ("output", 5)}
        top = {"cells": cells, "ports": {name: {"direction": d, "bits": [b]} for name, (d, b) in ports.items()}}
        (self.folder / "netlist.json").write_text(json.dumps({"modules": {"top": top}}), encoding="utf-8")
        return gates.Netlist(self.folder / "netlist.json")

    def test_prices_a_transition_by_hand(self):
        library = self.library(TOY)
        cost = energy.transition_costs(self.netlist(), library, {("inv", "A"): 1.0})
        # 1/2 C V^2 = 0.5 pF * 2 = 1 pJ for D and Q; the inverter without load at 1 ns takes 3 pJ.
        self.assertEqual(cost.switching, {3: 1.0, 4: 1.0, 5: 0.0})
        self.assertEqual(cost.internal, {3: 0.0, 4: 0.0, 5: 3.0})
        # Clock: 0.25 pF * V^2 = 1 pJ, and 1 pJ rising + 3 pJ falling inside.
        self.assertAlmostEqual(cost.clock_pj, 5.0)
        toggles = gates.Toggles()
        toggles.cycles = 4
        toggles.unit.update({3: 4, 5: 2})
        toggles.settled.update({3: 2})
        rows = energy.per_cycle(cost, toggles)
        self.assertEqual((rows["unit_switching_pj"], rows["unit_internal_pj"]), (1.0, 1.5))
        self.assertEqual((rows["settled_switching_pj"], rows["settled_internal_pj"]), (0.5, 0.0))

    @unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)}")
    def test_counts_toggles_by_hand(self):
        pattern = [0, 1, 1, 0, 1, 0, 0, 0]
        found, = gates.simulate(self.netlist(), self.library(TOY), [[{"d_i": bit} for bit in pattern]], warm_up=2)
        self.assertEqual(found.cycles, 6)
        self.assertEqual((found.unit[3], found.settled[3]), (3, 3))  # d_i in cycles 3, 4, 5
        self.assertEqual((found.unit[5], found.settled[5]), (4, 4))  # y_o a cycle later, from cycle 2 on


class Streams(unittest.TestCase):
    def test_statistics_by_hand(self):
        self.assertEqual(streams.statistics([0, 3, 1, 0], 2), [0.5, 0.375, round(4 / 6, 4)])

    def test_sum_toggles_by_hand(self):
        # 2-bit signed times 2-bit unsigned into 4 bits: 3, 0, then a new sum: -2. 0011, 0000, 1110.
        parameters = {"WeightBits": 2, "ActBits": 2, "AccBits": 4, "WeightSigned": True, "ActSigned": False}
        self.assertEqual(streams.sum_toggles([1, 3, 2], [3, 3, 1], parameters, 2), 2.5)

    def test_density_and_hold(self):
        codes = streams.operands("seed", 4000, 8, True, 0.3, 0.0)
        self.assertAlmostEqual(streams.statistics(codes, 8)[0], 0.3, delta=0.03)
        held = streams.operands("seed", 4000, 8, True, 1.0, 0.9)
        self.assertAlmostEqual(streams.statistics(held, 8)[2], 0.05, delta=0.01)


class Fit(unittest.TestCase):
    def test_finds_what_made_the_data_and_never_goes_below_zero(self):
        rows = [[1, x, x * x] for x in range(1, 6)]
        self.assertEqual([round(c, 9) for c in fit.fit_non_negative(rows, [2 + 3 * x * x for x in range(1, 6)])],
                         [2, 0, 3])
        self.assertEqual(min(fit.fit_non_negative(rows, [9 - x for x in range(1, 6)])), 0)


class Flexible(unittest.TestCase):
    def test_serial_bits_come_in_order_and_weights_wait(self):
        vectors = flexible.serial_vectors(4)
        self.assertEqual([v["first_i"] for v in vectors[:9]], [1, 0, 0, 0, 0, 0, 0, 0, 1])
        self.assertEqual([v["last_i"] for v in vectors[:9]], [0, 0, 0, 0, 0, 0, 0, 1, 0])
        self.assertEqual(len({v["weight_i"] for v in vectors[:8]}), 1)
        self.assertNotEqual(vectors[7]["weight_i"], vectors[8]["weight_i"])

    def test_factors_by_hand(self):
        rows = [{"group": "width", "parameters": {"WeightBits": 8, "ActBits": 8, "AccBits": 24},
                 "reference": {"clock_pj": 1.0}, "settled_data_pj": [3.0]}]
        entry = {"module": "m", "macs_per_cycle": 4, "fixed_mac": [8, 8, 24], "clock_pj": 2.0, "settled_data_pj": 6.0}
        self.assertEqual(flexible.factors([entry], rows, "m"), [2.0])
        self.assertEqual(flexible.factors([entry], rows, "m", per_mac=True), [0.5])


class Committed(unittest.TestCase):
    """What the committed files say about each other; nothing is run."""

    def test_every_named_set_and_width_is_there(self):
        rows = committed("area")["rows"]
        there = {(row["group"], row["module"], json.dumps(row["parameters"])) for row in rows}
        for group, module, parameters in list(designs.designs()) + list(designs.named_designs()):
            self.assertTrue((group, module, json.dumps(parameters)) in there, (group, parameters))
        for row in rows:
            self.assertGreater(row["critical_path_ns"], 0)
            if "buffered_path_ns" in row:
                self.assertTrue(area.has_second_path(row["module"]))
                self.assertGreaterEqual(row["buffered_area_um2"], row["area_um2"])
                self.assertLess(row["buffered_path_ns"], 1.01 * row["critical_path_ns"], row["group"])

    def test_statistics_model_is_as_good_as_it_says(self):
        table, document = committed("energy"), committed("statistics")
        for entry in document["rows"]:
            row = next(row for row in table["rows"] if row["group"] == "unsigned_act"
                       and row["parameters"]["ActBits"] == entry["act_bits"])
            for kind in activity_model.KINDS:
                point = (row["parameters"], entry["weight"], entry["act"])
                guess = activity_model.model_pj(row["model"][kind], *point, entry["sum_toggles"])
                self.assertAlmostEqual(guess, entry[f"{kind}_model_pj"], places=4)
                guess = activity_model.model_pj(row["model"]["operands"][kind], *point)
                self.assertAlmostEqual(guess, entry[f"{kind}_operands_pj"], places=4)
        self.assertEqual(activity_model.summary(document["rows"]), document["summary"])
        self.assertEqual(set(document["summary"]), {"all", *activity_model.SAMPLES})
        for trace in document["summary"].values():
            for scope in ("mac", "data"):
                error = trace[f"settled_model_error_of_{scope}"]
                self.assertLessEqual(error["mean"], 0.08)
                self.assertLessEqual(error["max"], 0.20)
                self.assertGreater(trace[f"settled_fixed_error_of_{scope}"]["mean"], error["max"])
            self.assertLessEqual(trace["settled_operands_error_of_mac"]["max"], 0.20)

    def test_models_are_the_fit_of_the_grid(self):
        for row in committed("energy")["rows"]:
            self.assertEqual(activity_model.coefficients(row), row["model"], row["parameters"])

    def test_technology_is_what_the_results_make(self):
        path = ROOT / "configs/tech/osu018.json"
        if not synthesize.DEFAULT_LIBERTY.exists():
            self.skipTest("the default library is not installed")
        document = tech.build("osu018", 180, liberty.Library(synthesize.DEFAULT_LIBERTY),
                              committed("area"), committed("energy"), committed("statistics"), committed("grid"))
        self.assertEqual(tech.dump(document) + "\n", path.read_text(encoding="utf-8"))
        for name in ("mac_area", "mac_energy"):
            error = document[name]["fit"]["hold_out_from_2_bits"]
            self.assertLessEqual(error["mean"], 0.10)
            self.assertLessEqual(error["max"], 0.20)

    def test_prices_meet_both_errors_where_sums_are_counted(self):
        energies = tech.energy_rows(committed("energy"))
        for errors in tech.priced_errors(committed("energy"), committed("statistics"), energies, True):
            self.assertLessEqual(errors["mean"], 0.08)
            self.assertLessEqual(errors["max"], 0.20)

    def test_surface_meets_a_row_it_was_given(self):
        rows = tech.area_rows(committed("area"))
        coefficients = surface.fitted("area", rows, lambda row: row["um2"])
        row = next(row for row in rows if surface.widths(row) == (8, 8, 24))
        self.assertEqual(surface.evaluate("area", rows, coefficients, lambda row: row["um2"], row), row["um2"])


@unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)}")
class Repeated(Files):
    """A few seconds of what scripts/characterize.sh does, in a fresh cache."""

    def setUp(self):
        super().setUp()
        self.osu018 = liberty.Library(synthesize.DEFAULT_LIBERTY)
        table = committed("area")
        if (table["liberty_sha256"], table["tool"]) != (self.osu018.digest, synthesize.yosys_version()):
            self.skipTest("another library or Yosys than the committed results")

    def test_area_and_path(self):
        table = committed("area")
        for parameters in (designs.mac(2, 2, 12), designs.mac(4, 4, 16)):
            row = area.measure(("width", "mac_unit", parameters), self.osu018, self.folder, table["target_period_ns"])
            self.assertEqual(row, row_like(table["rows"], "width", parameters))

    def test_energy(self):
        parameters = designs.mac(2, 2, 12)
        row = operations.measure(("width", parameters, self.osu018, self.folder))
        row["model"] = activity_model.coefficients(row)
        self.assertEqual(row, row_like(committed("energy")["rows"], "width", parameters))

    def test_flexible_unit(self):
        unit = next(unit for unit in flexible.UNITS if unit[1].get("Lanes") == 1)
        found = flexible.measure_unit(unit, self.osu018, self.folder)
        self.assertEqual(found, [entry for entry in committed("energy")["flexible"] if entry["parameters"] == unit[1]])

    def test_network_streams(self):
        row = next(row for row in committed("energy")["rows"] if row["group"] == "unsigned_act")
        for name, samples in activity_model.SAMPLES.items():
            if name.startswith("fashion") and not traces.FASHION_IMAGES.exists():
                continue
            found = activity_model.validate(row, traces.Trace(name), self.osu018, self.folder, samples[:1])
            stored = [{key: value for key, value in entry.items() if key != "act_bits"}
                      for entry in committed("statistics")["rows"] if entry["trace"] == name
                      and entry["act_bits"] == row["parameters"]["ActBits"] and entry["sample"] == samples[0]]
            self.assertGreater(len(stored), 0)
            self.assertEqual(found, stored)

    def test_gates_compute_the_sum(self):
        """The mapped netlist's accumulator toggles as arithmetic says."""
        parameters = designs.mac(4, 4, 10)
        simulator = operations.Simulator(self.osu018, self.folder, "mac_unit", parameters)
        weights, acts = operations.operands_of(parameters, next(operations.grid()), 7, 200)
        found, = gates.simulate(simulator.netlist, self.osu018, [streams.stream(weights, acts, 50)], warm_up=2)

        def signed(code):
            return code - 16 if code >= 8 else code
        sums, total = [], 0
        for index, (weight, act) in enumerate(zip(weights, acts)):
            total = (0 if index % 50 == 0 else total) + signed(weight) * signed(act)
            sums.append(total & 0x3FF)
        # Cycle t shows the sum that ended with operand t - 1; cycles 2 .. 199 are counted.
        seen = [sums[t - 1] for t in range(1, 200)]
        for bit in range(10):
            net = simulator.netlist.ports[f"acc_o[{bit}]"][1]
            changes = sum((a ^ b) >> bit & 1 for a, b in zip(seen, seen[1:]))
            self.assertEqual(found.settled[net], changes, bit)


if __name__ == "__main__":
    unittest.main()
