"""Cells, area and critical path of every design, and the ratios they are compared by."""

import functools

import buffers
import jobs as in_parallel
import netlist_check
import synthesize
import timing
from designs import FIXED_ACC_BITS, GUARD_BITS, P4_WIDTHS, acc_bits

TILES = ("mac_array", "pim_array")


def has_second_path(module):
    """Arrays and PIM tiles get a path with buffers too: their controls drive every element."""
    return module in TILES


def measure(design, library, cache, period_ns):
    group, module, parameters = design
    folder = synthesize.netlist_folder(module, parameters, library, cache)
    netlist_check.check(module, parameters, library, folder)
    path_ns = timing.analyse(library, folder / "netlist.v", period_ns).critical_path_ns
    return {"group": group, "module": module, "parameters": parameters,
            **synthesize.synthesize(module, parameters, library, cache),
            "critical_path_ns": path_ns, "slack_ns": round(period_ns - path_ns, 4),
            **(buffers.measure(folder, library, period_ns) if has_second_path(module) else {})}


def run_all(wanted, library, cache, jobs, period_ns):
    """One row per design, in the order given."""
    one = functools.partial(measure, library=library, cache=cache, period_ns=period_ns)
    return in_parallel.run_all(one, wanted, jobs, "area", 50)


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
