#!/usr/bin/python3
"""Synthesizes the reference hardware over its widths and accumulators and tabulates the area.

  scripts/characterize.sh                       the default library, results beside this file
  scripts/characterize.sh --liberty FILE -o F   any other library
  scripts/characterize.sh --named-sets          every parameter set of rtl/named_sets.json as well

Nothing is placed: no wires, no clock tree, no utilization. The figures are cell areas.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys

import synthesize

WIDTHS = range(1, 17)
P4_WIDTHS = (2, 4, 8, 16)
GUARD_BITS = range(0, 17)
FIXED_ACC_BITS = (16, 24, 32)
MIXED = ((8, 4), (4, 8), (8, 2), (2, 8), (4, 2), (2, 4), (16, 8), (8, 16))
STANDARD_GUARD_BITS = 8
# Synthesizing a whole array says little more than its processing element and takes minutes.
MOST_ARRAY_PES = 16


def acc_bits(weight_bits, act_bits, guard_bits=STANDARD_GUARD_BITS):
    return weight_bits + act_bits + guard_bits


def mac(weight_bits, act_bits, acc, overflow=0):
    return {"WeightBits": weight_bits, "ActBits": act_bits, "AccBits": acc, "WeightSigned": True,
            "ActSigned": True, "Overflow": overflow, "TrackOverflow": False}


def designs():
    """(group, module, parameters) of everything that is always synthesized."""
    for bits in P4_WIDTHS:
        for guard in GUARD_BITS:
            yield "scaling_accumulator", "mac_unit", mac(bits, bits, acc_bits(bits, bits, guard))
        for acc in FIXED_ACC_BITS:
            yield "fixed_accumulator", "mac_unit", mac(bits, bits, acc)
        yield "saturating", "mac_unit", mac(bits, bits, acc_bits(bits, bits), overflow=1)
    for module in ("mac_unit", "pe_stationary", "pe_output"):
        for bits in WIDTHS:
            yield "width", module, mac(bits, bits, acc_bits(bits, bits))
        for weight_bits, act_bits in MIXED:
            yield "width", module, mac(weight_bits, act_bits, acc_bits(weight_bits, act_bits))
    plain = {"TrackOverflow": False}
    for apart in (False, True):
        yield "flexible", "decomposable_mac", {"AccBits": 24, "SumApart": apart, **plain}
    for lanes in (1, 16):
        yield "flexible", "bit_serial_mac", {"WeightBits": 8, "MaxActBits": 8, "Lanes": lanes, "AccBits": 24, **plain}
    yield "flexible", "configurable_mac", {"AccBits": 40, **plain}


def named_designs():
    entries = json.loads((synthesize.ROOT / "rtl/named_sets.json").read_text(encoding="utf-8"))["sets"]
    for entry in entries:
        parameters = entry["parameters"]
        if parameters.get("Rows", 1) * parameters.get("Cols", 1) > MOST_ARRAY_PES:
            continue
        yield entry["name"], entry["module"], parameters


def run_all(wanted, library, cache, jobs):
    """One row per design, in the order given. Progress to stderr."""
    def one(design):
        group, module, parameters = design
        result = synthesize.synthesize(module, parameters, library, cache)
        return {"group": group, "module": module, "parameters": parameters, **result}

    rows = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for row in pool.map(one, wanted):
            rows.append(row)
            if len(rows) % 20 == 0:
                print(f"characterize: {len(rows)} of {len(wanted)}", file=sys.stderr)
    return rows


def find(rows, group, module="mac_unit", **parameters):
    """The area of the one row that has these parameters."""
    found = [row["area_um2"] for row in rows if row["group"] == group and row["module"] == module
             and all(row["parameters"].get(key) == value for key, value in parameters.items())]
    assert len(found) == 1, (group, module, parameters, len(found))
    return found[0]


def square(bits, **more):
    return {"WeightBits": bits, "ActBits": bits, **more}


def summarize(rows):
    """Density ratios (16 bits' area over b bits') and overheads: what target P4 asks for."""
    def ratios(group, acc):
        wide = find(rows, group, **square(16, AccBits=acc(16)))
        return {f"to_{bits}": round(wide / find(rows, group, **square(bits, AccBits=acc(bits))), 2)
                for bits in (8, 4, 2)}

    standard = {bits: find(rows, "scaling_accumulator", **square(bits, AccBits=acc_bits(bits, bits)))
                for bits in P4_WIDTHS}
    flexible = [row for row in rows if row["group"] == "flexible"]
    return {
        "density_ratio_from_16_bits": {
            "scaling_accumulator": {f"guard_{guard}": ratios("scaling_accumulator", lambda b, g=guard: acc_bits(b, b, g))
                                    for guard in GUARD_BITS},
            "fixed_accumulator": {f"acc_{acc}": ratios("fixed_accumulator", lambda _, a=acc: a)
                                  for acc in FIXED_ACC_BITS}},
        "area_saved_by_narrow_accumulator_against_32_bits": {
            f"w{bits}": round(1 - standard[bits] / find(rows, "fixed_accumulator", **square(bits, AccBits=32)), 3)
            for bits in (8, 4, 2)},
        "saturation_overhead": {
            f"w{bits}": round(find(rows, "saturating", **square(bits)) / standard[bits] - 1, 3)
            for bits in P4_WIDTHS},
        "flexible_area_over_8_bit_mac_with_24_bit_accumulator": {
            f"{row['module']} " + " ".join(f"{k}={int(v)}" for k, v in row["parameters"].items() if k in ("SumApart", "Lanes", "AccBits")):
            round(row["area_um2"] / standard[8], 2) for row in flexible}}


def print_table(summary):
    ratio = summary["density_ratio_from_16_bits"]
    print("density gain from 16 bits      to 8     to 4     to 2")
    for kind in ("scaling_accumulator", "fixed_accumulator"):
        for name, row in ratio[kind].items():
            print(f"{kind:20} {name:9}" + "".join(f"{row[f'to_{b}']:8.2f}" for b in (8, 4, 2)))
    for name, values in summary.items():
        if name != "density_ratio_from_16_bits":
            print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--liberty", default=synthesize.DEFAULT_LIBERTY, type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=synthesize.ROOT / "build/synth")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--named-sets", action="store_true")
    options = parser.parse_args()
    try:
        library = synthesize.Library(options.liberty)
        wanted = list(designs()) + (list(named_designs()) if options.named_sets else [])
        rows = run_all(wanted, library, options.cache, options.jobs)
    except synthesize.SynthesisError as error:
        sys.exit(f"characterize: {error}")
    except FileNotFoundError as error:
        sys.exit(f"characterize: {error}; install the packages 'yosys' and 'qflow-tech-osu018'")
    summary = summarize(rows)
    document = {
        "schema_version": 1, "library": library.name, "liberty_sha256": library.digest,
        "tool": synthesize.yosys_version(), "flow": "rtl/synth/synthesize.py, full-adder chains "
        f"({library.full_adder or 'no full-adder cell'}), abc without timing target, unplaced",
        "summary": summary, "rows": rows}
    output = options.output or synthesize.ROOT / "rtl/synth" / "results" / f"{library.name}_area.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    lines = json.dumps({**document, "rows": "@"}, indent=2).replace(
        '"@"', "[\n    " + ",\n    ".join(json.dumps(row) for row in rows) + "\n  ]")
    output.write_text(lines + "\n", encoding="utf-8")
    print_table(summary)
    print(f"characterize: {len(rows)} designs in {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
