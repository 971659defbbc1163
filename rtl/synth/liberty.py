"""Reads a Liberty file: cells, pins, capacitances, logic functions and internal-power tables.

Units come out as pJ, pF, ns, um2 and nW. Liberty's unit of internal energy is the capacitance unit
times the square of the voltage unit (Liberty User Guide, "Power Units").
"""

import bisect
import dataclasses
import hashlib
import math
import pathlib
import re

DEFAULT = pathlib.Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
# Full-adder cells of common libraries: inputs a b c, outputs sum and carry.
FULL_ADDERS = {
    "FAX1": ".A({a}), .B({b}), .C({c}), .YS({s}), .YC({co})",
    "FA_X1": ".A({a}), .B({b}), .CI({c}), .S({s}), .CO({co})",
    "sky130_fd_sc_hd__fa_1": ".A({a}), .B({b}), .CIN({c}), .SUM({s}), .COUT({co})",
}
STATEMENT = re.compile(
    r"\s*(?:(?P<group>[\w\[\]]+)\s*\((?P<args>[^()]*)\)\s*(?P<open>[{;]?)"
    r"|(?P<name>[\w\[\]]+)\s*:\s*(?P<value>\"[^\"]*\"|[^;\n}]+)\s*;?|(?P<close>\})|;)")
WHITE = re.compile(r"\s*")
SPACE = "\v"  # stands for a line's end that a backslash takes away: white space that still counts lines
SI = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}


class SynthesisError(Exception):
    """What the user can mend: a file, a missing package, a complaint of a tool."""


class Group:
    """One `kind (args) { ... }`: simple and complex attributes, and the groups inside."""

    def __init__(self, kind, args, path="", line=0):
        self.kind, self.args, self.path, self.line = kind, args, path, line
        self.values, self.groups, self.lines = {}, [], {}

    def of(self, *kinds):
        return [group for group in self.groups if group.kind in kinds]

    def error(self, message, name=None):
        """What is wrong with an attribute, or with the group, at its line."""
        return SynthesisError(f"{self.path}:{self.lines.get(name, self.line)}: {message}")

    def name(self):
        if not self.args:
            raise self.error(f"{self.kind} () has no name")
        return self.args[0]

    def number(self, name, default=None, low=-math.inf):
        if name not in self.values:
            return default
        found = as_number(self.values[name])
        if found is None or found < low:
            least = "" if low == -math.inf else f" from {low:g}"
            raise self.error(f"{name} is \"{self.values[name]}\", which is no number{least}", name)
        return found

    def numbers(self, name):
        """Those of a complex attribute: ("1, 2", "3, 4")."""
        words = [word for word in re.split(r"[\s,\"]+", self.values[name]) if word]
        found = [as_number(word) for word in words]
        if not found or None in found:
            wrong = "nothing" if not found else f"\"{words[found.index(None)]}\""
            raise self.error(f"{name} holds {wrong}, which is no number", name)
        return found


def as_number(text):
    """The finite number a text is, or None."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def arguments(text):
    return [part.strip() for part in text.replace('"', "").split(",") if part.strip()]


def statements(text, path):
    """(match, line) of each statement; comments and continued lines keep the count of lines."""
    def blank(match):
        return " " + "\n" * match[0].count("\n")
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.DOTALL)
    text = re.sub(r"\\[ \t\r]*\n", " " + SPACE, re.sub(r"//[^\n]*", " ", text))
    ends = [match.start() for match in re.finditer(rf"[\n{SPACE}]", text)]
    position = 0
    while position < len(text):
        match = STATEMENT.match(text, position)
        first = WHITE.match(text, position).end()
        line = bisect.bisect_left(ends, first) + 1
        if match is None:
            if not text[position:].strip():
                return
            near = " ".join(text[position:position + 60].split())
            raise SynthesisError(f"{path}:{line}: not a readable Liberty file (near \"{near}\")")
        position = match.end()
        yield match, line


def parse(text, path):
    """The library group of a Liberty file."""
    root = Group("file", [], path)
    stack = [root]
    for match, line in statements(text, path):
        if match["close"]:
            stack.pop()
            if not stack:
                raise SynthesisError(f"{path}:{line}: not a readable Liberty file (a }} too many)")
        elif match["name"]:
            stack[-1].values[match["name"]] = match["value"].strip().strip('"')
            stack[-1].lines[match["name"]] = line
        elif match["open"] == "{":
            group = Group(match["group"], arguments(match["args"]), path, line)
            stack[-1].groups.append(group)
            stack.append(group)
        elif match["group"]:
            stack[-1].values.setdefault(match["group"], match["args"])
            stack[-1].lines.setdefault(match["group"], line)
    libraries = root.of("library")
    if len(stack) != 1 or len(libraries) != 1:
        raise SynthesisError(f"{path}: no complete library (...) group; is this a Liberty file?")
    return libraries[0]


def scale_of(library, name, default, unit):
    """"1ns", "1V", (1, pf) -> a number in s, V, F."""
    text = library.values.get(name, default)
    match = re.fullmatch(r"\s*([\d.eE+-]+)\s*([munpf]?)" + unit + r"\s*", re.sub(r"[\",]", "", text.lower()))
    number = as_number(match[1]) if match else None
    if number is None or number <= 0:
        raise library.error(f"{name}: unknown unit \"{text}\"", name)
    return number * SI[match[2]]


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
        if "values" not in group.values:
            raise group.error(f"{group.kind} has no values")
        numbers = group.numbers("values")
        self.axes, self.kinds = [], []
        for axis in (1, 2):
            variable, index = template.values.get(f"variable_{axis}"), f"index_{axis}"
            holder = group if index in group.values else template
            if variable is None or index not in holder.values:
                continue
            load = "capacitance" in variable
            if not load and "transition" not in variable:
                raise template.error(f"variable_{axis} is \"{variable}\", neither a capacitance nor a transition",
                                     f"variable_{axis}")
            self.kinds.append("load" if load else "slew")
            unit = units["pf"] if load else units["ns"]
            self.axes.append([number * unit for number in holder.numbers(index)])
            if sorted(set(self.axes[-1])) != self.axes[-1]:
                raise holder.error(f"{index} does not rise", index)
        if "variable_3" in template.values:
            raise template.error("variable_3: power over three variables is not read", "variable_3")
        if len(numbers) != math.prod(map(len, self.axes)):
            raise group.error(f"{len(numbers)} values for a table of "
                              f"{' x '.join(str(len(axis)) for axis in self.axes)}", "values")
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
    rise, fall = (group.number(f"{edge}_capacitance", group.number("capacitance", 0.0, 0.0), 0.0)
                  for edge in ("rise", "fall"))
    return Pin(group.name(), group.values.get("direction", ""), (rise + fall) / 2 * units["pf"],
               group.values.get("function", ""), group.values.get("clock", "") == "true", power)


class Library:
    """A Liberty file: its cells, its full adder, its supply."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            hint = "; install the package 'qflow-tech-osu018'" if self.path == DEFAULT else ""
            raise SynthesisError(f"{path}: no such Liberty file{hint}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SynthesisError(f"{path}: not a readable Liberty file ({error})") from error
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        library = parse(text, path)
        self.name = library.args[0] if library.args else self.path.stem
        self.units = self.read_units(library)
        self.voltage = self.read_voltage(library)
        self.cells = self.read_cells(library)
        self.flip_flop = self.plain_flip_flop()
        self.check_gates()
        self.notes = self.missing_figures()
        self.full_adder = next((cell for cell in FULL_ADDERS if cell in self.cells), None)

    @staticmethod
    def read_units(library):
        """One unit of the file in V, pF, pJ, ns and nW."""
        farad = scale_of(library, "capacitive_load_unit", "1,pf", "f")
        volt = scale_of(library, "voltage_unit", "1V", "v")
        return {"v": volt, "pf": farad * 1e12, "pj": farad * volt ** 2 * 1e12,
                "ns": scale_of(library, "time_unit", "1ns", "s") * 1e9,
                "nw": scale_of(library, "leakage_power_unit", "1nW", "w") * 1e9}

    def read_voltage(self, library):
        """The nominal voltage, else that of the default operating conditions: energies need one."""
        holder, name = library, "nom_voltage"
        if name not in library.values:
            wanted = library.values.get("default_operating_conditions")
            named = [group for group in library.of("operating_conditions") if wanted in group.args]
            holder, name = (named or [library])[0], "voltage"
        found = holder.number(name)
        if found is None:
            raise SynthesisError(f"{self.path}: no supply voltage: neither nom_voltage nor a voltage in the "
                                 "default_operating_conditions")
        if found <= 0:
            raise holder.error(f"{name} is {found:g} and must be above 0", name)
        return found * self.units["v"]

    def read_cells(self, library):
        templates = {group.name(): group for group in library.of("power_lut_template", "lu_table_template")}
        cells = {}
        for group in library.of("cell"):
            if group.name() in cells:
                raise group.error(f"cell {group.name()} is there already")
            pins = [dataclasses.replace(read_pin(pin, templates, self.units), name=name)
                    for pin in group.of("pin") for name in pin.args or [pin.name()]]
            flip_flops = group.of("ff")
            for flip_flop in flip_flops:  # "(CLK)" and "CLK" are the same
                flip_flop.values = {name: re.sub(r"^\(\s*(\w+)\s*\)$", r"\1", value)
                                    for name, value in flip_flop.values.items()}
            cells[group.name()] = Cell(
                group.name(), group.number("area", 0.0, 0.0),
                group.number("cell_leakage_power", 0.0) * self.units["nw"],
                {pin.name: pin for pin in pins}, flip_flops[0] if flip_flops else None)
        return cells

    def check_gates(self):
        """abc maps to nothing without an inverter and a gate of two inputs."""
        inputs = {len(cell.inputs()) for cell in self.cells.values()
                  if cell.flip_flop is None and any(pin.function for pin in cell.outputs())}
        if 1 not in inputs or max(inputs) < 2:
            raise SynthesisError(f"{self.path}: no logic gates (no cell with a function and one input, or none with "
                                 "two or more); nothing can be mapped to this library")

    def missing_figures(self):
        """What the library says of no cell: an error, or a note where the rest has a meaning."""
        pins = [pin for cell in self.cells.values() for pin in cell.pins.values()]
        if not any(cell.area_um2 for cell in self.cells.values()):
            raise SynthesisError(f"{self.path}: no cell has an area")
        if not any(pin.capacitance_pf for pin in pins):
            raise SynthesisError(f"{self.path}: no pin has a capacitance; energies would be 0")
        if any(pin.power for pin in pins):
            return []
        return [f"{self.name} has no internal_power: energies are C V^2 / 2 of pins alone, too low"]

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
