"""Energy per operation: every design over a grid of operand densities and toggle rates."""

import itertools

import designs
import energy
import gates
import jobs as in_parallel
import streams
import synthesize
import timing

GRID_CYCLES = 6 * streams.DOT_LENGTH
REFERENCE_CYCLES = 16 * streams.DOT_LENGTH
DENSITIES = (1.0, 0.6, 0.3)
HOLDS = ((0.6, 0.0), (0.0, 0.6), (0.9, 0.9))
# Fewer than the areas have: a simulation takes longer than a synthesis.
MIXED = ((8, 4), (4, 8), (8, 2), (2, 8), (16, 8))
FIXED_ACC_BITS = (24, 32)


def grid():
    """(shape, weight density, act density, weight hold, act hold); the first is the reference:
    uniformly random codes, all new every cycle."""
    for weight, act in itertools.product(DENSITIES, DENSITIES):
        yield "uniform", weight, act, 0.0, 0.0
    for density in (1.0, 0.6):
        for hold in HOLDS:
            yield "uniform", density, density, *hold
    for weight, act in ((1.0, 1.0), (1.0, 0.3), (0.3, 1.0), (0.6, 0.6)):
        yield "normal", weight, act, 0.0, 0.0


def energy_designs():
    """(group, parameters) of the MACs whose energy is simulated, signed x signed but the last ones."""
    for bits in designs.WIDTHS:
        yield "width", designs.mac(bits, bits, designs.acc_bits(bits, bits))
    for weight_bits, act_bits in MIXED:
        yield "mixed", designs.mac(weight_bits, act_bits, designs.acc_bits(weight_bits, act_bits))
    for bits in designs.P4_WIDTHS:
        for acc in FIXED_ACC_BITS:
            yield "fixed_accumulator", designs.mac(bits, bits, acc)
        yield "saturating", designs.mac(bits, bits, designs.acc_bits(bits, bits), overflow=1)
    for bits, acc in ((4, 16), (5, 16), (8, 20)):  # what the traces' layers run on
        yield "unsigned_act", dict(designs.mac(4, bits, acc), ActSigned=False)


def operands_of(parameters, point, seed, count):
    shape, weight, act, weight_hold, act_hold = point
    return (streams.operands(f"weight {seed}", count, parameters["WeightBits"], parameters["WeightSigned"],
                             weight, weight_hold, shape),
            streams.operands(f"act {seed}", count, parameters["ActBits"], parameters["ActSigned"], act, act_hold, shape))


class Simulator:
    """One design, ready for operand streams."""

    def __init__(self, library, cache, module, parameters):
        folder = synthesize.netlist_folder(module, parameters, library, cache)
        self.library = library
        self.netlist = gates.Netlist(folder / "netlist.json")
        slews = timing.analyse(library, folder / "netlist.v", 10.0, with_slews=True).slews_ns
        self.cost = energy.transition_costs(self.netlist, library, slews)

    def per_cycle(self, vectors, warm_up=4):
        """energy.per_cycle of each stream of operand dictionaries."""
        return [energy.per_cycle(self.cost, toggles)
                for toggles in gates.simulate(self.netlist, self.library, vectors, warm_up)]


def data_pj(rows, kind):
    """The energy that depends on the operands; wires and clock are apart."""
    return round(rows[f"{kind}_switching_pj"] + rows[f"{kind}_internal_pj"], 5)


def narrow_operands(parameters):
    """[(bits, weights, acts)]: sign-extended narrow operands on a wide MAC."""
    wide = parameters["WeightBits"]
    for bits in (b for b in (2, 4, 8) if b < wide):
        narrow = dict(parameters, WeightBits=bits, ActBits=bits)
        def extended(codes, bits=bits):
            return [(c - ((c >> (bits - 1)) << bits)) & ((1 << wide) - 1) for c in codes]
        weights, acts = operands_of(narrow, next(grid()), 0, REFERENCE_CYCLES)
        yield bits, extended(weights), extended(acts)


def measure(task):
    """One row: a design and its energies at every point of the grid."""
    group, parameters, library, cache = task
    simulator = Simulator(library, cache, "mac_unit", parameters)
    points = list(grid())
    pairs = [operands_of(parameters, point, seed, REFERENCE_CYCLES if seed == 0 else GRID_CYCLES)
             for seed, point in enumerate(points)]
    narrow = list(narrow_operands(parameters)) if group == "fixed_accumulator" else []
    found = simulator.per_cycle([streams.stream(*pair) for pair in pairs] +
                                [streams.stream(weights, acts) for _, weights, acts in narrow])
    row = {"group": group, "module": "mac_unit", "parameters": parameters,
           "leakage_nw": round(energy.leakage_nw(simulator.netlist, library), 3), "reference": found[0]}
    for kind in ("settled", "unit"):
        row[f"{kind}_data_pj"] = [data_pj(rows, kind) for rows in found[:len(points)]]
    row["weights"] = [streams.statistics(weights, parameters["WeightBits"]) for weights, _ in pairs]
    row["acts"] = [streams.statistics(acts, parameters["ActBits"]) for _, acts in pairs]
    row["sum_toggles"] = [streams.sum_toggles(weights, acts, parameters) for weights, acts in pairs]
    if narrow:
        row["narrow_operands"] = {f"{bits}_bits": {kind: data_pj(rows, kind) for kind in ("settled", "unit")}
                                  for (bits, _, _), rows in zip(narrow, found[len(points):])}
    return row


def run_all(library, cache, jobs, wanted=None):
    tasks = [(group, parameters, library, cache) for group, parameters in wanted or energy_designs()]
    return in_parallel.run_all(measure, tasks, jobs, "energy", 10)


def print_table(rows):
    """pJ per MAC at uniformly random operands: settled and unit-delay side by side."""
    print(f"{'group':18}  W  A  C   clock  settled     unit  unit/settled")
    for row in rows:
        parameters, settled, unit = row["parameters"], row["settled_data_pj"][0], row["unit_data_pj"][0]
        print(f"{row['group']:18} {parameters['WeightBits']:2} {parameters['ActBits']:2} {parameters['AccBits']:2}"
              f"{row['reference']['clock_pj']:8.3f}{settled:9.3f}{unit:9.3f}{unit / settled:8.2f}")
