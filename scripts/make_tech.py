#!/usr/bin/env python3
"""Writes configs/tech/generic_{45,14,7}nm.json from measured tables and published figures.

usage: scripts/make_tech.py [--reference DIR] [--out DIR]

DIR holds mac_synthesis.csv (areas after Yosys, unplaced) and sram_cacti7.csv (CACTI 7). Every
number that is not in those two files stands below with its source, but for the energy by operand
statistics, which configs/tech/osu018.json has. Figures of another node carry
"scale": true; the simulator scales them when it reads the file (arch/cost/scaling.h).
"""
import argparse
import csv
import json
import pathlib
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Gate-level simulation of the Baugh-Wooley MAC with accumulator register, 45 nm, fJ per MAC:
# bits, accumulator bits, total with clock pins, clock pins alone.
MAC_ENERGY_FJ = [(2, 12, 161, 105), (4, 16, 330, 140), (8, 24, 859, 209), (16, 40, 2657, 349)]
GLITCH_FACTOR = 2.6  # unit-delay simulation gave 1.4 to 2.6 times the zero-delay energy

HOROWITZ = "Horowitz, ISSCC 2014, doi:10.1109/ISSCC.2014.6757323"
BIT_FUSION = "synthesis results published with the Bit Fusion simulator (hsharma35/bitfusion), 45 nm"
SCALED_NODES = {14: 0.8, 7: 0.7}  # nominal supplies for the scaling fits, chosen


def rounded(value):
    return float(f"{value:.6g}")


def figure(value, status, source, low=None, high=None, valid="any width and size", **point):
    """One sourced number. `point` may hold node_nm, voltage and scale."""
    entry = {"value": rounded(value)}
    if low is not None:
        entry["low"] = rounded(low)
    if high is not None:
        entry["high"] = rounded(high)
    entry.update(status=status, source=source, valid=valid, **point)
    return entry


def spread(values, status, source, **more):
    """Mean of several measurements with their range as the interval."""
    return figure(statistics.mean(values), status, source, min(values), max(values), **more)


class Synthesis:
    """Rows of mac_synthesis.csv of one library: (design, multiplier) -> {(w, a, acc): um2}."""

    def __init__(self, path, library):
        self.tables = {}
        with open(path, newline="", encoding="ascii") as lines:
            for row in csv.DictReader(lines):
                if row["library"] == library:
                    key = tuple(int(row[k]) for k in ("weight_bits", "act_bits", "acc_bits"))
                    table = self.tables.setdefault((row["design"], row["multiplier"]), {})
                    table[key] = float(row["area_um2"])

    def table(self, design, multiplier="baugh_wooley"):
        return self.tables[design, multiplier]

    def rows(self):
        designs = ("mac_acc_register", "pe_weight_stationary", "pe_output_stationary")
        return [{"design": d, "weight_bits": w, "act_bits": a, "acc_bits": c, "um2": area}
                for d in designs for (w, a, c), area in sorted(self.table(d).items())]

    def register_area(self):
        """Area of a pipeline register bit: output-stationary PE minus the MAC inside it."""
        mac = self.table("mac_acc_register")
        return [(area - mac[key]) / (key[0] + key[1])
                for key, area in self.table("pe_output_stationary").items()]

    def saturation_area(self):
        plain = self.table("mac_acc_register", "behavioural")
        saturating = self.table("mac_acc_register_saturating", "behavioural")
        return [(area - plain[key]) / key[2] for key, area in saturating.items()]


def mac_area(synthesis, library, **point):
    return {
        "status": "measured",
        "source": f"Yosys 0.23 and {library}, Baugh-Wooley rows with full-adder cells, unplaced",
        "valid": "weight_bits == act_bits from 2 to 16, acc_bits 12 to 40",
        **point, "rows": synthesis.rows()}


def mac_energy(**point):
    rows = [{"design": "mac_acc_register", "weight_bits": b, "act_bits": b, "acc_bits": c,
             "pj": total / 1000, "clock_pj": clock / 1000} for b, c, total, clock in MAC_ENERGY_FJ]
    return {
        "status": "measured",
        "source": "gate-level simulation of the Yosys netlists in the Nangate 45 nm open cell "
                  "library: zero-delay toggles, Liberty internal power and CV^2/2; the interval "
                  "reaches to the glitches of a unit-delay simulation",
        "valid": "uniformly random signed operands, weight_bits == act_bits from 2 to 16, "
                 "acc_bits = 2 * weight_bits + 8",
        **point, "low_factor": 1, "high_factor": GLITCH_FACTOR, "rows": rows}


def sram(path, node, **point):
    """Single-port low-operating-power RAMs of one node."""
    rows = []
    with open(path, newline="", encoding="ascii") as lines:
        for row in csv.DictReader(lines):
            if row["device"] == "itrs-lop" and int(row["tech_nm"]) == node:
                rows.append({
                    "capacity_bytes": int(row["capacity_bytes"]),
                    "word_bits": int(row["word_bits"]),
                    "read_pj": rounded(1000 * float(row["read_nj"])),
                    "write_pj": rounded(1000 * float(row["write_nj"])),
                    "leakage_mw": rounded(float(row["leak_mw"])),
                    "area_um2": rounded(1e6 * float(row["area_mm2"])),
                    "access_ns": rounded(float(row["access_ns"])),
                    "cycle_ns": rounded(float(row["cycle_ns"]))})
    source = f"CACTI 7, single port, ITRS low operating power devices, {node} nm"
    if point:
        source += ("; energy and delay follow the ratio of nominal supplies, area the ITRS table, "
                   "which shrinks more than memory cells do below 16 nm")
    return {"status": "measured", "source": source,
            "valid": "capacity 1 KiB to 8 MiB, words of 8 to 512 bits",
            **point, "pipelined": True, "rows": rows}


def ratio_figures():
    """Figures without a node: shares and ratios to a fixed PE of the same widths."""
    serial = "five libraries synthesized with Yosys 0.23: area x cycles of 16 bit-serial lanes " \
             "with one accumulator against parallel ones, 1.5 to 2.05 times"
    return {
        "narrow_operand_share": figure(
            0.5, "assumed", "assumed: half of what sign-extended narrow operands could save is "
            "saved; the interval is all and nothing", 0, 1),
        "decomposable_area_factor": figure(
            3.4, "published", f"{BIT_FUSION}: 1734.6 um2 against 510.7 um2 for a fixed 8-bit PE; "
            "own synthesis in five libraries gave 2.9 to 4.3, a plain 8x8 unit there 2.52",
            2.52, 4.3, "8-bit unit of 2-bit bricks; other widths by levels of fusion"),
        "decomposable_energy_factor": figure(
            280 / 149, "published", f"{BIT_FUSION}: dynamic power 280 uW against 149 uW of a plain "
            "8x8 unit at 500 MHz", valid="8-bit unit of 2-bit bricks"),
        "bit_serial_area_time_factor": figure(1.775, "measured", serial, 1.5, 2.05),
        "bit_serial_energy_factor": figure(
            1.775, "assumed", "assumed: energy follows area x cycles, " + serial, 1, 2.05),
        "configurable_area_factor": figure(
            1.5, "assumed", "assumed: between a fixed PE and a decomposable one", 1, 3.4),
        "configurable_energy_factor": figure(
            1.5, "assumed", "assumed: as the area of the same unit", 1, 3.4),
        "sram_area_per_extra_port": figure(
            1, "assumed", "assumed: one more port costs as much as one more copy of the memory",
            0.3, 1),
        "sram_macro_bytes": figure(
            65536, "assumed", "assumed: larger memories are built from macros of 64 KiB with "
            "pipelined wires between them"),
    }


def register_figures(synthesis, library, saturation, here, from_45):
    """`here` describes figures of the library's node, `from_45` those measured at 45 nm."""
    clocks = [clock / 1000 / acc for _, acc, _, clock in MAC_ENERGY_FJ]
    return {
        "register_area_um2_per_bit": spread(
            synthesis.register_area(), "measured",
            f"Yosys 0.23 and {library}: output-stationary PE minus its MAC, per register bit",
            **here),
        "register_clock_pj_per_bit": spread(
            clocks, "measured", "clock pins of the gate-level MAC simulation per accumulator bit",
            **from_45),
        "register_data_pj_per_bit": figure(
            0.003, "assumed", "assumed: a third of the clock pins' energy", 0, 0.0087, **from_45),
        "saturation_area_um2_per_acc_bit": spread(
            saturation, "measured",
            "Yosys 0.23 and the Nangate 45 nm open cell library: saturating minus wrapping MAC, "
            "behavioural multiplier, per accumulator bit", **from_45),
        "saturation_pj_per_acc_bit": figure(
            0.0025, "assumed", "assumed: the MAC's data energy per area times the saturation area",
            0, 0.005, **from_45),
    }


def block_figures(at_45):
    """Blocks around the array, known at 45 nm only."""
    register = 4.525
    fifo = "assumed: FIFOs of two 64-byte bursts in both directions, doubled for control"
    horowitz = dict(at_45, voltage=0.9, node_nm=45, scale=True)
    return {
        "post_processing_area_um2_per_lane": figure(
            3495 + 137 + 64 * register, "recalled", "32-bit multiplier and adder areas that go "
            "with Horowitz, ISSCC 2014, and two 32-bit registers", **at_45),
        "post_processing_pj_per_operation": figure(
            3.1 + 0.1, "published", f"one 32-bit multiplication and one 32-bit addition at 0.9 V, "
            f"{HOROWITZ}; that an element takes one of each is assumed", **horowitz),
        "dma_area_um2_per_core": figure(2 * 2048 * register, "assumed", fifo, **at_45),
        "dma_pj_per_bit": figure(
            0.143, "assumed", "assumed: two register writes and 1 mm of wire", 0.023, 0.5, **at_45),
        "link_area_um2_per_bit": figure(
            2 * register, "assumed", "assumed: a register at each end of a link", **at_45),
        "mac_delay_base_ns": figure(
            0.15, "assumed", "assumed: clock to output and setup", **dict(at_45, **nominal(at_45))),
        "mac_delay_level_ns": figure(
            0.12, "assumed", "assumed: one full adder", **dict(at_45, **nominal(at_45))),
    }


def nominal(at_45):
    """Delays scale from the nominal supply, inside the range of the delay fit."""
    return {"voltage": 1.0} if at_45 else {}


def density_figures(node):
    native = node == 45
    leakage = f"{BIT_FUSION}: 64 uW in 1733 um2"
    wire = "240 fJ/bit/mm per transition at 40 nm, half of the bits toggle: Keckler et al., " \
           "IEEE Micro 2011, Table 1, as quoted by others; upper end arXiv:1207.6819"
    return {
        "wire_pj_per_bit_mm": figure(0.12, "assumed", "assumed the same at this node: " + wire,
                                     0.12, 0.4),
        "logic_leakage_mw_per_mm2": figure(
            64 / 1733 * 1000, "published" if native else "assumed",
            leakage if native else "assumed the same per area as at 45 nm: " + leakage),
    }


def corrections():
    return {
        "placement_utilization": {"enabled": False, **figure(
            0.7, "recalled", "typical of placed datapaths, 0.65 to 0.80; no text confirms it",
            0.65, 0.8)},
        "clock_tree_factor": {"enabled": False, **figure(
            2, "assumed", "assumed: buffers and wires cost as much as the clock pins", 1.5, 3)},
        "wire_load_factor": {"enabled": False, **figure(
            1.2, "recalled", "wires add 10 to 30 % to the power of an unplaced netlist; no text "
            "confirms it", 1.1, 1.3)},
    }


def mac_activity():
    """Ratios to random operands of the one technology that was simulated over operand statistics."""
    measured = json.loads((ROOT / "configs/tech/osu018.json").read_text())["mac_activity"]
    return {"status": "assumed", "source": "assumed: data energies relate to those of random "
            "operands as in osu018 at 180 nm; only these ratios are used, no energy of that node. "
            f"There: {measured['source']}",
            "valid": measured["valid"], "rows": measured["rows"]}


def technology(node, voltage, description, area, energy, memory, figures):
    return {"schema_version": 1, "name": f"generic_{node}nm", "description": description,
            "node_nm": node, "voltage": voltage, "device": "hp", "mac_area": area,
            "mac_energy": energy, "mac_activity": mac_activity(), "sram": memory,
            "figures": figures, "layout_corrections": corrections()}


def build(reference):
    macs, rams = reference / "mac_synthesis.csv", reference / "sram_cacti7.csv"
    nangate, asap = Synthesis(macs, "nangate45"), Synthesis(macs, "asap7")
    name45, name7 = "the Nangate 45 nm open cell library", "the ASAP7 library"
    saturation = nangate.saturation_area()
    figures = {**register_figures(nangate, name45, saturation, {}, {}), **ratio_figures(),
               **block_figures({}), **density_figures(45)}
    yield technology(45, 1.1, "45 nm: synthesized MACs at the library's typical corner (supply "
                     "recalled), low-power SRAM", mac_area(nangate, name45), mac_energy(),
                     sram(rams, 45), figures)
    from_45 = {"node_nm": 45, "voltage": 1.1, "scale": True}
    from_32 = {"node_nm": 32, "voltage": 0.9, "scale": True}
    for node, voltage in SCALED_NODES.items():
        native = node == 7
        library, name = (asap, name7) if native else (nangate, name45)
        here = {} if native else from_45
        figures = {**register_figures(library, name, saturation, here, from_45), **ratio_figures(),
                   **block_figures(from_45), **density_figures(node)}
        text = "synthesized MAC areas" if native else "MAC areas scaled from 45 nm"
        yield technology(node, voltage, f"{node} nm: {text}, energies scaled from 45 nm, SRAM "
                         "scaled from 32 nm", mac_area(library, name, **here),
                         mac_energy(**from_45), sram(rams, 32, **from_32), figures)


def dump(value, indent=0):
    """JSON with one line per table row and figure."""
    pad = "  " * (indent + 1)
    if isinstance(value, dict) and any(isinstance(v, (dict, list)) for v in value.values()):
        items = [f"{pad}{json.dumps(k)}: {dump(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + "  " * indent + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + json.dumps(v) for v in value) + \
            "\n" + "  " * indent + "]"
    return json.dumps(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=pathlib.Path, default=ROOT / "../shared/reference")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "configs/tech")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for tech in build(arguments.reference):
        path = arguments.out / f"{tech['name']}.json"
        path.write_text(dump(tech) + "\n", encoding="ascii")
        print(path)


if __name__ == "__main__":
    main()
