"""rtl/synth: energies of the named sets, arrays and PIM tiles, and paths with buffers."""

import bisect
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import characterize_test as common  # noqa: E402, finds rtl/synth too
import area  # noqa: E402
import array_bench  # noqa: E402
import buffers  # noqa: E402
import designs  # noqa: E402
import gates  # noqa: E402
import glitches  # noqa: E402
import grid_energy  # noqa: E402
import operations  # noqa: E402
import liberty  # noqa: E402
import pim_bench  # noqa: E402
import netlist_check  # noqa: E402
import set_energy  # noqa: E402
import synthesize  # noqa: E402

BUFFER = """cell (BUF) { area : 3; pin (A) { direction : input; capacitance : 0.5; }
  pin (Y) { direction : output; function : "A"; } }
  cell (DFF)"""


class Buffers(common.Files):
    def netlist(self, sinks):
        """D -> DFF -> Q -> that many inverters, each with an output of its own."""
        cells = {"ff": {"type": "DFF", "connections": {"CK": [2], "D": [3], "Q": [4]}}}
        ports = {"clk_i": ("input", 2), "d_i": ("input", 3)}
        for number in range(sinks):
            cells[f"inv{number}"] = {"type": "INV", "connections": {"A": [4], "Y": [5 + number]}}
            ports[f"y_o[{number}]"] = ("output", 5 + number)
        top = {"cells": cells, "ports": {name: {"direction": d, "bits": [b]} for name, (d, b) in ports.items()}}
        (self.folder / "netlist.json").write_text(json.dumps({"modules": {"top": top}}), encoding="utf-8")
        return gates.Netlist(self.folder / "netlist.json")

    def fan_outs(self, cells):
        driven = [pins[pin] for kind, pins in cells.values() for pin in ("A", "D") if pin in pins]
        return [driven.count(net) for net in set(driven)]

    def test_sixteen_sinks_need_no_buffer_and_seventeen_two(self):
        library = self.library(common.TOY.replace("cell (DFF)", BUFFER))
        self.assertEqual(buffers.buffer_of(library), ("BUF", "A", "Y"))
        for sinks, wanted in ((16, 0), (17, 2), (16 * 16, 16), (16 * 16 + 1, 17 + 2)):
            cells, added = buffers.buffered(self.netlist(sinks), library)
            self.assertEqual(added, wanted)
            self.assertEqual(len(cells), 1 + sinks + added)
            self.assertLessEqual(max(self.fan_outs(cells)), 16)

    def test_every_inverter_still_hangs_on_the_flip_flop(self):
        library = self.library(common.TOY.replace("cell (DFF)", BUFFER))
        cells, _ = buffers.buffered(self.netlist(300), library)
        drives = {pins["Y"]: pins["A"] for kind, pins in cells.values() if kind == "BUF"}
        for kind, pins in cells.values():
            net = pins["A"] if kind == "INV" else 4
            while net in drives:
                net = drives[net]
            self.assertEqual(net, 4)

    def test_a_library_without_a_buffer_has_no_second_path(self):
        self.assertEqual(buffers.measure(self.folder, self.library(common.TOY), 10.0), {})


def array_parameters(dataflow, shadow):
    return {"Rows": 3, "Cols": 2, "Dataflow": dataflow, "Shadow": shadow, "WeightBits": 2, "ActBits": 2, "AccBits": 5,
            "WeightSigned": True, "ActSigned": False, "Encoding": 0, "Overflow": 1}


class ArrayBench(unittest.TestCase):
    def test_sums_leave_the_array_when_the_cycle_table_says(self):
        for dataflow in range(3):
            for shadow in (False, True):
                run = array_bench.Run(array_parameters(dataflow, shadow), set_energy.POINTS["random"], 5, 2)
                self.assertEqual(run.macs, 2 * 5 * 3 * 2)
                for c, sums in enumerate(run.expected()):
                    fold = 1
                    each, begin = (3, run.begins[fold] + 4 + 3) if dataflow == 1 else (5, run.begins[fold] + 3)
                    seen = [run.bottom[begin + c + k][c] for k in range(each)]
                    self.assertEqual(seen, sums[fold * each:(fold + 1) * each], (dataflow, shadow))

    def test_weights_stand_for_their_numbers(self):
        parameters = {"WeightBits": 2, "WeightSigned": True, "Encoding": 1}
        self.assertEqual([array_bench.weight_value(code, parameters, 0) for code in range(4)], [1, 3, -3, -1])
        affine = {"WeightBits": 2, "WeightSigned": False, "Encoding": 3}
        self.assertEqual(array_bench.weight_value(1, affine, 2), -1)
        self.assertEqual(array_bench.weight_value(1, {"WeightBits": 1, "WeightSigned": True, "Encoding": 2}, 0), 1)

    def test_narrowing(self):
        for total, wrapped, clamped in ((15, (15, 0), (15, 0)), (16, (-16, 1), (15, 1)), (-17, (15, 1), (-16, 1))):
            self.assertEqual(array_bench.narrowed(total, {"AccBits": 5, "Overflow": 0}), wrapped)
            self.assertEqual(array_bench.narrowed(total, {"AccBits": 5, "Overflow": 1}), clamped)


class PimBench(unittest.TestCase):
    def test_planes_without_a_one_take_no_cycle(self):
        parameters = {"Wordlines": 2, "Cols": 2, "WeightBits": 2, "MaxActBits": 4, "AccBits": 8, "ColMux": 2,
                      "WeightSigned": True, "Overflow": 0}
        run = pim_bench.Run(parameters, set_energy.POINTS["random"], 1)
        self.assertEqual(run.cycles_of(0), 8)
        run.acts = [[0b0100, 0], [0b0101, 0]]
        run.parameters = {**parameters, "SkipZeroPlanes": True}
        self.assertEqual((run.cycles_of(0), run.cycles_of(1)), (4, 2))


class Sources(common.Files):
    """Which texts a design is synthesized from."""

    def test_a_design_is_made_of_its_own_modules(self):
        def names(module):
            return [name for name, _ in synthesize.own_sources(module)]
        self.assertEqual(names("mac_unit"), ["mac_pkg.sv", "baugh_wooley.sv", "mac_core.sv", "mac_unit.sv", "narrow.sv",
                                             "weight_decoder.sv"])
        self.assertEqual(names("narrow_accumulator"), ["mac_pkg.sv", "narrow.sv", "narrow_accumulator.sv"])
        self.assertNotIn("pim_array.sv", names("mac_array"))

    def test_comments_assertions_and_empty_lines_change_nothing(self):
        code = 'module m; // one\n\n  /* two\n lines */ assign a = b;\n' \
               '`ifndef SYNTHESIS\n  assert property (x);\n`endif\nendmodule\n'
        self.assertEqual(synthesize.code_of(code), "module m;\n   assign a = b;\nendmodule\n")
        self.assertEqual(synthesize.code_of('$error("no // comment"); // one'), '$error("no // comment");\n')

    def test_a_users_files_stay_as_they_are_and_get_names_of_their_own(self):
        first, second = self.folder / "a/m.sv", self.folder / "b/m.sv"
        for path in (first, second):
            path.parent.mkdir()
            path.write_text("// kept\n", encoding="utf-8")
        self.assertEqual(synthesize.sources_of("m", [first]),
                         synthesize.Sources((("m.sv", "// kept\n"),), (), "given/"))
        two = synthesize.sources_of("m", [first, second])
        self.assertEqual(len({name for name, _ in two.read}), 2)
        self.assertEqual([text for _, text in two.read], ["// kept\n"] * 2)
        first.with_name("adders.v").write_text("", encoding="utf-8")
        with self.assertRaisesRegex(liberty.SynthesisError, "'adders.v' is a name that the flow uses"):
            synthesize.sources_of("m", [first], [first.with_name("adders.v")])

    def test_included_files_lie_where_they_are_looked_for(self):
        top, header, other = self.folder / "a/m.sv", self.folder / "a/sub/h.svh", self.folder / "b/n.sv"
        for path in (top, header, other):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.name, encoding="utf-8")
        sources = synthesize.sources_of("m", [top], [header, other])
        self.assertEqual(sources, synthesize.Sources((("m.sv", "m.sv"),), (("sub/h.svh", "h.svh"), ("n.sv", "n.sv")),
                                                     "given/"))
        self.assertIn("read_verilog -sv -Igiven/ given/m.sv\nhierarchy -check -libdir given/ -top m\n",
                      synthesize.script("m", {}, sources))

    def test_no_row_is_older_than_its_hardware(self):
        """Fails when rtl/ changed: run scripts/characterize.sh, whatever did not change is cached."""
        for part in ("area", "energy", "sets", "grid", "statistics"):
            for module, digest in common.committed(part)["sources_sha256"].items():
                self.assertEqual(digest, synthesize.digest_of(module), (part, module))


class StandardError(unittest.TestCase):
    def test_by_hand(self):
        """Parts of sizes 1 and 3 with 2 and 10 pJ: mean 3 per unit, deviations -1 and 1, error 2 in all."""
        parts = [{"settled": 2.0, "unit": 3.0}, {"settled": 10.0, "unit": 9.0}]
        self.assertEqual(set_energy.standard_error(parts, [1, 3], 4, "x_"),
                         {"x_settled_standard_error_pj": 0.5, "x_unit_standard_error_pj": 0.0})

    def test_parts_of_a_run_are_all_of_it(self):
        array = array_bench.Run(array_parameters(0, True), set_energy.POINTS["random"], 5, 2)
        pim = pim_bench.Run({"Wordlines": 2, "Cols": 2, "WeightBits": 2, "MaxActBits": 4, "AccBits": 8, "ColMux": 2,
                             "WeightSigned": True, "Overflow": 0}, set_energy.POINTS["random"], 3)
        for run, window, count in ((array, array.window, 10), (pim, pim.windows["vector"], 3)):
            parts = run.batches()
            self.assertEqual(len(parts), count)
            self.assertEqual((parts[0][0], parts[-1][1]), window)
            self.assertEqual([end for _, end in parts[:-1]], [first for first, _ in parts[1:]])

    def test_a_reset_comes_after_what_is_counted(self):
        run = array_bench.Run(array_parameters(1, True), set_energy.POINTS["random"], 5, 2)
        ports = run.operands()
        first, end = run.reset()
        self.assertEqual((first, end), (run.window[1], len(ports)))
        self.assertEqual([cycle["rst_ni"] for cycle in ports[first - 1:]], [1, 0, 1])
        self.assertEqual(ports[first], {**ports[first - 1], "rst_ni": 0, "fold_valid_i": 0})


class Committed(unittest.TestCase):
    def test_energy_of_every_named_set_is_there_or_left_out_by_name(self):
        document = common.committed("sets")
        names = [row["name"] for row in document["rows"]]
        self.assertEqual(names, [name for name, _, _ in designs.named_designs() if name not in document["left_out"]])
        for row in document["rows"]:
            for point in row["points"]:
                self.assertGreater(point["settled_pj"], 0, row["name"])
                self.assertGreaterEqual(point["unit_pj"], point["settled_pj"], row["name"])
                if row["module"] in area.TILES:
                    self.assertGreater(point["reset_settled_pj"], 0, row["name"])
                    self.assertLess(point["settled_standard_error_pj"], 0.3 * point["settled_pj"], row["name"])


    def test_the_grid_has_every_named_set_or_leaves_it_out_by_name(self):
        document, points = common.committed("grid"), list(operations.grid())
        self.assertEqual([tuple(point.values()) for point in document["grid"]], points)
        self.assertEqual(list(dict.fromkeys(row["name"] for row in document["rows"])),
                         [name for name, _, _ in designs.named_designs() if name not in document["left_out"]])
        of = {name: (module, parameters) for name, module, parameters in designs.named_designs()}
        for row in document["rows"]:
            self.assertEqual(row["points"], designs.grid_points(*of[row["name"]]), row["name"])
            for index, settled, unit in zip(row["points"], row["settled_pj"], row["unit_pj"]):
                self.assertGreater(settled, 0, (row["name"], index))
                self.assertGreaterEqual(unit, settled, (row["name"], index))
            self.assertLess(row["settled_pj"][row["points"].index(8)], row["settled_pj"][0], row["name"])
        self.assertFalse([name for name in document["left_out"] if of[name][0] == "mac_unit"])

    def test_operands_of_the_grid_are_as_dense_as_asked(self):
        for row in common.committed("grid")["operands"]:
            for point, weight, act in zip(operations.grid(), row["weights"], row["acts"]):
                for wanted, found, bits in ((point[1], weight[0], row["weight_bits"]), (point[2], act[0], row["act_bits"])):
                    if point[0] == "uniform" and point[3:] == (0.0, 0.0):
                        self.assertAlmostEqual(found, wanted * (1 - 2.0 ** -bits), delta=0.08)


class Glitches(unittest.TestCase):
    def test_the_interval_of_energies_holds_every_glitch(self):
        table = json.loads((common.ROOT / "configs/tech/osu018.json").read_text(encoding="utf-8"))["mac_energy"]
        factors = table["glitch_factors"]
        named = {name: parameters for name, _, parameters in designs.named_designs()}
        measured = glitches.rows_of(common.committed("energy"), common.committed("grid"), named)
        self.assertEqual(len(measured), 36 + 224)
        for mac, ratio in measured:
            if glitches.is_encoded(mac):
                continue
            row = next(row for row in factors["rows"] if row["narrower_bits"] == glitches.narrower(mac))
            guard = bisect.bisect_left(factors["guard_bits"], glitches.guard_bits(mac))
            self.assertLessEqual(ratio, row["saturate" if mac["Overflow"] else "wrap"][guard], mac)
            self.assertGreaterEqual(ratio, table["low_factor"])
        widest = max(max(row["wrap"]) for row in factors["rows"])
        eight = next(row for row in factors["rows"] if row["narrower_bits"] == 8)["wrap"]
        self.assertLess(eight[factors["guard_bits"].index(8)], 0.6 * widest)  # not one factor for all

    def test_glitch_classes_by_hand(self):
        def mac(bits, acc, overflow=0, encoding=0):
            return {"WeightBits": bits, "ActBits": bits + 1, "AccBits": acc, "Overflow": overflow, "Encoding": encoding}
        rows = [(mac(2, 5), 1.5), (mac(2, 13), 2.0), (mac(2, 25), 3.0), (mac(2, 3), 4.0), (mac(8, 25), 1.2),
                (mac(2, 5, 1), 1.25), (mac(2, 5, 0, 1), 9.0)]
        self.assertEqual(glitches.encoded(rows), 9.0)
        kept = glitches.by_width(rows, 0, False)
        self.assertEqual([glitches.factor(kept, 2, guard) for guard in (0, 8, 9, 20, 46)], [1.5, 2.0, 3.0, 3.0, 3.0])
        self.assertEqual(glitches.factor(kept, 8, 8), 1.2)
        self.assertEqual(glitches.factor(kept, 8, 16), 3.0)  # nobody as wide has so many guard bits
        self.assertEqual(glitches.factor(kept, 4, 8), 2.0)   # the worse of both neighbours
        self.assertEqual(glitches.table(rows)["rows"][1], {"narrower_bits": 2, "wrap": [4.0, 2.0, 3.0, 3.0, 3.0],
                                                           "saturate": [1.0, 1.25, 1.25, 1.25, 1.25]})


@unittest.skipIf(common.MISSING, f"not installed: {', '.join(common.MISSING)}")
class Repeated(common.Files):
    """A few seconds of what scripts/characterize.sh does, in a fresh cache."""

    def setUp(self):
        super().setUp()
        self.osu018 = liberty.Library(synthesize.DEFAULT_LIBERTY)
        table = common.committed("area")
        if (table["liberty_sha256"], table["tool"]) != (self.osu018.digest, synthesize.yosys_version()):
            self.skipTest("another library or Yosys than the committed results")

    def test_path_with_buffers(self):
        design = next(design for design in designs.named_designs() if design[0] == "pim_4x2_w1_slice1")
        table = common.committed("area")
        row = area.measure(design, self.osu018, self.folder, table["target_period_ns"])
        self.assertEqual(row, common.row_like(table["rows"], *design[::2], module="pim_array"))

    def test_a_users_include_is_synthesized(self):
        top, header = self.folder / "u/m.sv", self.folder / "u/h.svh"
        top.parent.mkdir()
        top.write_text('module m (input a, input b, output y);\n`include "h.svh"\nn n(a, b, y);\nendmodule\n', encoding="utf-8")
        header.write_text("wire unused = a;\n", encoding="utf-8")
        (self.folder / "u/n.sv").write_text("module n (input a, input b, output y); assign y = a & b; endmodule\n",
                                            encoding="utf-8")
        found = synthesize.synthesize("m", {}, self.osu018, self.folder, [top], [header, self.folder / "u/n.sv"])
        self.assertEqual(found["flip_flops"], 0)
        self.assertGreater(found["area_um2"], 0)

    def test_named_sets(self):
        table = {row["name"]: row for row in common.committed("sets")["rows"]}
        wanted = [design for design in designs.named_designs()
                  if design[0] in ("pim_4x2_w1_slice1", "accumulator_d8_acc12_wrap")]
        for row in set_energy.run_all(wanted, self.osu018, self.folder, 1):
            self.assertEqual(row, table[row["name"]])
        for entry in self.folder.glob("energy.*.json"):
            entry.write_text("[]", encoding="utf-8")  # the second time nothing is simulated
        self.assertEqual([row["points"] for row in set_energy.run_all(wanted, self.osu018, self.folder, 1)], [[], []])

    def test_the_grid_of_named_sets(self):
        table = {row["name"]: row for row in common.committed("grid")["rows"]}
        wanted = [design for design in designs.named_designs()
                  if design[0] in ("mac_w1u_a1u_acc2_wrap", "accumulator_d8_acc12_wrap")]
        for row in grid_energy.run_all(wanted, self.osu018, self.folder, 1):
            self.assertEqual(row, table[row["name"]])
        parameters = next(design[2] for design in designs.named_designs() if design[0] == "array_ws_1x1_shadow")
        found = grid_energy.rows_of(("array_ws_1x1_shadow", "mac_array", parameters), [
            grid_energy.tile_point("mac_array", parameters, index, self.osu018, self.folder) for index in (0, 8)])
        self.assertGreater(found[0]["settled_pj"][0], found[0]["settled_pj"][1])

    def test_gates_of_arrays_show_the_sums_of_arithmetic(self):
        """check() inside: every sum and register below the array, in every counted cycle."""
        for dataflow, shadow in ((0, True), (1, False), (2, True)):
            points = list(set_energy.array_points(array_parameters(dataflow, shadow), self.osu018, self.folder))
            self.assertEqual([point["point"] for point in points], list(set_energy.POINTS))
            for point in points:
                self.assertGreater(point["clock_pj"], point["mac_clock_pj"])
                self.assertGreater(point["unit_pj"], point["settled_pj"])

    def test_gates_of_units_are_arithmetics(self):
        """Without an overflow flag, as they are characterized; and what other arithmetic would say."""
        narrow = {"WeightBits": 2, "ActBits": 3, "AccBits": 6, "WeightSigned": True, "ActSigned": True, "Overflow": 0,
                  "TrackOverflow": False}
        units = [(module, narrow) for module in ("mac_unit", "pe_stationary", "pe_output")] + [
            ("narrow_accumulator", {"AddendBits": 5, "AccBits": 6, "Overflow": 1, "TrackOverflow": False}),
            ("bit_serial_mac", {"WeightBits": 3, "MaxActBits": 4, "Lanes": 2, "AccBits": 9, "TrackOverflow": False})]
        for module, parameters in units:
            folder = synthesize.netlist_folder(module, parameters, self.osu018, self.folder)
            other = {**parameters, "Overflow": 1 - parameters.get("Overflow", 0)}
            with self.subTest(module), self.assertRaisesRegex(liberty.SynthesisError, "the gates' results are wrong"):
                netlist_check.check(module, other, self.osu018, folder)
            self.assertFalse((folder / netlist_check.MARK).exists())
            netlist_check.check(module, parameters, self.osu018, folder)
            self.assertTrue((folder / netlist_check.MARK).exists())

    def test_a_wrong_sum_is_seen(self):
        parameters = array_parameters(0, True)
        design, _, _ = set_energy.parts_of_array(parameters, self.osu018, self.folder)
        run = array_bench.Run(parameters, set_energy.POINTS["random"], 4, 1)
        operands = run.operands()
        run.left_codes[0] = [code ^ 1 for code in run.left_codes[0]]  # what is expected, not what enters
        watch = array_bench.Watch(run, design.netlist)
        design.measure(operands, [run.window], watch)
        with self.assertRaisesRegex(liberty.SynthesisError, "results are wrong"):
            set_energy.check(watch, parameters)


if __name__ == "__main__":
    unittest.main()
