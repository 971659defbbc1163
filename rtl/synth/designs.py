"""What is characterized: the parameter sets of every table."""

import json

from synthesize import ROOT

WIDTHS = range(1, 17)
P4_WIDTHS = (2, 4, 8, 16)
GUARD_BITS = range(0, 17)
FIXED_ACC_BITS = (16, 24, 32)
MIXED = ((8, 4), (4, 8), (8, 2), (2, 8), (4, 2), (2, 4), (16, 8), (8, 16))
STANDARD_GUARD_BITS = 8


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
    """Every set of rtl/named_sets.json."""
    entries = json.loads((ROOT / "rtl/named_sets.json").read_text(encoding="utf-8"))["sets"]
    for entry in entries:
        yield entry["name"], entry["module"], entry["parameters"]


# Indices into operations.grid(), for what takes minutes a point: random, sparse weights, sparse
# activations, both, both held nine times of ten.
LARGE_POINTS = (0, 6, 2, 8, 11)
BELL_SHAPED = range(15, 19)
EVERY_POINT = range(19)


def grid_points(module, parameters):
    """Where the energy of a named set is simulated. Words of several operands have no bell shape."""
    if module == "mac_unit":
        return list(EVERY_POINT)
    if module == "mac_array":
        return list(LARGE_POINTS if parameters["Rows"] * parameters["Cols"] > 64 else EVERY_POINT)
    if module == "pim_array":
        return list(LARGE_POINTS if parameters["Wordlines"] * parameters["Cols"] > 256 else EVERY_POINT)
    return [point for point in EVERY_POINT if point not in BELL_SHAPED]
