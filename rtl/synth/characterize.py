#!/usr/bin/python3
"""Characterizes the reference hardware by synthesis and gate-level simulation.

  scripts/characterize.sh                       the default library, everything
  scripts/characterize.sh --stages area         cells, area and critical path alone
  scripts/characterize.sh --liberty FILE -o DIR any other library; with --tech-name NAME --node-nm N
                                                also a technology for `bitscale run --tech`

Stages: area (every named set and width), energy (per operation, over operand densities and toggle
rates), sets (energy per operation of every named set, arrays and PIM tiles too, beside their parts),
grid (the same over operand densities and toggle rates; --without leaves some out), statistics (the model of operand statistics against a real network's operands), tech
(the technology file). Each reads what the ones before it wrote.
Nothing is placed: no wires, no clock tree, no utilization, no buffers for large fan-out.
"""

import argparse
import json
import os
import pathlib
import sys

import activity_model
import area
import designs
import flexible
import gates
import grid_energy
import operations
import set_energy
import synthesize
import tech
import traces

# 100 MHz, a usual clock for arrays in 180 nm; chosen, not published.
TARGET_PERIOD_NS = 10.0
POINT_KEYS = ("shape", "weight_density", "act_density", "weight_hold", "act_hold")


def write_rows(path, document, rows):
    """JSON with one line per row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**document, "rows": "@"}, indent=2).replace(
        '"@"', "[\n    " + ",\n    ".join(json.dumps(row) for row in rows) + "\n  ]")
    path.write_text(text + "\n", encoding="utf-8")
    print(f"characterize: {len(rows)} rows in {path}", file=sys.stderr)


def header(library, rows):
    """`sources_sha256`: of what each module is made of, so that a test sees rows that are older than it."""
    modules = sorted({row["module"] for row in rows})
    return {"schema_version": 1, "library": library.name, "liberty_sha256": library.digest,
            "tool": synthesize.yosys_version(), "flow": "rtl/synth/synthesize.py, full-adder chains "
            f"({library.full_adder or 'no full-adder cell'}), abc without timing target, unplaced",
            **({"notes": library.notes} if library.notes else {}),
            "sources_sha256": {module: synthesize.digest_of(module) for module in modules}}


def characterize_area(library, options):
    wanted = list(designs.designs()) + list(designs.named_designs())
    rows = area.run_all(wanted, library, options.cache, options.jobs, options.target_period_ns)
    summary = area.summarize(rows)
    write_rows(options.output / f"{library.name}_area.json",
               {**header(library, rows), "target_period_ns": options.target_period_ns, "summary": summary}, rows)
    area.print_table(summary)


def characterize_energy(library, options):
    rows = operations.run_all(library, options.cache, options.jobs)
    for row in rows:
        row["model"] = activity_model.coefficients(row)
    units = flexible.measure(library, options.cache)
    document = {**header(library, rows + units), "voltage": library.voltage, "simulator": gates.iverilog_version(),
                "grid": [dict(zip(POINT_KEYS, point)) for point in operations.grid()],
                "flexible": units}
    write_rows(options.output / f"{library.name}_energy.json", document, rows)
    operations.print_table(rows)
    flexible.print_table(units, rows)


def characterize_sets(library, options):
    left_out = [name for name in options.without.split(",") if name]
    wanted = [design for design in designs.named_designs() if design[0] not in left_out]
    rows = set_energy.run_all(wanted, library, options.cache, options.jobs)
    write_rows(options.output / f"{library.name}_sets.json",
               {**header(library, rows), "left_out": left_out, "voltage": library.voltage, "simulator": gates.iverilog_version(),
                "points": {name: dict(zip(POINT_KEYS, point)) for name, point in set_energy.POINTS.items()}}, rows)
    set_energy.print_table(rows)


def characterize_grid(library, options):
    left_out = [name for name in options.without.split(",") if name]
    wanted = [design for design in designs.named_designs() if design[0] not in left_out]
    rows = grid_energy.run_all(wanted, library, options.cache, options.jobs)
    write_rows(options.output / f"{library.name}_grid.json",
               {**header(library, rows), "left_out": left_out, "voltage": library.voltage, "simulator": gates.iverilog_version(),
                "grid": [dict(zip(POINT_KEYS, point)) for point in operations.grid()],
                "operands": grid_energy.operand_statistics(wanted)}, rows)


def characterize_statistics(library, options):
    """The model of operand statistics against the traces' own streams."""
    measured = [row for row in read(options, library, "energy")["rows"] if row["group"] == "unsigned_act"]
    entries = []
    for name, samples in activity_model.SAMPLES.items():
        network = traces.Trace(name)
        for row in measured:
            entries += [{"act_bits": row["parameters"]["ActBits"], **entry} for entry in
                        activity_model.validate(row, network, library, options.cache, samples)]
    summary = activity_model.summary(entries)
    write_rows(options.output / f"{library.name}_statistics.json", {**header(library, measured), "summary": summary}, entries)
    for trace, errors in summary.items():
        for name, error in errors.items():
            print(f"{trace:16} {name}: mean {100 * error['mean']:.1f} %, max {100 * error['max']:.1f} % "
                  f"of {error['rows']} streams")


def read(options, library, part):
    path = options.output / f"{library.name}_{part}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise synthesize.SynthesisError(f"{path} is missing; run the stages before this one") from error


def write_technology(library, options):
    document = tech.build(options.tech_name, options.node_nm, library, *(
        read(options, library, part) for part in ("area", "energy", "statistics", "grid")))
    path = options.tech_folder / f"{options.tech_name}.json"
    path.write_text(tech.dump(document) + "\n", encoding="utf-8")
    for name in ("mac_area", "mac_energy"):
        for scope in ("hold_out", "hold_out_from_2_bits"):
            error = document[name]["fit"][scope]
            print(f"{name} fit, {scope}: mean {100 * error['mean']:.1f} %, max {100 * error['max']:.1f} % "
                  f"of {error['rows']} rows")
    print(f"characterize: {path}", file=sys.stderr)


STAGES = {"area": characterize_area, "energy": characterize_energy, "sets": characterize_sets, "grid": characterize_grid,
          "statistics": characterize_statistics, "tech": write_technology}


def positive(kind):
    def checked(text):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value
    checked.__name__ = kind.__name__  # argparse says "invalid int value"
    return checked


def parse_command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--liberty", default=synthesize.DEFAULT_LIBERTY, type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=synthesize.ROOT / "rtl/synth/results")
    parser.add_argument("--cache", type=pathlib.Path, default=synthesize.ROOT / "build/synth")
    parser.add_argument("-j", "--jobs", type=positive(int), default=os.cpu_count())
    parser.add_argument("--target-period-ns", type=positive(float), default=TARGET_PERIOD_NS)
    parser.add_argument("--stages", default=",".join(STAGES), help="some of " + ", ".join(STAGES))
    parser.add_argument("--without", default="", metavar="SET,…", help="named sets the stages sets and grid leave out")
    parser.add_argument("--tech-name", default="osu018", help="name of the technology to write")
    parser.add_argument("--node-nm", type=positive(int), default=180)
    parser.add_argument("--tech-folder", type=pathlib.Path, default=synthesize.ROOT / "configs/tech")
    options = parser.parse_args()
    if options.liberty != synthesize.DEFAULT_LIBERTY and "--tech-name" not in sys.argv:
        options.stages = ",".join(stage for stage in options.stages.split(",") if stage != "tech")
    names = {name for name, _, _ in designs.named_designs()}
    strangers = [name for name in options.without.split(",") if name and name not in names]
    if strangers:
        parser.error(f"--without: no named set {', '.join(strangers)} (rtl/named_sets.json)")
    unknown = [stage for stage in options.stages.split(",") if stage not in STAGES]
    if unknown:
        parser.error(f"no stage {', '.join(unknown)}; there are {', '.join(STAGES)}")
    return options


def main():
    options = parse_command_line()
    try:
        library = synthesize.Library(options.liberty)
        for note in library.notes:
            print(f"characterize: {note}", file=sys.stderr)
        options.output.mkdir(parents=True, exist_ok=True)
        for stage in options.stages.split(","):
            STAGES[stage](library, options)
    except (synthesize.SynthesisError, OSError) as error:
        sys.exit(f"characterize: {error}")


if __name__ == "__main__":
    main()
