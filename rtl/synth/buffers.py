"""Trees of buffers behind nets of large fan-out, in a mapped netlist: what placement would at least do.

abc's own `buffer` leaves nets alone that flip-flops or full-adder cells drive (they are its primary
inputs), and those are the wide ones here: counters, clears, wordlines. So every data net with more
than MOST_SINKS inputs gets buffers, each driving at most so many, level upon level. Nothing is
sized, no wires: a second critical path and area beside the unbuffered ones, not a placed result.
"""

import json
import pathlib
import tempfile

import gates
import timing

MOST_SINKS = 16


def buffer_of(library):
    """(name, input, output) of the largest buffer that is not made for clocks: one input, its output the
    same. None where the library has none."""
    def is_buffer(cell):
        inputs, outputs = cell.inputs(), cell.outputs()
        return cell.flip_flop is None and "clk" not in cell.name.lower() and len(inputs) == len(outputs) == 1 and \
            outputs[0].function.strip("() ") == inputs[0].name
    found = sorted((cell.area_um2, name) for name, cell in library.cells.items() if is_buffer(cell))
    if not found:
        return None
    cell = library.cells[found[-1][1]]
    return cell.name, cell.inputs()[0].name, cell.outputs()[0].name


def buffered(netlist, library):
    """({instance: (kind, {pin: net})}, buffers added); nets are numbers or constants."""
    kind, entry, leave = buffer_of(library)
    cells = {name: (cell, dict(pins)) for name, (cell, pins) in netlist.cells.items()}
    sinks = {}
    for name, (cell, pins) in cells.items():
        for pin, net in pins.items():
            if isinstance(net, int) and net != netlist.clock and library.cells[cell].pins[pin].direction == "input":
                sinks.setdefault(net, []).append((name, pin))
    free, added = max(netlist.nets) + 1, 0
    for net, loads in sorted(sinks.items()):
        while len(loads) > MOST_SINKS:
            above = []
            for start in range(0, len(loads), MOST_SINKS):
                for name, pin in loads[start:start + MOST_SINKS]:
                    cells[name][1][pin] = free
                cells[f"buffer{added}"] = (kind, {entry: net, leave: free})
                above.append((f"buffer{added}", entry))
                free, added = free + 1, added + 1
            loads = above
    return cells, added


def verilog(cells, netlist):
    """A module `top` for OpenSTA; ports as bits of their own names."""
    def port(name):
        return f"\\{name} "
    names = [port(name) for name in netlist.ports]
    text = [f"module top ({', '.join(names)});"]
    text += [f"  {direction} {port(name)};" for name, (direction, _) in netlist.ports.items()]
    inputs = {net: port(name) for name, (direction, net) in netlist.ports.items() if direction == "input"}

    def wire(net):
        return inputs.get(net, f"n{net}") if isinstance(net, int) else f"1'b{net if net in '01' else '0'}"
    for name, (kind, pins) in cells.items():
        text.append(f"  {kind} u_{name.strip('_')} (" + ", ".join(f".{pin}({wire(net)})" for pin, net in pins.items()) + ");")
    text += [f"  assign {port(name)} = {wire(net)};" for name, (direction, net) in netlist.ports.items()
             if direction == "output"]
    return "\n".join(text + ["endmodule", ""])


def measure(folder, library, period_ns):
    """{"buffers", "buffered_area_um2", "buffered_path_ns"} of the design in a folder of the cache;
    nothing where the library has no buffer."""
    if buffer_of(library) is None:
        return {}
    folder = pathlib.Path(folder)
    netlist = gates.Netlist(folder / "netlist.json")
    cells, added = buffered(netlist, library)
    area = json.loads((folder / "result.json").read_text(encoding="utf-8"))["area_um2"]
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "buffered.v"
        path.write_text(verilog(cells, netlist), encoding="utf-8")
        found = timing.analyse(library, path, period_ns)
    return {"buffers": added, "buffered_area_um2": area + added * library.cells[buffer_of(library)[0]].area_um2,
            "buffered_path_ns": found.critical_path_ns}
