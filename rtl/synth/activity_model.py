"""Energy per MAC from measured operand statistics, and its error on real networks' operands.

With, per operand, density d (share of nonzero codes), p (share of one bits) and t (share of bits that
differ from the code before), bits in one operand taken as alike and the operands as independent:

  T_pp = 2 W A (p_w p_a - (p_w - t_w / 2) (p_a - t_a / 2))   partial products that change per cycle:
         one now and not before, or the reverse (an AND is one in both cycles with the chance that
         both inputs are)
  T_sum                                                      bits of the accumulator that change per
         cycle, counted on the operands' own sums: whether a sum grows, stays or crosses zero (and
         its sign bits toggle) is in no single operand's statistics

  data_pj = c_0 T_pp + c_1 W t_w + c_2 A t_a + c_3 T_sum + c_4 W A p_w p_a
         the last: set partial products, which say how large the numbers are that the adders carry

Where sums are not known (arch/cost/operand_energy.h prices whole runs by operand statistics), the
"operands" model has C d_w d_a in T_sum's place.

The c are fitted to the grid of random streams of each design (fit.py), never to a network's.
"""

import fit
import operations
import streams
import traces

KINDS = ("settled", "unit")
# Every 25th digit, every 500th garment: 20 samples each.
SAMPLES = {"digits_mlp_w4a4": range(0, 500, 25), "fashion_mlp_w4a4": range(0, 10000, 500)}
NEURONS = 8  # per stream, fewer where their sums are long
MOST_CYCLES = 1024


def features(parameters, weight, act, sum_toggles=None):
    """`sum_toggles` None: the operands model."""
    (weight_density, p_w, t_w), (act_density, p_a, t_a) = weight, act
    weight_bits, act_bits = parameters["WeightBits"], parameters["ActBits"]
    changing = 2 * (p_w * p_a - (p_w - t_w / 2) * (p_a - t_a / 2))
    sums = parameters["AccBits"] * weight_density * act_density if sum_toggles is None else sum_toggles
    return [weight_bits * act_bits * changing, weight_bits * t_w, act_bits * t_a, sums,
            weight_bits * act_bits * p_w * p_a]


def model_pj(coefficients, parameters, weight, act, sum_toggles=None):
    return sum(c * f for c, f in zip(coefficients, features(parameters, weight, act, sum_toggles)))


def coefficients(row):
    """{"settled": [c_0 .. c_4], "unit": [...]} of one row of operations.run_all, and of the operands
    model under {"operands": {...}}."""
    def fitted(sums):
        rows = [features(row["parameters"], *point) for point in zip(row["weights"], row["acts"], sums)]
        return {kind: [float(f"{c:.5g}") for c in fit.fit_non_negative(rows, row[f"{kind}_data_pj"])] for kind in KINDS}
    return {**fitted(row["sum_toggles"]), "operands": fitted([None] * len(row["weights"]))}


def network_streams(network, widths, samples):
    """(layer, sample, weights, acts, length of a sum) of the layers with these operand widths."""
    for number, layer in enumerate(network.layers):
        if (layer["weight_bits"], layer["act_bits"]) != widths:
            continue
        neurons, length = len(layer["weights"]), len(layer["weights"][0])
        count = max(1, min(NEURONS, MOST_CYCLES // length))
        for index, sample in enumerate(samples):
            chosen = [(index * count + k) % neurons for k in range(count)]
            weights, acts, length = network.dot_products(number, sample, chosen)
            yield layer["name"], sample, weights, acts, length


def validate(row, network, library, cache, samples):
    """One entry per stream of a network on this MAC: its statistics, what the gates took and what the
    models say."""
    parameters = row["parameters"]
    found = list(network_streams(network, (parameters["WeightBits"], parameters["ActBits"]), samples))
    if not found:
        return []
    simulator = operations.Simulator(library, cache, row["module"], parameters)
    measured = simulator.per_cycle([streams.stream(weights, acts, length) for _, _, weights, acts, length in found])
    entries = []
    for (layer, sample, weights, acts, length), rows in zip(found, measured):
        weight = streams.statistics(weights, parameters["WeightBits"])
        act = streams.statistics(acts, parameters["ActBits"])
        sums = streams.sum_toggles(weights, acts, parameters, length)
        entry = {"trace": network.name, "layer": layer, "sample": sample, "weight": weight, "act": act,
                 "sum_toggles": sums, "clock_pj": rows["clock_pj"]}
        for kind in KINDS:
            entry[f"{kind}_data_pj"] = operations.data_pj(rows, kind)
            entry[f"{kind}_model_pj"] = round(model_pj(row["model"][kind], parameters, weight, act, sums), 5)
            entry[f"{kind}_operands_pj"] = round(model_pj(row["model"]["operands"][kind], parameters, weight, act), 5)
            entry[f"{kind}_fixed_pj"] = row[f"{kind}_data_pj"][0]
        entries.append(entry)
    return entries


def summary(entries):
    """Errors of the models and of the fixed-activity figure (uniformly random operands), of the whole
    MAC with its clock pins and of the data energy alone: over all streams, and per trace."""
    result = {}
    groups = {"all": entries}
    for entry in entries:
        groups.setdefault(entry["trace"], []).append(entry)
    for name, group in groups.items():
        errors = result[name] = {}
        for kind in KINDS:
            for guess in ("model", "operands", "fixed"):
                for scope in ("mac", "data"):
                    clock = [entry["clock_pj"] if scope == "mac" else 0 for entry in group]
                    errors[f"{kind}_{guess}_error_of_{scope}"] = fit.errors(
                        [entry[f"{kind}_{guess}_pj"] + c for entry, c in zip(group, clock)],
                        [entry[f"{kind}_data_pj"] + c for entry, c in zip(group, clock)])
    return result
