"""How far unit-delay energy lies above the settled one, by class of MAC: the interval of the
technology's energies (arch/cost/glitch_factors.h).

A class is the narrower operand's bits, the policy, and guard bits: the accumulator's beyond both
operands'. Its factor is the largest ratio, at any point of the grid, of the MACs measured in it, up
to the first that has as many guard bits. Where a width was not measured with so many, the nearest
below and above it that were stand in. Encoded weights (odd, bipolar, affine), which the program
prices as two's complement, are left out of it: see encoded().
"""

import array_bench

MOST_ACC_BITS, MOST_BITS = 48, 16
GUARD_BITS = (-1, 8, 16, 24, 46)  # -1: less than the product; 46: all that 48 bits leave


def ratio(settled, unit):
    return max(u / s for s, u in zip(settled, unit))


def rows_of(operations, grid, parameters):
    """[(parameters, ratio)] of every mac_unit of both tables; `parameters`: those of named sets."""
    return [(row["parameters"], ratio(row["settled_data_pj"], row["unit_data_pj"])) for row in operations["rows"]] + \
        [(parameters[row["name"]], ratio(row["settled_pj"], row["unit_pj"]))
         for row in grid["rows"] if row["module"] == "mac_unit"]


def is_encoded(mac):
    return mac.get("Encoding", array_bench.TWOS_COMPLEMENT) != array_bench.TWOS_COMPLEMENT


def narrower(mac):
    return min(mac["WeightBits"], mac["ActBits"])


def guard_bits(mac):
    return mac["AccBits"] - mac["WeightBits"] - mac["ActBits"]


def encoded(rows):
    """The largest ratio of the MACs with encoded weights."""
    return max(found for mac, found in rows if is_encoded(mac))


def by_width(rows, overflow, inside):
    """{bits: [(guard bits, ratio)]} of the classes below, or not below, the product."""
    found = {}
    for mac, value in rows:
        if not is_encoded(mac) and mac["Overflow"] == overflow and (guard_bits(mac) < 0) == inside:
            found.setdefault(narrower(mac), []).append((guard_bits(mac), value))
    return found


def stand_ins(widths, bits, guard):
    """The width itself, and the nearest below and above that reach so many guard bits."""
    reaching = [width for width, points in widths.items() if max(points)[0] >= guard]
    below, above = [w for w in reaching if w <= bits], [w for w in reaching if w >= bits]
    return {bits} & set(widths) | ({max(below)} if below else set()) | ({min(above)} if above else set())


def factor(widths, bits, guard):
    """The largest ratio of the class."""
    most = min(guard, MOST_ACC_BITS - 2 * bits)
    best = 1.0
    for width in stand_ins(widths, bits, most):
        points = widths[width]
        reach = min((g for g, _ in points if g >= most), default=max(points)[0])
        best = max([best] + [value for g, value in points if g <= reach])
    return best


def table(rows):
    """The technology's "glitch_factors"."""
    found = []
    for bits in range(1, MOST_BITS + 1):
        line = {"narrower_bits": bits}
        for name, overflow in (("wrap", array_bench.WRAP), ("saturate", array_bench.SATURATE)):
            lost, kept = by_width(rows, overflow, True), by_width(rows, overflow, False)
            every = [value for width in stand_ins(lost, bits, -MOST_ACC_BITS) for _, value in lost[width]]
            factors = [max(every, default=1.0)]
            for guard in GUARD_BITS[1:]:
                factors.append(max(factor(kept, bits, guard), *factors[1:], 1.0))
            line[name] = [rounded_up(value) for value in factors]
        found.append(line)
    return {"guard_bits": list(GUARD_BITS), "rows": found}


def rounded_up(value):
    return -(-value * 1000 // 1) / 1000
