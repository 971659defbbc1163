"""Gate-level simulation of a mapped netlist with Icarus Verilog: toggles of every net.

Cell models come from the Liberty functions (logic.py) with one unit of delay per cell, so paths of
unlike length make glitches. Both counts come from one run: every transition (`unit`), and those
whose net ends the cycle at another level than the one before (`settled`), which is what a zero-delay
simulation counts.
Operands change with the clock edge, as if registers of the same clock drove them.
"""

import collections
import json
import pathlib
import re
import subprocess
import tempfile

import logic
from liberty import SynthesisError

LEVELS = ("0", "1", "x", "z")
PERIOD = 4096  # time units per cycle; longer than any path has cells

BENCH = """
module bench;
  reg clock = 1'b0;
  reg [{high}:0] vector, vectors [0:{last}];
  integer cycle;
  dut dut (.n{clock}(clock){ports});
  initial begin
    $readmemb("vectors.txt", vectors);
    vector = vectors[0];  // settled before the first edge
    #{period};
    $dumpfile("bench.vcd");
    $dumpvars(1, dut);
    for (cycle = 0; cycle <= {last}; cycle = cycle + 1) begin
      clock = 1'b1;
      #1 vector = vectors[cycle];
      #{half} clock = 1'b0;
      #{rest};
    end
    $finish;
  end
endmodule
"""


def iverilog_version():
    try:
        run = subprocess.run(["iverilog", "-V"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SynthesisError("Icarus Verilog (iverilog) was not found; install the package 'iverilog'") from error
    return run.stdout.split("(")[0].strip()


class Netlist:
    """Cells and ports of the module `top` of Yosys' JSON; nets are numbers."""

    def __init__(self, path):
        top = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["modules"]["top"]
        self.cells = {name.lstrip("\\"): (cell["type"], {pin: bits[0] for pin, bits in cell["connections"].items()})
                      for name, cell in sorted(top["cells"].items())}
        self.ports = {name: (port["direction"], port["bits"][0]) for name, port in top["ports"].items()}
        self.clock = self.ports["clk_i"][1]
        nets = {net for _, pins in self.cells.values() for net in pins.values()}
        nets |= {net for _, net in self.ports.values()}
        self.nets = sorted(net for net in nets if isinstance(net, int))

    def inputs(self):
        """Ports that a vector drives, the first at bit 0."""
        return [name for name, (direction, _) in self.ports.items() if direction == "input" and name != "clk_i"]


def net_text(net):
    return f"n{net}" if isinstance(net, int) else f"1'b{net}"


def bench(netlist, library, count):
    """The test bench, the netlist and the cells it uses as one Verilog text."""
    kinds = sorted({kind for kind, _ in netlist.cells.values()})
    driven = [netlist.ports[name][1] for name in netlist.inputs()]
    text = [logic.model(library.cells[kind], 1) for kind in kinds]
    ports = ", ".join(f"input n{net}" for net in [netlist.clock] + driven)
    text.append(f"module dut ({ports});")
    text += [f"  wire n{net};" for net in netlist.nets if net != netlist.clock and net not in driven]
    for number, (kind, pins) in enumerate(netlist.cells.values()):
        text.append(f"  {kind} u{number} (" + ", ".join(f".{pin}({net_text(net)})" for pin, net in pins.items()) + ");")
    text.append("endmodule")
    wires = "".join(f", .n{net}(vector[{bit}])" for bit, net in enumerate(driven))
    text.append(BENCH.format(high=max(0, len(driven) - 1), last=count - 1, clock=netlist.clock, ports=wires,
                             half=PERIOD // 2, rest=PERIOD - 1 - PERIOD // 2, period=PERIOD))
    return "\n".join(text)


def vector_text(netlist, operands):
    """One line of vectors.txt: {"weight_i": 3, "clear_i": 1, ...}, ports not named are zero."""
    bits = []
    for name in netlist.inputs():
        match = re.fullmatch(r"(\w+?)(?:\[(\d+)\])?", name)
        bits.append(str(operands.get(match[1], 0) >> int(match[2] or 0) & 1))
    return "".join(reversed(bits))


def run(netlist, library, vectors, folder):
    """The file of a simulation's value changes."""
    (folder / "bench.v").write_text(bench(netlist, library, len(vectors)), encoding="utf-8")
    (folder / "vectors.txt").write_text("\n".join(vectors) + "\n", encoding="utf-8")
    for command in (["iverilog", "-g2012", "-s", "bench", "-o", "bench.vvp", "bench.v"], ["vvp", "-n", "bench.vvp"]):
        try:
            result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise SynthesisError(f"Icarus Verilog ({command[0]}) was not found; install the package "
                                 "'iverilog'") from error
        if result.returncode != 0:
            raise SynthesisError(f"{command[0]}: {(result.stdout + result.stderr).strip()[-400:]}")
    return folder / "bench.vcd"


class Toggles:
    """Transitions per net over some cycles."""

    def __init__(self):
        self.cycles = 0
        self.unit = collections.Counter()
        self.settled = collections.Counter()


def changes_by_cycle(lines):
    """(cycle, ["1!", "0%", ...]) in order of time."""
    current, changes = 0, []
    for line in lines:
        if line[0] == "#":
            cycle = int(line[1:]) // PERIOD - 1
            if cycle != current:
                yield current, changes
                current, changes = cycle, []
        elif line[0] in LEVELS:
            changes.append(line.rstrip())
    yield current, changes


def read_header(lines):
    """{code of the dump: net}"""
    nets = {}
    for line in lines:
        match = re.match(r"\s*\$var wire\s+1 (\S+) n(\d+) \$end", line)
        if match:
            nets[match[1]] = int(match[2])
        if "$enddefinitions" in line:
            break
    return nets


def count(lines, segments, watch=None):
    """Toggles of each (first cycle, end) of the segments, which are in order and do not overlap.

    `watch`, if any, is called as watch(cycle, level of net) when a cycle has settled.
    """
    nets = read_header(lines)
    codes = {net: code for code, net in nets.items()}
    level = {}
    found = [Toggles() for _ in segments]
    ends = iter(list(enumerate(segments)) + [(None, (1 << 62, 1 << 62))])
    number, (first, end) = next(ends)
    for cycle, changes in changes_by_cycle(lines):
        while cycle >= end:
            number, (first, end) = next(ends)
        if cycle < first:
            level.update((line[1:], line[0]) for line in changes)
        else:
            count_cycle(cycle, changes, level, found[number], nets)
        if watch is not None and changes:
            watch(cycle, lambda net: level.get(codes.get(net), "x") if isinstance(net, int) else net)
    for toggles, (first, end) in zip(found, segments):
        toggles.cycles = end - first
        toggles.unit = collections.Counter({nets[code]: n for code, n in toggles.unit.items()})
        toggles.settled = collections.Counter({nets[code]: n for code, n in toggles.settled.items()})
    return found


def count_cycle(cycle, changes, level, toggles, nets):
    last = {}
    for line in changes:
        last[line[1:]] = line[0]
        toggles.unit[line[1:]] += 1
    for code, value in last.items():
        if value not in "01":
            raise SynthesisError(f"net {nets[code]} is undefined in cycle {cycle}")
        if level.get(code) != value:
            toggles.settled[code] += 1
            level[code] = value


def simulate_segments(netlist, library, operands, segments, watch=None):
    """Toggles of each (first cycle, end) of one run; `operands`: a dictionary of ports per cycle."""
    vectors = [vector_text(netlist, ports) for ports in operands]
    with tempfile.TemporaryDirectory() as folder:
        with open(run(netlist, library, vectors, pathlib.Path(folder)), encoding="ascii") as lines:
            return count(lines, segments, watch)


def simulate(netlist, library, streams, warm_up=4):
    """Toggles of each stream: lists of operand dictionaries, one per cycle, clear_i in the first.

    The streams run one after the other; the first `warm_up` cycles of each are not counted.
    """
    operands, segments = [], []
    for stream in streams:
        segments.append((len(operands) + warm_up, len(operands) + len(stream)))
        operands += stream
    return simulate_segments(netlist, library, operands, segments)
