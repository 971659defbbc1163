"""Energy per MAC from measured operand statistics, and its error on a real network's operands.

With, per operand, density d (share of nonzero codes), p (share of one bits) and t (share of bits that
differ from the code before), bits in one operand taken as alike and the operands as independent:

  T_pp = 2 W A (p_w p_a - (p_w - t_w / 2) (p_a - t_a / 2))   partial products that change per cycle:
         one now and not before, or the reverse (an AND is one in both cycles with the chance that
         both inputs are)
  data_pj = c_0 T_pp + c_1 W t_w + c_2 A t_a + c_3 C d_w d_a + c_4 W A p_w p_a
         the last: set partial products, which say how large the numbers are that the adders carry

The c are fitted to the grid of random streams of each design (fit.py), never to the network's.
"""

import digits
import fit
import operations
import streams

KINDS = ("settled", "unit")
SAMPLES = range(0, 500, 25)
NEURONS = 8  # per stream


def features(parameters, weight, act):
    (weight_density, p_w, t_w), (act_density, p_a, t_a) = weight, act
    weight_bits, act_bits = parameters["WeightBits"], parameters["ActBits"]
    changing = 2 * (p_w * p_a - (p_w - t_w / 2) * (p_a - t_a / 2))
    return [weight_bits * act_bits * changing, weight_bits * t_w, act_bits * t_a,
            parameters["AccBits"] * weight_density * act_density, weight_bits * act_bits * p_w * p_a]


def model_pj(coefficients, parameters, weight, act):
    return sum(c * f for c, f in zip(coefficients, features(parameters, weight, act)))


def coefficients(row):
    """{"settled": [c_0 .. c_4], "unit": [...]} of one row of operations.run_all."""
    rows = [features(row["parameters"], weight, act) for weight, act in zip(row["weights"], row["acts"])]
    return {kind: [float(f"{c:.5g}") for c in fit.fit_non_negative(rows, row[f"{kind}_data_pj"])] for kind in KINDS}


def network_streams(network, act_bits, samples=SAMPLES):
    """(layer, sample, weights, acts, length of a sum) of the layers with these activations."""
    for number, layer in enumerate(network.layers):
        if layer["act_bits"] != act_bits:
            continue
        neurons = len(layer["weights"])
        for index, sample in enumerate(samples):
            chosen = [(index * NEURONS + k) % neurons for k in range(NEURONS)]
            weights, acts, length = network.dot_products(number, sample, chosen)
            yield layer["name"], sample, weights, acts, length


def validate(row, library, cache, samples=SAMPLES):
    """One entry per stream: its statistics, what the gates took and what the model says."""
    parameters = row["parameters"]
    simulator = operations.Simulator(library, cache, row["module"], parameters)
    found = list(network_streams(digits.Digits(), parameters["ActBits"], samples))
    measured = simulator.per_cycle([streams.stream(weights, acts, length) for _, _, weights, acts, length in found])
    entries = []
    for (layer, sample, weights, acts, _), rows in zip(found, measured):
        weight = streams.statistics(weights, parameters["WeightBits"])
        act = streams.statistics(acts, parameters["ActBits"])
        entry = {"layer": layer, "sample": sample, "weight": weight, "act": act, "clock_pj": rows["clock_pj"]}
        for kind in KINDS:
            entry[f"{kind}_data_pj"] = operations.data_pj(rows, kind)
            entry[f"{kind}_model_pj"] = round(model_pj(row["model"][kind], parameters, weight, act), 5)
            entry[f"{kind}_fixed_pj"] = row[f"{kind}_data_pj"][0]
        entries.append(entry)
    return entries


def summary(entries):
    """Errors of the model and of the fixed-activity figure (uniformly random operands): of the whole
    MAC with its clock pins, and of the data energy alone."""
    result = {}
    for kind in KINDS:
        for guess in ("model", "fixed"):
            for scope in ("mac", "data"):
                clock = [entry["clock_pj"] if scope == "mac" else 0 for entry in entries]
                result[f"{kind}_{guess}_error_of_{scope}"] = fit.errors(
                    [entry[f"{kind}_{guess}_pj"] + c for entry, c in zip(entries, clock)],
                    [entry[f"{kind}_data_pj"] + c for entry, c in zip(entries, clock)])
    return result
