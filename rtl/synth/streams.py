"""Operand streams for gate-level simulation, and their statistics."""

import random

DOT_LENGTH = 64  # products summed before the accumulator starts again


def to_code(value, bits):
    return value & ((1 << bits) - 1)


def drawn(generator, bits, signed, shape):
    """One operand: uniform over the codes, or normal (half of it, unsigned), a quarter of the range
    from zero to the largest code as deviation."""
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if shape == "uniform" or bits == 1:
        return generator.randint(low, high)
    value = round(generator.gauss(0, (high + 1) / 4))
    return max(low, min(high, value if signed else abs(value)))


def operands(seed, count, bits, signed, density, hold, shape="uniform"):
    """`count` codes: each is drawn (or zero, with 1 - density), or the one before, with `hold`."""
    generator = random.Random(seed)
    codes, current = [], 0
    for index in range(count):
        if index == 0 or generator.random() >= hold:
            nonzero = generator.random() < density
            current = to_code(drawn(generator, bits, signed, shape), bits) if nonzero else 0
        codes.append(current)
    return codes


def stream(weights, acts, dot_length=DOT_LENGTH):
    return [{"weight_i": weight, "act_i": act, "clear_i": int(index % dot_length == 0)}
            for index, (weight, act) in enumerate(zip(weights, acts))]


def signed(code, bits, is_signed):
    return code - ((code >> (bits - 1)) << bits) if is_signed else code


def sum_toggles(weights, acts, parameters, dot_length=DOT_LENGTH):
    """Bits of the accumulator that change per cycle, of a MAC that wraps; a new sum every dot_length."""
    mask = (1 << parameters["AccBits"]) - 1
    changes, acc = 0, None
    for index, (weight, act) in enumerate(zip(weights, acts)):
        product = signed(weight, parameters["WeightBits"], parameters["WeightSigned"]) * \
            signed(act, parameters["ActBits"], parameters["ActSigned"])
        new = (product if index % dot_length == 0 else acc + product) & mask
        changes += 0 if acc is None else bin(new ^ acc).count("1")
        acc = new
    return round(changes / max(1, len(weights) - 1), 4)


def statistics(codes, bits):
    """[density: share of nonzero codes, share of one bits, share of bits that differ from the code
    before]."""
    changes = sum(bin(a ^ b).count("1") for a, b in zip(codes, codes[1:]))
    return [round(sum(code != 0 for code in codes) / len(codes), 4),
            round(sum(bin(code).count("1") for code in codes) / (len(codes) * bits), 4),
            round(changes / (max(1, len(codes) - 1) * bits), 4)]
