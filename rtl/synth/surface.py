"""The fit of arch/cost/mac_surface.h and its error on widths kept out of it.

A test holds the two implementations together: the stored coefficients and errors are those the
program finds for itself when it loads the file.
"""

import math

import fit

FORMULAS = {
    "area": "c0 pp + c1 C + c2 C log2 max(2, min(W, A)) + c3 + (W + A) (c4 in a weight-stationary PE, "
            "c5 in an output-stationary one) + c6 C in an output-stationary PE + c7 (pp + max(0, C - W - A))",
    "energy": "c0 pp + c1 C + c2 C log2 min(W, A) + c3 (W + A)"}


def widths(row):
    return row["weight_bits"], row["act_bits"], row["acc_bits"]


def features(quantity, row):
    weight_bits, act_bits, acc_bits = widths(row)
    partial = sum(max(0, min(act_bits, acc_bits - j)) for j in range(weight_bits))
    narrowest, operands = min(weight_bits, act_bits), weight_bits + act_bits
    if quantity == "energy":
        return [partial, acc_bits, acc_bits * math.log2(narrowest), operands]
    tree = acc_bits * math.log2(max(2, narrowest))
    stationary = {pe: row["design"] == f"pe_{pe}_stationary" for pe in ("weight", "output")}
    return [partial, acc_bits, tree, 1, operands * stationary["weight"], operands * stationary["output"],
            acc_bits * stationary["output"], partial + max(0, acc_bits - operands)]


def fitted(quantity, rows, value):
    return fit.fit_non_negative([features(quantity, row) for row in rows], [value(row) for row in rows])


def evaluate(quantity, rows, coefficients, value, at):
    """The fit, clamped into what the rows of the same design allow."""
    same = [row for row in rows if row["design"] == at["design"]]
    floor = max((value(row) for row in same if all(a <= b for a, b in zip(widths(row), widths(at)))), default=0.0)
    ceiling = min((value(row) for row in same if all(a >= b for a, b in zip(widths(row), widths(at)))),
                  default=math.inf)
    raw = sum(c * f for c, f in zip(coefficients, features(quantity, at)))
    return min(max(raw, min(floor, ceiling)), max(floor, ceiling))


def hold_out(quantity, rows, value, narrowest=1):
    """Every pair of operand widths is left out in turn; the errors of those from `narrowest` bits."""
    groups = sorted({widths(row)[:2] for row in rows})
    guesses, truths = [], []
    for group in groups:
        if min(group) < narrowest:
            continue
        kept = [row for row in rows if widths(row)[:2] != group]
        coefficients = fitted(quantity, kept, value)
        for row in rows:
            if widths(row)[:2] == group:
                guesses.append(evaluate(quantity, kept, coefficients, value, row))
                truths.append(value(row))
    return fit.errors(guesses, truths)


def describe(quantity, rows, value):
    return {"formula": FORMULAS[quantity], "coefficients": [float(f"{c:.6g}") for c in fitted(quantity, rows, value)],
            "hold_out": hold_out(quantity, rows, value), "hold_out_from_2_bits": hold_out(quantity, rows, value, 2)}
