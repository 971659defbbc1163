"""Energy of the units that serve several widths, beside a fixed MAC of their widest operands."""

import random

import operations
import streams

CYCLES = 16 * streams.DOT_LENGTH
WARM_UP = 16  # a bit-serial sum is defined after its first activation
SERIAL_BITS = 8
# (module, parameters, fixed MAC's bits, its accumulator)
UNITS = (("decomposable_mac", {"AccBits": 24, "SumApart": False, "TrackOverflow": False}, 8, 24),
         ("configurable_mac", {"AccBits": 40, "TrackOverflow": False}, 16, 40),
         ("bit_serial_mac", {"WeightBits": 8, "MaxActBits": 8, "Lanes": 1, "AccBits": 24, "TrackOverflow": False}, 8, 24),
         ("bit_serial_mac", {"WeightBits": 8, "MaxActBits": 8, "Lanes": 16, "AccBits": 24, "TrackOverflow": False}, 8, 24))


def words(name, bits, count):
    generator = random.Random(name)
    return [generator.getrandbits(bits) for _ in range(count)]


def parallel_vectors(bits, **mode):
    """Random operands, a new sum every streams.DOT_LENGTH cycles."""
    return [{"en_i": 1, "weight_signed_i": 1, "act_signed_i": 1, "clear_i": int(index % streams.DOT_LENGTH == 0),
             "weight_i": weight, "act_i": act, **mode}
            for index, (weight, act) in enumerate(zip(words("weight", bits, CYCLES), words("act", bits, CYCLES)))]


def serial_vectors(lanes):
    """Activations bit by bit, most significant first; weights held meanwhile."""
    vectors = []
    weights, bits = words("weight", 8 * lanes, CYCLES), words("act", lanes, CYCLES)
    for cycle in range(CYCLES):
        number, bit = divmod(cycle, SERIAL_BITS)
        vectors.append({"valid_i": 1, "first_i": int(bit == 0), "last_i": int(bit == SERIAL_BITS - 1),
                        "clear_i": int(number % streams.DOT_LENGTH == 0), "act_signed_i": 1,
                        "weight_i": weights[number], "act_bit_i": bits[cycle]})
    return vectors


def modes_of(module, parameters):
    """(mode, MACs per cycle, vectors)"""
    if module == "decomposable_mac":
        for log, bits in ((2, 8), (1, 4), (0, 2)):
            yield f"{bits}x{bits}", (8 // bits) ** 2, parallel_vectors(32, weight_log_i=log, act_log_i=log)
    elif module == "configurable_mac":
        for split in range(4):
            yield f"{16 >> split}x{16 >> split}", 1 << split, parallel_vectors(16, split_i=split)
    else:
        yield "8x8", parameters["Lanes"] / SERIAL_BITS, serial_vectors(parameters["Lanes"])


def measure_unit(unit, library, cache):
    """One entry per mode of a unit: pJ per cycle."""
    module, parameters, bits, acc_bits = unit
    simulator = operations.Simulator(library, cache, module, parameters)
    found = list(modes_of(module, parameters))
    measured = simulator.per_cycle([vectors for _, _, vectors in found], WARM_UP)
    return [{"module": module, "parameters": parameters, "mode": mode, "macs_per_cycle": macs,
             "fixed_mac": [bits, bits, acc_bits], "clock_pj": rows["clock_pj"],
             **{f"{kind}_data_pj": operations.data_pj(rows, kind) for kind in ("settled", "unit")}}
            for (mode, macs, _), rows in zip(found, measured)]


def measure(library, cache):
    return [entry for unit in UNITS for entry in measure_unit(unit, library, cache)]


def factors(entries, rows, module, per_mac=False):
    """Energy with clock pins over that of the fixed MAC, settled: per cycle of each mode, or per MAC."""
    fixed = {tuple(row["parameters"][key] for key in ("WeightBits", "ActBits", "AccBits")):
             row["reference"]["clock_pj"] + row["settled_data_pj"][0] for row in rows if row["group"] == "width"}
    return [(entry["clock_pj"] + entry["settled_data_pj"]) / fixed[tuple(entry["fixed_mac"])] /
            (entry["macs_per_cycle"] if per_mac else 1) for entry in entries if entry["module"] == module]


def print_table(entries, rows):
    print("unit              mode   MACs/cycle   clock  settled     unit  energy per MAC over a fixed one")
    for entry in entries:
        ratio, = factors([entry], rows, entry["module"], per_mac=True)
        print(f"{entry['module']:17} {entry['mode']:6} {entry['macs_per_cycle']:10}{entry['clock_pj']:8.3f}"
              f"{entry['settled_data_pj']:9.3f}{entry['unit_data_pj']:9.3f}{ratio:8.2f}")
