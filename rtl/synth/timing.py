"""Critical path and slews of a mapped netlist by OpenSTA (unplaced: no wires, an ideal clock).

Inputs are driven by the library's flip-flop at the clock edge, outputs have no load of their own.
"""

import dataclasses
import pathlib
import re
import subprocess
import tempfile

from liberty import SynthesisError

SCRIPT = """
read_liberty {library}
read_verilog {netlist}
link_design top
create_clock -name target -period {period} [get_ports clk_i]
foreach port [all_inputs] {{
  if {{[get_full_name $port] != "clk_i"}} {{
    set_driving_cell -lib_cell {flip_flop} -pin {output} $port
    set_input_delay 0 -clock target $port
  }}
}}
set_output_delay 0 -clock target [all_outputs]
report_checks -path_delay max -path_group target -digits 4
{slews}
exit
"""
SLEWS = """
set_cmd_units -time ps
puts "slews"
foreach pin [get_pins */*] { report_slews $pin }
"""
PATH_LINE = re.compile(r"^\s*[-\d.]+\s+[-\d.]+\s+[v^] (\S+) \((\S+)\)", re.MULTILINE)
SLEW_LINE = re.compile(r"^(\S+)/(\S+) \^ ([-\d.]+):([-\d.]+) v ([-\d.]+):([-\d.]+)", re.MULTILINE)


@dataclasses.dataclass
class Timing:
    critical_path_ns: float  # shortest period that meets every setup time
    levels: int  # cells on that path
    slews_ns: dict  # (instance, pin): mean of the slowest rise and fall


def analyse(library, netlist, period_ns, with_slews=False):
    flip_flop = library.cells[library.flip_flop]
    text = SCRIPT.format(library=library.path, netlist=netlist, period=period_ns,
                         flip_flop=flip_flop.name, output=flip_flop.outputs()[0].name,
                         slews=SLEWS if with_slews else "")
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "timing.tcl"
        script.write_text(text, encoding="utf-8")
        try:
            run = subprocess.run(["sta", "-no_splash", "-exit", script], capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise SynthesisError("OpenSTA (sta) was not found; install the package 'opensta'") from error
    slack = re.search(r"^\s*(-?[\d.]+)\s+slack", run.stdout, re.MULTILINE)
    if run.returncode != 0 or slack is None:
        raise SynthesisError(f"OpenSTA found no path in {netlist}: {(run.stdout + run.stderr).strip()[-400:]}")
    path = run.stdout.split("slews\n")[0]
    cells = [cell for _, cell in PATH_LINE.findall(path) if cell != "in"]
    slews = {(name.replace("\\", ""), pin): (float(rise) + float(fall)) / 2000
             for name, pin, _, rise, _, fall in SLEW_LINE.findall(run.stdout)}
    return Timing(round(period_ns - float(slack[1]), 4), max(0, len(cells) - 1), slews)
