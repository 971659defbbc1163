"""Energy per cycle of a mapped netlist: what one transition of each net costs, times its toggles.

  transition of a net = 1/2 C V^2 (C: the pins it drives)                    row "switching"
                      + internal power of the cell that drives it, mean of
                        rise and fall and of its inputs' arcs, at its load
                        and at the slews OpenSTA computed                    row "internal"
                      + internal power of the pins it drives that have one   row "internal"
  clock, per cycle    = C V^2 of the clock pins + their internal power       row "clock"
  wires               = 1/2 (wire C) V^2 per transition, switched off unless asked for

Operand ports count: the pins behind them are charged by whoever drives the MAC, but because of it.
"""

import dataclasses

# Assumed: each driven pin adds one cell pitch of wire, 12 um in this 180 nm library's proportions
# (square root of the mean cell area at 70 % utilization), at 0.2 fF/um.
WIRE_PF_PER_PIN = 0.0024


@dataclasses.dataclass
class Cost:
    """pJ per transition of each net and pJ per cycle of the clock."""
    switching: dict
    internal: dict
    wire: dict
    clock_pj: float


def transition_costs(netlist, library, slews):
    half_v2 = library.voltage ** 2 / 2
    sinks = {net: [] for net in netlist.nets}
    drivers = {}
    for name, (kind, pins) in netlist.cells.items():
        cell = library.cells[kind]
        for pin, net in pins.items():
            if not isinstance(net, int):
                continue
            if cell.pins[pin].direction == "input":
                sinks[net].append((name, cell.pins[pin]))
            else:
                drivers[net] = (name, cell, cell.pins[pin])
    load = {net: sum(pin.capacitance_pf for _, pin in pins) for net, pins in sinks.items()}

    def internal(net):
        energy = sum(pin.energy_pj("", slews.get((name, pin.name), 0.0), 0.0) for name, pin in sinks[net])
        if net in drivers:
            name, _, output = drivers[net]
            arcs = [output.energy_pj(related, slews.get((name, related), 0.0), load[net])
                    for related in output.power]
            energy += sum(arcs) / len(arcs) if arcs else 0.0
        return energy

    data = [net for net in netlist.nets if net != netlist.clock]
    clock = netlist.clock
    return Cost({net: load[net] * half_v2 for net in data}, {net: internal(net) for net in data},
                {net: WIRE_PF_PER_PIN * len(sinks[net]) * half_v2 for net in data},
                2 * (load[clock] * half_v2 + internal(clock)))


def leakage_nw(netlist, library):
    return sum(library.cells[kind].leakage_nw for kind, _ in netlist.cells.values())


def per_cycle(cost, toggles):
    """pJ per cycle: {"settled_pj", "unit_pj", "clock_pj", ...}; the wires' row is apart."""
    def total(prices, counts):
        return sum(counts[net] * price for net, price in prices.items()) / toggles.cycles
    rows = {"clock_pj": cost.clock_pj}
    for name, counts in (("settled", toggles.settled), ("unit", toggles.unit)):
        rows[f"{name}_switching_pj"] = total(cost.switching, counts)
        rows[f"{name}_internal_pj"] = total(cost.internal, counts)
        rows[f"{name}_wire_pj"] = total(cost.wire, counts)
    return {name: round(value, 5) for name, value in rows.items()}


def register_costs(library):
    """{"clock_pj", "data_pj"} per cycle of one flip-flop whose output toggles every second cycle and
    drives one like it."""
    cell = library.cells[library.flip_flop]
    clock = cell.pins[cell.flip_flop.values["clocked_on"]]
    data = cell.pins[cell.flip_flop.values["next_state"]]
    output = cell.outputs()[0]
    half_v2 = library.voltage ** 2 / 2
    toggle = data.capacitance_pf * half_v2 + data.energy_pj("", 0.0, 0.0) + \
        output.energy_pj(clock.name, 0.0, data.capacitance_pf)
    return {"clock_pj": 2 * (clock.capacitance_pf * half_v2 + clock.energy_pj("", 0.0, 0.0)), "data_pj": toggle / 2}
