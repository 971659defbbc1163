"""Energy per operation of every named set over the grid of operands (operations.grid()).

set_energy.py measures three points with everything beside them (elements, bare MACs, resets); here
are all densities and toggle rates (designs.grid_points says where fewer), settled and unit-delay.
Tiles run fewer cycles a point than there. Their results are compared with arithmetic meanwhile; MACs
and units were before they were measured (netlist_check.py).
"""

import hashlib
import json
import os
import pathlib

import array_bench
import designs
import flexible
import jobs as in_parallel
import netlist_check
import operations
import pim_bench
import set_energy
import streams

ALL = list(operations.grid())
TILES = ("mac_array", "pim_array")
ARRAY_STEPS, ARRAY_FOLDS, PIM_VECTORS = 32, 1, 4


def short(value):
    return float(f"{value:.5g}")


def curve(entry, energies):
    """One row of the table: pJ per operation at each point."""
    found = {**entry, "clock_pj": short(energies[0]["clock_pj"])}
    for name in ("settled_pj", "unit_pj", "settled_standard_error_pj"):
        if name in energies[0]:
            found[name] = [short(energy[name]) for energy in energies]
    return found


def mac_streams(parameters):
    """[(weights, acts)] of each point, the first longer."""
    return [operations.operands_of(parameters, point, seed,
                                   operations.REFERENCE_CYCLES if seed == 0 else operations.GRID_CYCLES)
            for seed, point in enumerate(ALL)]


def mac_ports(parameters, weights, acts, length=streams.DOT_LENGTH):
    zero_point = 1 << (parameters["WeightBits"] - 1)
    return [{**ports, "zero_point_i": zero_point} for ports in streams.stream(weights, acts, length)]


def sum_toggles(parameters, ports):
    """Bits of the accumulator that change per cycle, of this very MAC (encoding and overflow too)."""
    mac = netlist_check.MacUnit(netlist_check.default(parameters))
    sums = [mac.step(v)["acc_o"] for v in ports]
    return short(sum(bin(a ^ b).count("1") for a, b in zip(sums, sums[1:])) / (len(sums) - 1))


def measured_streams(design, found):
    """[{"clock_pj", "settled_pj", "unit_pj"}] per operation of [(ports, operations per cycle)]."""
    ports, segments = [], []
    for stream, _ in found:
        segments.append((len(ports) + flexible.WARM_UP, len(ports) + len(stream)))
        ports += stream
    energies = design.measure(ports, segments)
    return [set_energy.per_operation(energy, (end - first) * per_cycle)
            for energy, (first, end), (_, per_cycle) in zip(energies, segments, found)]


def mac_curve(parameters, library, cache):
    design = set_energy.Gates(library, cache, "mac_unit", parameters)
    found = [mac_ports(parameters, *pair) for pair in mac_streams(parameters)]
    entry = {"operation": "MAC", "points": designs.grid_points("mac_unit", parameters),
             "sum_toggles": [sum_toggles(parameters, ports) for ports in found]}
    return [curve(entry, measured_streams(design, [(ports, 1) for ports in found]))]


def operand_statistics(wanted):
    """streams.statistics of both operands of the MACs at every point, one row per pair of operands."""
    found = {}
    for _, module, parameters in wanted:
        formats = tuple(parameters.get(key) for key in ("WeightBits", "WeightSigned", "ActBits", "ActSigned"))
        if module != "mac_unit" or formats in found:
            continue
        pairs = mac_streams(parameters)
        found[formats] = {
            **dict(zip(("weight_bits", "weight_signed", "act_bits", "act_signed"), formats)),
            "weights": [streams.statistics(weights, parameters["WeightBits"]) for weights, _ in pairs],
            "acts": [streams.statistics(acts, parameters["ActBits"]) for _, acts in pairs]}
    return list(found.values())


def unit_curves(module, parameters, library, cache):
    """One row per mode."""
    design, points = set_energy.Gates(library, cache, module, parameters), designs.grid_points(module, parameters)
    modes = {}
    for index in points:
        for mode, operation, per_cycle, ports in set_energy.unit_stream(module, parameters, ALL[index]):
            modes.setdefault((mode, operation), []).append((ports, per_cycle))
    return [curve({**({"mode": mode} if mode else {}), "operation": operation, "points": points},
                  measured_streams(design, found)) for (mode, operation), found in modes.items()]


def tile_point(module, parameters, index, library, cache):
    design = set_energy.Gates(library, cache, module, parameters)
    if module == "mac_array":
        run = array_bench.Run(parameters, ALL[index], ARRAY_STEPS, ARRAY_FOLDS)
        watch = array_bench.Watch(run, design.netlist)
    else:
        run = pim_bench.Run(parameters, ALL[index], PIM_VECTORS)
        watch = pim_bench.Watch(run, design.netlist)
    return set_energy.tile_energies(design, run, watch)[0]


def simulated(task):
    (_, module, parameters), index, library, cache = task
    if module in TILES:
        return tile_point(module, parameters, index, library, cache)
    if module == "mac_unit":
        return mac_curve(parameters, library, cache)
    return unit_curves(module, parameters, library, cache)


def measure(task):
    """Rows of one set or energies of one point of a tile, kept in the cache."""
    (_, module, parameters), index, library, cache = task
    own = f"{index} {set_energy.key_of(module, parameters, library)}".encode() + pathlib.Path(__file__).read_bytes()
    entry = pathlib.Path(cache) / f"grid.{hashlib.sha256(own).hexdigest()[:32]}.json"
    if not entry.exists():
        part = entry.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(simulated(task)), encoding="utf-8")
        part.rename(entry)
    return json.loads(entry.read_text(encoding="utf-8"))


def tasks_of(wanted, library, cache):
    for design in wanted:
        for index in designs.grid_points(*design[1:]) if design[1] in TILES else [None]:
            yield design, index, library, cache


def rows_of(design, found):
    """Rows of the table from what `measure` found of one set."""
    name, module, parameters = design
    if module in TILES:
        found = [[curve({"operation": "MAC", "points": designs.grid_points(module, parameters)}, found)]]
    return [{"name": name, "module": module, **row} for rows in found for row in rows]


def run_all(wanted, library, cache, jobs):
    tasks = list(tasks_of(wanted, library, cache))
    results = in_parallel.run_all(measure, tasks, jobs, "grid", 50)
    by_set = {}
    for (design, *_), result in zip(tasks, results):
        by_set.setdefault(design[0], []).append(result)
    return [row for design in wanted for row in rows_of(design, by_set[design[0]])]
