"""Reads a Liberty file: cells, pins, capacitances, logic functions and internal-power tables.

Units come out as pJ, pF, ns, um2 and nW. Liberty's unit of internal energy is the capacitance unit
times the square of the voltage unit (Liberty User Guide, "Power Units").
"""

import bisect
import dataclasses
import hashlib
import pathlib
import re

# Full-adder cells of common libraries: inputs a b c, outputs sum and carry.
FULL_ADDERS = {
    "FAX1": ".A({a}), .B({b}), .C({c}), .YS({s}), .YC({co})",
    "FA_X1": ".A({a}), .B({b}), .CI({c}), .S({s}), .CO({co})",
    "sky130_fd_sc_hd__fa_1": ".A({a}), .B({b}), .CIN({c}), .SUM({s}), .COUT({co})",
}
STATEMENT = re.compile(
    r"\s*(?:(?P<group>[\w\[\]]+)\s*\((?P<args>[^()]*)\)\s*(?P<open>[{;]?)"
    r"|(?P<name>[\w\[\]]+)\s*:\s*(?P<value>\"[^\"]*\"|[^;\n}]+)\s*;?|(?P<close>\})|;)")
SI = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}


class SynthesisError(Exception):
    """What the user can mend: a file, a missing package, a complaint of a tool."""


class Group:
    """One `kind (args) { ... }`: simple and complex attributes, and the groups inside."""

    def __init__(self, kind, args):
        self.kind, self.args = kind, args
        self.values, self.groups = {}, []

    def of(self, *kinds):
        return [group for group in self.groups if group.kind in kinds]

    def number(self, name, default=None):
        return float(self.values[name]) if name in self.values else default


def arguments(text):
    return [part.strip() for part in text.replace('"', "").split(",") if part.strip()]


def parse(text, path):
    """The library group of a Liberty file."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"//[^\n]*|\\\s*\n", " ", text)
    root = Group("file", [])
    stack, position = [root], 0
    while position < len(text):
        match = STATEMENT.match(text, position)
        if match is None:
            if not text[position:].strip():
                break
            near = " ".join(text[position:position + 60].split())
            raise SynthesisError(f"{path}: not a readable Liberty file (near \"{near}\")")
        position = match.end()
        if match["close"]:
            stack.pop()
            if not stack:
                raise SynthesisError(f"{path}: not a readable Liberty file (a }} too many)")
        elif match["name"]:
            stack[-1].values[match["name"]] = match["value"].strip().strip('"')
        elif match["open"] == "{":
            group = Group(match["group"], arguments(match["args"]))
            stack[-1].groups.append(group)
            stack.append(group)
        elif match["group"]:
            stack[-1].values.setdefault(match["group"], match["args"])
    libraries = root.of("library")
    if len(stack) != 1 or len(libraries) != 1:
        raise SynthesisError(f"{path}: no complete library (...) group; is this a Liberty file?")
    return libraries[0]


def scale_of(text, unit):
    """"1ns", "1V", (1, pf) -> a number in s, V, F."""
    match = re.fullmatch(r"\s*([\d.eE+-]+)\s*([munpf]?)" + unit + r"\s*", re.sub(r"[\",]", "", text.lower()))
    if match is None:
        raise SynthesisError(f"unknown unit \"{text}\"")
    return float(match[1]) * SI[match[2]]


def interpolate(points, value):
    """(index, share of the next) on an axis; outside of it the end is used."""
    if len(points) == 1 or value <= points[0]:
        return 0, 0.0
    if value >= points[-1]:
        return len(points) - 2, 1.0
    low = bisect.bisect_right(points, value) - 1
    return low, (value - points[low]) / (points[low + 1] - points[low])


class PowerTable:
    """Energy of one transition, pJ, over input slew (ns) and output load (pF)."""

    def __init__(self, group, templates, units):
        template = templates.get(group.args[0] if group.args else "", Group("", []))
        numbers = [float(n) for n in re.findall(r"[-+\d.eE]+", group.values["values"])]
        self.axes, self.kinds = [], []
        for axis in (1, 2):
            variable = template.values.get(f"variable_{axis}")
            index = group.values.get(f"index_{axis}", template.values.get(f"index_{axis}"))
            if variable is None or index is None:
                continue
            load = "capacitance" in variable
            self.kinds.append("load" if load else "slew")
            unit = units["pf"] if load else units["ns"]
            self.axes.append([float(n) * unit for n in re.findall(r"[-+\d.eE]+", index)])
        width = len(self.axes[1]) if len(self.axes) == 2 else max(1, len(numbers))
        self.rows = [[n * units["pj"] for n in numbers[start:start + width]]
                     for start in range(0, len(numbers), width)]
        if len(self.axes) == 1:
            self.axes, self.kinds = [[0.0], self.axes[0]], ["none", self.kinds[0]]

    def at(self, slew_ns, load_pf):
        if not self.axes:
            return self.rows[0][0]
        at = {"load": load_pf, "slew": slew_ns, "none": 0.0}
        (i, u), (j, v) = (interpolate(axis, at[kind]) for axis, kind in zip(self.axes, self.kinds))
        def row(k):
            values = self.rows[k]
            return values[j] if v == 0 else values[j] * (1 - v) + values[j + 1] * v
        return row(i) if u == 0 else row(i) * (1 - u) + row(i + 1) * u

    def first_slew(self):
        return next((axis[0] for axis, kind in zip(self.axes, self.kinds) if kind == "slew"), 0.0)


@dataclasses.dataclass
class Pin:
    name: str
    direction: str
    capacitance_pf: float
    function: str
    clock: bool
    power: dict  # related pin, "" for the pin's own: [(rise table, fall table)]

    def energy_pj(self, related, slew_ns, load_pf):
        """Mean of a rising and a falling transition, over the conditions (`when`) of the arc."""
        tables = [table for pair in self.power.get(related, ()) for table in pair if table]
        return sum(t.at(slew_ns, load_pf) for t in tables) / len(tables) if tables else 0.0


@dataclasses.dataclass
class Cell:
    name: str
    area_um2: float
    leakage_nw: float
    pins: dict
    flip_flop: Group

    def inputs(self):
        return [pin for pin in self.pins.values() if pin.direction == "input"]

    def outputs(self):
        return [pin for pin in self.pins.values() if pin.direction == "output"]


def read_pin(group, templates, units):
    power = {}
    for arc in group.of("internal_power"):
        tables = [PowerTable(arc.of(kind)[0], templates, units) if arc.of(kind) else None
                  for kind in ("rise_power", "fall_power")]
        if not any(tables) and arc.of("power"):
            tables = [PowerTable(arc.of("power")[0], templates, units)]
        for related in arc.values.get("related_pin", "").split() or [""]:
            power.setdefault(related, []).append(tuple(tables))
    rise, fall = (group.number(f"{edge}_capacitance", group.number("capacitance", 0.0))
                  for edge in ("rise", "fall"))
    return Pin(group.args[0], group.values.get("direction", ""), (rise + fall) / 2 * units["pf"],
               group.values.get("function", ""), group.values.get("clock", "") == "true", power)


class Library:
    """A Liberty file: its cells, its full adder, its supply."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            hint = "; the default library is in the package 'qflow-tech-osu018'"
            raise SynthesisError(f"{path}: no such Liberty file{hint}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SynthesisError(f"{path}: not a readable Liberty file ({error})") from error
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        library = parse(text, path)
        self.name = library.args[0] if library.args else self.path.stem
        self.voltage = library.number("nom_voltage", 0.0)
        self.cells = self.read_cells(library)
        self.flip_flop = self.plain_flip_flop()
        self.full_adder = next((cell for cell in FULL_ADDERS if cell in self.cells), None)

    @staticmethod
    def read_cells(library):
        farad = scale_of(library.values.get("capacitive_load_unit", "1,pf"), "f")
        volt = scale_of(library.values.get("voltage_unit", "1V"), "v")
        units = {"pf": farad * 1e12, "pj": farad * volt ** 2 * 1e12,
                 "ns": scale_of(library.values.get("time_unit", "1ns"), "s") * 1e9,
                 "nw": scale_of(library.values.get("leakage_power_unit", "1nW"), "w") * 1e9}
        templates = {group.args[0]: group
                     for group in library.of("power_lut_template", "lu_table_template")}
        cells = {}
        for group in library.of("cell"):
            pins = [read_pin(pin, templates, units) for pin in group.of("pin")]
            flip_flops = group.of("ff")
            cells[group.args[0]] = Cell(
                group.args[0], group.number("area", 0.0),
                group.number("cell_leakage_power", 0.0) * units["nw"],
                {pin.name: pin for pin in pins}, flip_flops[0] if flip_flops else None)
        return cells

    def plain_flip_flop(self):
        """The smallest cell that only stores D at a rising clock."""
        def plain(cell):
            ff = cell.flip_flop
            return ff is not None and "clear" not in ff.values and "preset" not in ff.values \
                and ff.values.get("clocked_on") in cell.pins and ff.values.get("next_state") in cell.pins
        found = sorted((cell.area_um2, name) for name, cell in self.cells.items() if plain(cell))
        if not found:
            raise SynthesisError(f"{self.path}: no flip-flop (no cell whose ff group has a rising "
                                 "clock and a data pin alone)")
        return found[0][1]
