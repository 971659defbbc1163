"""Energy per operation of every named set (rtl/named_sets.json) from gate-level simulation.

MACs, accumulators and the flexible units run sums of random operands; arrays run folds and PIM tiles
vectors without a gap, and their results are compared with arithmetic while their toggles are counted.
Beside an array stand its processing elements alone (with the very ports they have inside it) and a
bare mac_unit with the same dot products: what skew registers, sequencer, shadow and passing registers
add. All figures are per operation, clock pins apart.
"""

import hashlib
import json
import math
import os
import pathlib

import array_bench
import energy
import flexible
import gates
import jobs as in_parallel
import operations
import pim_bench
import streams
import synthesize
import timing
from liberty import SynthesisError

# (shape, weight density, act density, weight hold, act hold) as operations.grid() has them.
POINTS = {"random": ("uniform", 1.0, 1.0, 0.0, 0.0), "sparse": ("uniform", 0.3, 0.3, 0.0, 0.0),
          "held": ("uniform", 1.0, 1.0, 0.6, 0.6)}
LARGE_ELEMENTS = 64  # arrays beyond: random operands, one fold of fewer steps, a sample of the elements
LARGE_WEIGHTS = 256  # PIM tiles beyond: random operands, fewer vectors
SMALL_VECTORS, LARGE_VECTORS = 16, 4
MADE_BY = ("array_bench", "energy", "flexible", "gates", "liberty", "logic", "operations", "pim_bench",
           "set_energy", "streams", "timing")
MAC_CYCLES = 16 * streams.DOT_LENGTH
SERIAL_ACT_BITS = 8


class Gates:
    """One mapped design."""

    def __init__(self, library, cache, module, parameters):
        folder = synthesize.netlist_folder(module, parameters, library, cache)
        self.library, self.netlist = library, gates.Netlist(folder / "netlist.json")
        slews = timing.analyse(library, folder / "netlist.v", 10.0, with_slews=True).slews_ns
        self.cost = energy.transition_costs(self.netlist, library, slews)

    def measure(self, operands, segments, watch=None):
        """[{"clock", "settled", "unit"}] pJ of each whole segment."""
        found = gates.simulate_segments(self.netlist, self.library, operands, segments, watch)
        return [total(energy.per_cycle(self.cost, toggles), toggles.cycles) for toggles in found]


def total(rows, cycles):
    return {"clock": rows["clock_pj"] * cycles,
            **{kind: (rows[f"{kind}_switching_pj"] + rows[f"{kind}_internal_pj"]) * cycles
               for kind in ("settled", "unit")}}


def per_operation(energies, operations_done, prefix=""):
    return {f"{prefix}{kind}_pj": round(pj / operations_done, 5) for kind, pj in energies.items()}


def added(energies):
    return {kind: math.fsum(energy[kind] for energy in energies) for kind in energies[0]}


def standard_error(energies, sizes, operations_done, prefix=""):
    """Of a mean over operations, from the scatter of parts of the run: the parts' energies per unit of
    size, weighted by size. {"settled_standard_error_pj", "unit_…"} per operation."""
    whole, count, found = sum(sizes), len(sizes), {}
    for kind in ("settled", "unit"):
        mean = sum(energy[kind] for energy in energies) / whole
        squares = math.fsum((energy[kind] - mean * size) ** 2 for energy, size in zip(energies, sizes))
        error = math.sqrt(squares * count / (count - 1)) if count > 1 else float("nan")
        found[f"{prefix}{kind}_standard_error_pj"] = round(error / operations_done, 5)
    return found


def words(name, bits, count, point):
    _, weight, act, weight_hold, act_hold = point
    density, hold = (weight, weight_hold) if name == "weight" else (act, act_hold)
    return streams.operands(name, count, bits, False, density, hold)


def unit_stream(module, parameters, point):
    """[(mode, operation, operations per cycle, ports per cycle)] of everything that is no tile."""
    count = operations.GRID_CYCLES
    if module == "mac_unit":
        weights, acts = operations.operands_of(parameters, point, 0, count)
        zero_point = 1 << (parameters["WeightBits"] - 1)
        yield "", "MAC", 1, [{**ports, "zero_point_i": zero_point} for ports in streams.stream(weights, acts)]
    elif module == "narrow_accumulator":
        yield "", "addition", 1, [{"en_i": 1, "clear_i": int(index % streams.DOT_LENGTH == 0), "addend_i": word}
                                  for index, word in enumerate(words("act", parameters["AddendBits"], count, point))]
    elif module == "bit_serial_mac":
        lanes, bits = parameters["Lanes"], min(parameters["MaxActBits"], SERIAL_ACT_BITS)
        yield (f"{parameters['WeightBits']}x{bits}", "MAC", lanes / bits,
               serial_stream(lanes, parameters["WeightBits"], bits, count, point))
    else:
        widest = 32 if module == "decomposable_mac" else 16
        pairs = list(zip(words("weight", widest, count, point), words("act", widest, count, point)))
        for mode, macs, fields in unit_modes(module):
            yield mode, "MAC", macs, [
                {"en_i": 1, "weight_signed_i": 1, "act_signed_i": 1, "clear_i": int(index % streams.DOT_LENGTH == 0),
                 "weight_i": weight, "act_i": act, **fields} for index, (weight, act) in enumerate(pairs)]


def unit_modes(module):
    if module == "decomposable_mac":
        return [(f"{bits}x{bits}", (8 // bits) ** 2, {"weight_log_i": log, "act_log_i": log})
                for log, bits in ((2, 8), (1, 4), (0, 2))]
    return [(f"{16 >> split}x{16 >> split}", 1 << split, {"split_i": split}) for split in range(4)]


def serial_stream(lanes, weight_bits, act_bits, count, point):
    """Operands of whole products, the activations' bits in series, most significant first."""
    weights = words("weight", lanes * weight_bits, count, point)
    acts = [streams.operands(f"act {lane}", count, act_bits, False, point[2], point[4]) for lane in range(lanes)]
    ports = []
    for cycle in range(count):
        number, bit = divmod(cycle, act_bits)
        shift = act_bits - 1 - bit
        ports.append({"valid_i": 1, "first_i": int(bit == 0), "last_i": int(shift == 0), "act_signed_i": 0,
                      "clear_i": int(number % streams.DOT_LENGTH == 0), "weight_i": weights[number],
                      "act_bit_i": sum((codes[number] >> shift & 1) << lane for lane, codes in enumerate(acts))})
    return ports


def unit_points(module, parameters, library, cache):
    design = Gates(library, cache, module, parameters)
    ports, segments, streams_of = [], [], []
    for name, point in POINTS.items():
        for mode, operation, per_cycle, stream in unit_stream(module, parameters, point):
            segments.append((len(ports) + flexible.WARM_UP, len(ports) + len(stream)))
            streams_of.append(({"point": name, **({"mode": mode} if mode else {}), "operation": operation,
                                "per_cycle": round(per_cycle, 5)}, per_cycle))
            ports += stream
    found = design.measure(ports, segments)
    return [{**entry, **per_operation(energies, (end - first) * per_cycle)}
            for (entry, per_cycle), energies, (first, end) in zip(streams_of, found, segments)]


def sampled_elements(rows, cols):
    """Every element of small arrays, a lattice of 16 that meets all borders of large ones."""
    def some(extent):
        return range(extent) if rows * cols <= LARGE_ELEMENTS else sorted({0, extent // 3, 2 * extent // 3, extent - 1})
    return [(r, c) for r in some(rows) for c in some(cols)]


def parts_of_array(parameters, library, cache):
    """The array, one of its processing elements, a bare MAC."""
    keys = ("WeightBits", "ActBits", "AccBits", "WeightSigned", "ActSigned", "Encoding", "Overflow")
    mac = {key: parameters[key] for key in keys}
    module, element = "pe_output", {**mac, "Shadow": parameters["Shadow"]}
    if parameters["Dataflow"] != array_bench.OUTPUT_STATIONARY:
        module = "pe_stationary"
        element["HoldsWeight"] = parameters["Dataflow"] == array_bench.WEIGHT_STATIONARY
    return [Gates(library, cache, *design) for design in
            (("mac_array", parameters), (module, element), ("mac_unit", mac))]


def elements_pj(run, design):
    """Energy per MAC of all processing elements of an array in the run's window, each simulated alone;
    of large arrays a sample, with the standard error of its mean."""
    places = sampled_elements(run.rows, run.cols)
    first, end = run.window
    ports = [run.ports[cycle][r][c] for r, c in places for cycle in range(end)]
    found = design.measure(ports, [(number * end + first, (number + 1) * end) for number in range(len(places))])
    macs = run.macs * len(places) / (run.rows * run.cols)
    sampled = len(places) < run.rows * run.cols
    return {**per_operation(added(found), macs, "elements_"),
            **(standard_error(found, [1] * len(found), macs, "elements_") if sampled else {})}


def mac_pj(run, design):
    """Energy per MAC of a bare mac_unit with dot products of the array."""
    weights, acts, length = run.mac_operands(MAC_CYCLES)
    ports = [{**ports, "zero_point_i": run.zero_point} for ports in streams.stream(weights, acts, length)]
    found, = design.measure(ports, [(4, len(ports))])
    return per_operation(found, len(ports) - 4, "mac_")


def points_of(large):
    return list(POINTS.items())[:1 if large else None]


def tile_energies(design, run, watch, also=()):
    """({…_pj per MAC with their standard errors, reset_…_pj of one reset}, energies of the other
    windows) of an array's or PIM tile's run."""
    batches, reset = run.batches(), run.reset()
    segments = [*also, *batches, reset]
    found = design.measure(run.operands(), segments, watch)
    check(watch, run.parameters)
    counted = found[len(also):-1]
    sizes = [end - first for first, end in batches]
    return {**per_operation(added(counted), run.macs), **standard_error(counted, sizes, run.macs),
            **per_operation(found[-1], 1, "reset_")}, found[:len(also)]


def array_points(parameters, library, cache):
    large = parameters["Rows"] * parameters["Cols"] > LARGE_ELEMENTS
    steps, folds = (2 * max(parameters["Rows"], parameters["Cols"]), 1) if large else (streams.DOT_LENGTH, 2)
    design, element, mac = parts_of_array(parameters, library, cache)
    for name, point in points_of(large):
        run = array_bench.Run(parameters, point, steps, folds)
        energies, _ = tile_energies(design, run, array_bench.Watch(run, design.netlist))
        yield {"point": name, "operation": "MAC", "per_cycle": round(run.macs / (run.window[1] - run.window[0]), 5),
               **energies, **elements_pj(run, element), **mac_pj(run, mac)}


def pim_points(parameters, library, cache):
    design = Gates(library, cache, "pim_array", parameters)
    large = parameters["Wordlines"] * parameters["Cols"] > LARGE_WEIGHTS
    for name, point in points_of(large):
        run = pim_bench.Run(parameters, point, LARGE_VECTORS if large else SMALL_VECTORS)
        energies, (write,) = tile_energies(design, run, pim_bench.Watch(run, design.netlist), [run.windows["write"]])
        first, end = run.windows["vector"]
        yield {"point": name, "operation": "MAC", "act_bits": run.act_bits, "per_cycle": round(run.macs / (end - first), 5),
               **energies, **per_operation(write, run.lines, "write_wordline_")}


def check(watch, parameters):
    if watch.wrong or min(watch.seen) == 0:
        raise SynthesisError(f"{parameters}: the gates' results are wrong ({watch.wrong} of {sum(watch.seen)})")


def measured(module, parameters, library, cache):
    if module == "mac_array":
        points = array_points(parameters, library, cache)
    elif module == "pim_array":
        points = pim_points(parameters, library, cache)
    else:
        points = unit_points(module, parameters, library, cache)
    return list(points)


def key_of(module, parameters, library):
    """What the energies of a set follow from: its own sources, the library, the tools and these files."""
    sources = synthesize.sources_of(module, None)
    digest = hashlib.sha256(synthesize.key_of(module, parameters, library, sources).encode())
    digest.update(gates.iverilog_version().encode())
    for name in MADE_BY:
        digest.update(pathlib.Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()[:32]


def measure(task):
    """One row, kept in the cache: tiles take minutes."""
    (name, module, parameters), library, cache = task
    entry = pathlib.Path(cache) / f"energy.{key_of(module, parameters, library)}.json"
    if not entry.exists():
        text = json.dumps(measured(module, parameters, library, cache))
        part = entry.with_suffix(f".{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.rename(entry)
    return {"name": name, "module": module, "points": json.loads(entry.read_text(encoding="utf-8"))}


def run_all(wanted, library, cache, jobs):
    tasks = [(design, library, cache) for design in wanted]
    return in_parallel.run_all(measure, tasks, jobs, "energy", 20)


def print_table(rows):
    """pJ per MAC of arrays and PIM tiles, clock pins included, beside their elements and bare MACs."""
    print(f"{'set':32} point   {'array':>9}{'elements':>9}{'MAC':>9}  array/elements  array/MAC")
    for row in rows:
        for point in row["points"]:
            if row["module"] in ("mac_array", "pim_array"):
                parts = [sum(point.get(f"{prefix}{kind}_pj", 0) for kind in ("clock", "settled"))
                         for prefix in ("", "elements_", "mac_")]
                ratios = "".join(f"{parts[0] / part:15.2f}" if part else "" for part in parts[1:])
                print(f"{row['name']:32} {point['point']:8}" + "".join(f"{part:9.2f}" for part in parts) + ratios)
