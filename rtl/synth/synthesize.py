"""Area of one module at one parameter set: Yosys, a Liberty library, nothing placed.

Adders become chains of the library's full-adder cell (alumacc, maccmap, then the map below), the rest
goes through abc. Each run has its own folder and sees only the files of rtl/, because abc's result
depends on what else it is given. Results are cached by content: sources, flow, library, Yosys.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_LIBERTY = pathlib.Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
PACKAGE = ROOT / "rtl/mac_pkg.sv"

# Full-adder cells of common libraries: inputs a b c, outputs sum and carry.
FULL_ADDERS = {
    "FAX1": ".A({a}), .B({b}), .C({c}), .YS({s}), .YC({co})",
    "FA_X1": ".A({a}), .B({b}), .CI({c}), .S({s}), .CO({co})",
    "sky130_fd_sc_hd__fa_1": ".A({a}), .B({b}), .CIN({c}), .SUM({s}), .COUT({co})",
}

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

LOGIC_ADDER = ("assign Y[i] = A[i] ^ B[i] ^ C[i]; "
               "assign X[i] = (A[i] & B[i]) | (C[i] & (A[i] ^ B[i]));")


class SynthesisError(Exception):
    """What the tools complained about, for the user."""


def sources():
    others = sorted(path for path in (ROOT / "rtl").glob("*.sv") if path != PACKAGE)
    return [PACKAGE] + others


def yosys_version():
    return subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout.split("(")[0].strip()


class Library:
    """A Liberty file: its full adder, its flip-flops, its areas."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            text = self.path.read_text(encoding="utf-8", errors="strict")
        except (OSError, UnicodeDecodeError) as error:
            raise SynthesisError(f"{path}: not a readable Liberty file ({error})") from error
        if not re.search(r"^\s*library\s*\(", text, re.MULTILINE):
            raise SynthesisError(f"{path}: no library (…) group; is this a Liberty file?")
        if not re.search(r"\bff\s*\(", text):
            raise SynthesisError(f"{path}: no flip-flop (no cell with an ff group)")
        self.name = re.search(r"^\s*library\s*\(\s*\"?([^\s\")]+)", text, re.MULTILINE).group(1)
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        cells = set(re.findall(r"\bcell\s*\(\s*\"?([^\s\")]+)\"?\s*\)", text))
        self.full_adder = next((cell for cell in FULL_ADDERS if cell in cells), None)

    def adder_map(self):
        if self.full_adder is None:
            return FULL_ADDER_MAP.replace("@CELL@", LOGIC_ADDER)
        pins = FULL_ADDERS[self.full_adder].format(a="A[i]", b="B[i]", c="C[i]", s="Y[i]", co="X[i]")
        return FULL_ADDER_MAP.replace("@CELL@", f"{self.full_adder} adder ({pins});")


def script(module, parameters, library, folder, files):
    settings = "".join(f" -set {key} {int(value)}" for key, value in parameters.items())
    change = f"chparam{settings} {module}\n" if settings else ""
    return (f"read_verilog -sv {' '.join(str(path) for path in files)}\n{change}"
            f"hierarchy -check -top {module}\n"
            "proc\nflatten\nopt\nwreduce\npeepopt\nopt_clean\nalumacc\nopt\nmaccmap\nopt -full\n"
            "memory\nopt -full\n"
            f"techmap -map {folder}/adders.v\nopt -full\ntechmap -map {folder}/adders.v\n"
            "techmap\nopt -full\n"
            f"dfflibmap -liberty {library.path}\nabc -liberty {library.path}\n"
            "setundef -zero\nopt_clean -purge\n"
            f"write_verilog -noattr -noexpr {folder}/netlist.v\n"
            f"tee -o {folder}/stat.txt stat -liberty {library.path}\n")


def read_stat(text):
    """Area and cell counts from Yosys' stat."""
    areas = re.findall(r"Chip area for (?:top )?module .*: ([\d.]+)", text)
    if not areas:
        raise SynthesisError("stat printed no area")
    counts = text[text.rfind("Number of cells:"):].split("Chip area")[0]
    cells = {name: int(count) for name, count in re.findall(r"^\s+([A-Za-z]\S*)\s+(\d+)\s*$", counts, re.MULTILINE)}
    if "unknown" in text:
        raise SynthesisError("a cell without an area remains")
    return float(areas[-1]), cells


def key_of(module, parameters, library, files):
    digest = hashlib.sha256()
    for part in [module, json.dumps(parameters, sort_keys=True), library.digest, yosys_version(),
                 script(module, parameters, library, "-", ["-"]), library.adder_map()]:
        digest.update(part.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def synthesize(module, parameters, library, cache, files=None, netlist=None):
    """{"area_um2", "cells", "flip_flops"} of one design; `netlist`: where to keep the gates."""
    files = files or sources()
    entry = pathlib.Path(cache) / f"{key_of(module, parameters, library, files)}.json"
    if entry.exists() and netlist is None:
        return json.loads(entry.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "adders.v").write_text(library.adder_map(), encoding="utf-8")
        run = subprocess.run(["yosys", "-q", "-p", script(module, parameters, library, folder, files)],
                             capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SynthesisError(f"{module} {parameters}: {run.stdout.strip()} {run.stderr.strip()}")
        area, cells = read_stat((pathlib.Path(folder) / "stat.txt").read_text(encoding="utf-8"))
        if netlist is not None:
            pathlib.Path(netlist).write_bytes((pathlib.Path(folder) / "netlist.v").read_bytes())
    result = {"area_um2": area, "cells": sum(cells.values()),
              "flip_flops": sum(n for name, n in cells.items() if re.match(r"(?i).*(dff|latch)", name))}
    entry.parent.mkdir(parents=True, exist_ok=True)
    partial = entry.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(result), encoding="utf-8")
    partial.replace(entry)
    return result
