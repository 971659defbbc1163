#!/usr/bin/python3
"""LUTs of one MAC with its accumulator on a Xilinx 7-series FPGA: Yosys on this project's RTL.

Writes configs/fpga/mac_luts.csv. No DSP blocks, wrapping accumulator without overflow flag, unsigned
activations: what the LUT model of FINN-R describes. Yosys does not place; LUT counts are of the
mapped netlist.

Usage: scripts/fpga_luts.py [--check]   --check: synthesize a few rows again and compare
"""

import argparse
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

import tree

FILES = ["mac_pkg", "narrow", "baugh_wooley", "weight_decoder", "mac_core", "mac_unit"]
RESULT = tree.ROOT / "configs/fpga/mac_luts.csv"
WIDTHS = [(1, 1), (2, 2), (3, 3), (4, 4), (6, 6), (8, 8), (4, 8), (8, 4), (16, 16)]
ACC_BITS = [8, 12, 16, 20, 24, 32]
CHECKED = 3


def synthesize(weight_bits, act_bits, acc_bits):
    """(LUTs, carry cells, flip-flops) of mac_unit."""
    sources = " ".join(str(tree.ROOT / "rtl" / f"{name}.sv") for name in FILES)
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "stat.txt"
        script = (f"read_verilog -sv -DSYNTHESIS {sources}\n"
                  f"chparam -set WeightBits {weight_bits} -set ActBits {act_bits} "
                  f"-set AccBits {acc_bits} -set TrackOverflow 0 mac_unit\n"
                  "synth_xilinx -family xc7 -nodsp -noiopad -flatten -top mac_unit\n"
                  f"tee -o {report} stat\n")
        subprocess.run(["yosys", "-q", "-p", script], check=True, cwd=folder,
                       capture_output=True, text=True)
        cells = {name: int(count) for name, count in
                 re.findall(r"^\s+(\w+)\s+(\d+)$", report.read_text(encoding="utf-8"), re.M)}
    luts = sum(count for name, count in cells.items() if re.fullmatch(r"LUT[1-6]|INV", name))
    flops = sum(count for name, count in cells.items() if name.startswith("FD"))
    return luts, cells.get("CARRY4", 0), flops


def rows():
    for weight_bits, act_bits in WIDTHS:
        for acc_bits in ACC_BITS:
            # Narrower than a product: no MAC anybody would build.
            if acc_bits >= weight_bits + act_bits:
                yield weight_bits, act_bits, acc_bits


def check():
    with RESULT.open(encoding="utf-8") as file:
        known = list(csv.DictReader(file))
    for row in known[::max(1, len(known) // CHECKED)][:CHECKED]:
        key = [int(row[name]) for name in ("weight_bits", "act_bits", "acc_bits")]
        found = synthesize(*key)
        expected = tuple(int(row[name]) for name in ("luts", "carry4", "flip_flops"))
        if found != expected:
            sys.exit(f"fpga_luts.py: {key}: {found} now, {expected} in {RESULT.name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="compare a few rows with the result")
    if parser.parse_args().check:
        check()
        return
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    with RESULT.open("w", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["weight_bits", "act_bits", "acc_bits", "luts", "carry4", "flip_flops"])
        for row in rows():
            writer.writerow([*row, *synthesize(*row)])


if __name__ == "__main__":
    main()
