#!/usr/bin/python3
"""Lints the reference hardware: `verilator --lint-only -Wall` must be silent for every parameter set
of rtl/named_sets.json and for what is characterized besides them (rtl/synth/designs.py), Yosys must
elaborate every module, and every file begins with its latency and stall rules."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = "rtl/mac_pkg.sv"
ROWS, FAST_ROWS = "rtl/baugh_wooley.sv", "rtl/cosim/fast/baugh_wooley.sv"  # of what large arrays are co-simulated
sys.path.insert(0, str(ROOT / "rtl/synth"))
import designs  # noqa: E402  (found through the line above)

GUARD_BITS = (0, 1, 16)  # of the accumulators that scale with their operands; those between are alike


def sources():
    """The package first: Yosys reads in order."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "rtl").glob("*.sv"))
    return [PACKAGE] + [name for name in files if name != PACKAGE]


def run(command):
    """What the command printed, and whether it failed."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.stdout.strip(), done.returncode != 0


def option(name, value):
    return f"-G{name}=1'b{int(value)}" if isinstance(value, bool) else f"-G{name}={value}"


def lint_set(entry):
    command = ["verilator", "--lint-only", "-Wall", "--top-module", entry["module"]]
    command += [option(*item) for item in entry["parameters"].items()]
    output, failed = run(command + sources())
    if not failed and "_16x16_" in entry["name"]:
        fast, failed = run(command + [FAST_ROWS if name == ROWS else name for name in sources()])
        output += fast
    return f"{entry['name']}: {output}" if output or failed else None


def characterized():
    """Parameter sets that are synthesized for the tables: no overflow flag. And accumulators narrower
    than their addends, which only such ones cut."""
    for number, (group, module, parameters) in enumerate(designs.designs()):
        between = group == "scaling_accumulator" and \
            parameters["AccBits"] - 2 * parameters["WeightBits"] not in GUARD_BITS
        if not between:
            yield {"name": f"{module} {number} of {group}", "module": module, "parameters": parameters}
    for module, more in (("narrow_accumulator", {"AddendBits": 48, "AccBits": 2}), ("configurable_mac", {"AccBits": 16}),
                         ("decomposable_mac", {"AccBits": 12}), ("bit_serial_mac", {"AccBits": 8}), ("mac_array", {}),
                         ("pim_array", {})):
        yield {"name": f"{module} without a flag", "module": module, "parameters": {**more, "TrackOverflow": False}}


def elaborate(module):
    script = (f"read_verilog -sv {' '.join(sources())}; hierarchy -check -top {module}; "
              "proc; check -assert")
    output, failed = run(["yosys", "-q", "-p", script])
    return f"{module} in Yosys: {output}" if output or failed else None


def without_table(path):
    """Whether the comment on top of a file lacks latencies or stalls."""
    lines = path.read_text(encoding="utf-8").splitlines()
    top = next((number for number, line in enumerate(lines) if not line.startswith("//")), len(lines))
    words = "\n".join(lines[:top]).lower()
    return not ("latency" in words and "stalls" in words and "|" in words)


def main():
    sets = json.loads((ROOT / "rtl/named_sets.json").read_text(encoding="utf-8"))["sets"] + list(characterized())
    modules = sorted({entry["module"] for entry in sets})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [text for text in pool.map(lint_set, sets) if text]
        findings += [text for text in pool.map(elaborate, modules) if text]
    findings += [f"{path.relative_to(ROOT)}: no latency and stall rules on top"
                 for path in sorted((ROOT / "rtl").rglob("*.sv")) if without_table(path)]
    for text in findings:
        print(text)
    if findings:
        sys.exit(f"lint_rtl: {len(findings)} findings")
    print(f"lint_rtl: {len(sets)} parameter sets and {len(modules)} modules are clean",
          file=sys.stderr)


if __name__ == "__main__":
    main()
