"""Area of one module at one parameter set: Yosys, a Liberty library, nothing placed.

Adders become chains of the library's full-adder cell (alumacc, maccmap, then the map below), the rest
goes through abc. abc's result depends on the names it is given, and Yosys numbers those through all it
reads, lines included. So each run has its own folder and sees the modules its design is made of and no
other file, without comments, assertions and empty lines: a figure changes when its own hardware does.
Results are cached by content: those texts, flow, library, Yosys.
"""

import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile

from liberty import DEFAULT as DEFAULT_LIBERTY  # noqa: F401, the callers take these from here
from liberty import FULL_ADDERS, Library, SynthesisError  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "rtl/mac_pkg.sv"

# $fa bits with a constant input stay logic, which is smaller than a full adder.
FULL_ADDER_MAP = """
(* techmap_celltype = "$fa" *)
module map_full_adder (A, B, C, X, Y);
  parameter WIDTH = 1;
  parameter _TECHMAP_CONSTMSK_A_ = 0, _TECHMAP_CONSTMSK_B_ = 0, _TECHMAP_CONSTMSK_C_ = 0;
  input [WIDTH-1:0] A, B, C;
  output [WIDTH-1:0] X, Y;
  localparam CONSTANT = _TECHMAP_CONSTMSK_A_ | _TECHMAP_CONSTMSK_B_ | _TECHMAP_CONSTMSK_C_;
  genvar i;
  generate for (i = 0; i < WIDTH; i = i + 1) begin : bits
    if ((CONSTANT >> i) & 1) begin
      assign Y[i] = A[i] ^ B[i] ^ C[i];
      assign X[i] = (A[i] & B[i]) | (C[i] & (A[i] ^ B[i]));
    end else begin
      @CELL@
    end
  end endgenerate
endmodule
(* techmap_celltype = "$alu" *)
module map_alu (A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  input CI, BI;
  output [Y_WIDTH-1:0] X, Y, CO;
  wire [Y_WIDTH-1:0] a, b, inverted;
  wire [Y_WIDTH:0] carry;
  generate
    if (A_WIDTH == 0) assign a = 0;
    else if (A_SIGNED) assign a = $signed(A);
    else assign a = A;
    if (B_WIDTH == 0) assign b = 0;
    else if (B_SIGNED) assign b = $signed(B);
    else assign b = B;
  endgenerate
  assign inverted = b ^ {Y_WIDTH{BI}};
  assign carry[0] = CI;
  assign X = a ^ inverted;
  assign CO = carry[Y_WIDTH:1];
  genvar i;
  generate for (i = 0; i < Y_WIDTH; i = i + 1) begin : bits
    \\$fa #(.WIDTH(1)) adder (.A(a[i]), .B(inverted[i]), .C(carry[i]), .X(carry[i+1]), .Y(Y[i]));
  end endgenerate
endmodule
"""

MOST_FLAT_PES = 32
WRAPPER = "bitscale_parameters"
LOGIC_ADDER = ("assign Y[i] = A[i] ^ B[i] ^ C[i]; "
               "assign X[i] = (A[i] & B[i]) | (C[i] & (A[i] ^ B[i]));")


NOT_HARDWARE = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|`ifndef SYNTHESIS\b.*?`endif', re.DOTALL)


def code_of(text):
    """SystemVerilog without comments, assertions (what is not for synthesis) and empty lines."""
    kept = NOT_HARDWARE.sub(lambda match: match[1] or "", text)
    return "".join(line.rstrip() + "\n" for line in kept.split("\n") if line.strip())


@functools.lru_cache(maxsize=None)
def own_sources(module):
    """[(file name, text)] of the modules of rtl/ that a module is made of, the package first."""
    codes = {path.stem: code_of(path.read_text(encoding="utf-8")) for path in (ROOT / "rtl").glob("*.sv")}
    found, new = set(), {PACKAGE.stem, module}
    while new:
        found |= new
        words = set().union(*(re.findall(r"\w+", codes[name]) for name in new))
        new = (words & set(codes)) - found
    return tuple((f"{name}.sv", codes[name]) for name in sorted(found, key=lambda name: (name != PACKAGE.stem, name)))


def digest_of(module):
    """Of own_sources."""
    return hashlib.sha256(json.dumps(own_sources(module)).encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Sources:
    """[(name, text)] in a folder of the run's folder: what Yosys reads, and what lies beside for it to find."""
    read: tuple
    beside: tuple = ()
    folder: str = ""

    def __iter__(self):
        return iter(self.read + self.beside)


def place_beside(path, files):
    """Where an included file lies in the run's folder: relative to the folder of a given file, as Verilator
    searches, or to the current one."""
    for own in (lambda name: pathlib.Path(os.path.abspath(name)), pathlib.Path.resolve):  # as it is called, or is
        for folder in [own(file).parent for file in files] + [pathlib.Path.cwd()]:
            if own(path).is_relative_to(folder):
                return own(path).relative_to(folder).as_posix()
    return path.name


def names_of(files, taken):
    """Given files' names in the run's folder: their own, where they are plain and nobody else's. (Names stand in
    Yosys' script.)"""
    names = []
    for number, path in enumerate(files):
        plain = re.fullmatch(r"\w[\w.-]*", path.name, re.ASCII) and path.name not in [*taken, *names]
        names.append(path.name if plain else f"given_{number}.sv")
    return names


def sources_of(module, files, beside=()):
    """Given files as they are, or what the module is made of."""
    if files is None:
        return Sources(own_sources(module))
    found = [place_beside(path, files) for path in beside]
    names = names_of(files, found) + found
    if len(set(names)) != len(names):
        raise SynthesisError("two files have the same name: " + ", ".join(str(path) for path in [*files, *beside]))
    for name in {"adders.v", "library.lib", f"{WRAPPER}.v"} & set(names):  # what is included is looked for there too
        raise SynthesisError(f"'{name}' is a name that the flow uses; call the file otherwise")
    texts = [path.read_text(encoding="utf-8", errors="surrogateescape") for path in [*files, *beside]]
    pairs = tuple(zip(names, texts))
    return Sources(pairs[:len(files)], pairs[len(files):], "given/")


@functools.lru_cache(maxsize=None)
def yosys_version():
    try:
        run = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise SynthesisError("Yosys was not found; install the package 'yosys'") from error
    return run.stdout.split("(")[0].strip()


def adder_map(library):
    """The techmap file: $fa and $alu to the library's full adder, or to logic where it has none."""
    if library.full_adder is None:
        return FULL_ADDER_MAP.replace("@CELL@", LOGIC_ADDER)
    pins = FULL_ADDERS[library.full_adder].format(a="A[i]", b="B[i]", c="C[i]", s="Y[i]", co="X[i]")
    return FULL_ADDER_MAP.replace("@CELL@", f"{library.full_adder} adder ({pins});")


def by_module(module, parameters):
    """Whether each module is mapped once and the result put together, instead of all as one: arrays
    of more elements take more than ten minutes otherwise."""
    return module == "mac_array" and parameters.get("Rows", 8) * parameters.get("Cols", 8) > MOST_FLAT_PES


def reading(module, parameters, sources):
    """Yosys' commands that read the design with its parameters."""
    names = " ".join(sources.folder + name for name, _ in sources.read)
    if not sources.folder:
        settings = "".join(f" -set {key} {int(value)}" for key, value in parameters.items())
        change = f"chparam{settings} {module}\n" if settings else ""
        return f"read_verilog -sv {names}\n{change}hierarchy -check -top {module}\n"
    read, find = f"read_verilog -sv -I{sources.folder}", f"-libdir {sources.folder}"  # files of a module's own name
    if not parameters:
        return f"{read} {names}\nhierarchy -check {find} -top {module}\n"
    # chparam reads no negative number and loses the sign of others: a module around it, then without.
    return (f"{read} {names} {WRAPPER}.v\nhierarchy {find} -top {WRAPPER}\ndelete {WRAPPER}\n"
            "hierarchy -check -auto-top\n")


def wrapper(module, parameters):
    values = ", ".join(f".{key}({int(value)})" for key, value in parameters.items())
    return f"module {WRAPPER};\n  \\{module} #({values}) design ();\nendmodule\n"


def script(module, parameters, sources):
    """All paths are names in the run's folder: Yosys' names, and so abc's choices, contain them."""
    first, last = ("", "flatten\n") if by_module(module, parameters) else ("flatten\n", "")
    return (f"{reading(module, parameters, sources)}"
            f"proc\n{first}opt\nwreduce\npeepopt\nopt_clean\nalumacc\nopt\nmaccmap\nopt -full\n"
            "memory\nopt -full\n"
            f"techmap -map adders.v\nopt -full\ntechmap -map adders.v\n"
            "techmap\nopt -full\n"
            f"dfflibmap -liberty library.lib\nabc -liberty library.lib\n"
            f"setundef -zero\n{last}opt_clean -purge\n"
            f"tee -o stat.txt stat -liberty library.lib\n"
            f"read_liberty -lib library.lib\nrename -top top\nsplitnets -ports\nopt_clean -purge\nrename -enumerate\n"
            f"write_verilog -noattr -noexpr netlist.v\nwrite_json netlist.json\n")


def read_stat(text):
    """Area and cell counts from Yosys' stat."""
    areas = re.findall(r"Chip area for (?:top )?module .*: ([\d.]+)", text)
    if not areas:
        raise SynthesisError("stat printed no area")
    counts = text[text.rfind("Number of cells:"):].split("Chip area")[0]
    cells = {name: int(count) for name, count in re.findall(r"^\s+([A-Za-z]\S*)\s+(\d+)\s*$", counts, re.MULTILINE)}
    unknown = sorted(set(re.findall(r"Area for cell type (\S+) is unknown", text)))
    if unknown or "unknown" in text:
        raise SynthesisError(f"a cell without an area remains: {', '.join(unknown)} (only flip-flops and logic "
                             "are mapped to the library, no latches or memories)")
    return float(areas[-1]), cells


def key_of(module, parameters, library, sources):
    digest = hashlib.sha256()
    for part in [module, json.dumps(parameters, sort_keys=True), library.digest, yosys_version(),
                 script(module, parameters, sources), adder_map(library)] + [text for _, text in sources]:
        digest.update(part.encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def run_yosys(module, parameters, library, folder, sources):
    (folder / "adders.v").write_text(adder_map(library), encoding="utf-8")
    (folder / "library.lib").symlink_to(library.path.resolve())
    if sources.folder:
        (folder / f"{WRAPPER}.v").write_text(wrapper(module, parameters), encoding="utf-8")
    for name, text in sources:
        path = folder / sources.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    try:
        run = subprocess.run(["yosys", "-q", "-p", script(module, parameters, sources)],
                             cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SynthesisError("Yosys was not found; install the package 'yosys'") from error
    if run.returncode != 0:
        hint = f" (can abc map logic to {library.path}?)" if "ABC output file" in run.stdout + run.stderr else ""
        raise SynthesisError(f"{module} {parameters}: {run.stdout.strip()} {run.stderr.strip()}{hint}")
    for name in ["library.lib"] + [sources.folder + name for name, _ in sources]:
        (folder / name).unlink()
    area, cells = read_stat((folder / "stat.txt").read_text(encoding="utf-8"))
    return {"area_um2": area, "cells": sum(cells.values()),
            "flip_flops": sum(n for name, n in cells.items() if library.cells[name].flip_flop is not None)}


def netlist_folder(module, parameters, library, cache, files=None, beside=()):
    """The folder with result.json, netlist.v and netlist.json of one design, made if need be."""
    sources = sources_of(module, files, beside)
    cache = pathlib.Path(cache)
    entry = cache / key_of(module, parameters, library, sources)
    if (entry / "result.json").exists():
        return entry
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="run.") as name:
        folder = pathlib.Path(name) / "design"
        folder.mkdir()
        result = run_yosys(module, parameters, library, folder, sources)
        (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
        try:
            folder.rename(entry)
        except OSError:  # another run was faster; its content is the same
            if not (entry / "result.json").exists():
                raise
    return entry


def synthesize(module, parameters, library, cache, files=None, beside=()):
    """{"area_um2", "cells", "flip_flops"} of one design; `beside`: files that the given ones include."""
    entry = netlist_folder(module, parameters, library, cache, files, beside)
    return json.loads((entry / "result.json").read_text(encoding="utf-8"))
