"""Writes configs/tech/<name>.json from the characterization and, for what it cannot give (memories,
interface blocks), from configs/tech/generic_45nm.json, scaled by the program that reads it."""

import functools
import json
import math

import activity_model
import designs
import energy
import fit
import flexible
import glitches
import operations as grid_of
import streams
import surface
from synthesize import ROOT

DONOR = ROOT / "configs/tech/generic_45nm.json"
DONOR_POINT = {"node_nm": 45, "voltage": 1.1, "scale": True}
DESIGNS = {"mac_unit": "mac_acc_register", "pe_stationary": "pe_weight_stationary", "pe_output": "pe_output_stationary"}
DELAY_KEYS = ("mac_delay_base_ns", "mac_delay_level_ns", "mac_delay_carry_ns")
SCALED = ("post_processing_area_um2_per_lane", "post_processing_pj_per_operation", "dma_area_um2_per_core",
          "dma_pj_per_bit", "link_area_um2_per_bit")
WIRE_PF_PER_MM = 0.2


def rounded(value):
    return float(f"{value:.6g}")


def figure(value, status, source, low=None, high=None, valid="any width and size", **point):
    entry = {"value": rounded(value)}
    if low is not None:
        entry.update(low=rounded(low), high=rounded(high))
    return {**entry, "status": status, "source": source, "valid": valid, **point}


def spread(values, source, valid):
    return figure(sum(values) / len(values), "measured", source, min(values), max(values), valid)


def key_of(parameters):
    return parameters["WeightBits"], parameters["ActBits"], parameters["AccBits"]


def row_of(design, key, **values):
    return {"design": design, **dict(zip(("weight_bits", "act_bits", "acc_bits"), key)), **values}


def area_rows(area):
    found = {}
    for row in area["rows"]:
        parameters = row["parameters"]
        if row["group"] in ("scaling_accumulator", "fixed_accumulator", "width"):
            place = (list(DESIGNS).index(row["module"]), key_of(parameters))
            found[place] = row_of(DESIGNS[row["module"]], place[1], um2=row["area_um2"],
                                  path_ns=row["critical_path_ns"])
    return [found[place] for place in sorted(found)]


def energy_rows(operations):
    found = {}
    for row in operations["rows"]:
        if row["group"] in ("width", "mixed", "fixed_accumulator"):
            clock = row["reference"]["clock_pj"]
            found[key_of(row["parameters"])] = row_of(
                "mac_acc_register", key_of(row["parameters"]),
                pj=rounded(clock + row["settled_data_pj"][0]), clock_pj=rounded(clock))
    return [found[key] for key in sorted(found)]


def data_pj(row):
    return row["pj"] - row["clock_pj"]


def delay_features(parameters):
    tree_rows = min(parameters["WeightBits"], parameters["ActBits"]) + 1
    return [1, math.log(tree_rows / 2) / math.log(1.5) + math.log2(parameters["AccBits"]), parameters["AccBits"]]


def delay_figures(area, source):
    rows = [row for row in area["rows"] if row["module"] in DESIGNS and
            row["group"] in ("scaling_accumulator", "fixed_accumulator", "width")]
    features = [delay_features(row["parameters"]) for row in rows]
    values = [row["critical_path_ns"] for row in rows]
    found = fit.fit_non_negative(features, values)
    error = fit.errors([sum(c * f for c, f in zip(found, row)) for row in features], values)
    text = (f"fitted to the critical paths of {error['rows']} MACs and PEs, error mean {100 * error['mean']:.1f} %, "
            f"max {100 * error['max']:.1f} %: OpenSTA, {source}")
    return {key: figure(value, "measured", text, valid="ripple-carry accumulators of 4 to 48 bits")
            for key, value in zip(DELAY_KEYS, found)}


def pairs(rows, group):
    """(row of the group, the wrapping row of the same widths) for everything in the group."""
    plain = {key_of(row["parameters"]): row for row in rows if row["group"] in ("width", "mixed", "fixed_accumulator")
             and row["module"] == "mac_unit"}
    return [(row, plain[key_of(row["parameters"])]) for row in rows if row["group"] == group]


def narrow_shares(operations):
    """(energy of narrow operands on a wide MAC - of the narrow MAC) / (of the wide MAC - the same)."""
    full = {key_of(row["parameters"]): row["settled_data_pj"][0] for row in operations["rows"]
            if row["group"] == "fixed_accumulator"}
    for row in operations["rows"]:
        for name, values in row.get("narrow_operands", {}).items():
            bits = int(name.split("_")[0])
            wide, narrow = full[key_of(row["parameters"])], full[bits, bits, row["parameters"]["AccBits"]]
            yield (values["settled"] - narrow) / (wide - narrow)


def register_figures(area, library, source):
    macs = {key_of(row["parameters"]): row["area_um2"] for row in area["rows"]
            if row["group"] == "width" and row["module"] == "mac_unit"}
    flip_flop = library.cells[library.flip_flop]
    costs = energy.register_costs(library)
    cell = f"Liberty tables of {flip_flop.name} at the steepest clock edge listed: {source}"
    return {
        "register_area_um2_per_bit": figure(flip_flop.area_um2, "measured", f"cell {flip_flop.name}: {source}"),
        "register_clock_pj_per_bit": figure(costs["clock_pj"], "measured", cell),
        "register_data_pj_per_bit": figure(costs["data_pj"], "measured",
                                           "one toggle every second cycle into one more register: " + cell)}


def measured_figures(area, operations, source):
    flexible = {row["module"]: row["area_um2"] for row in area["rows"] if row["group"] == "flexible"
                and not row["parameters"].get("SumApart")}
    mac = {key_of(row["parameters"]): row["area_um2"] for row in area["rows"]
           if row["group"] == "width" and row["module"] == "mac_unit"}
    shares = [min(1.0, max(0.0, share)) for share in narrow_shares(operations)]
    leakage = [row["leakage_nw"] / mac[key_of(row["parameters"])] for row in operations["rows"] if row["group"] == "width"]
    saturating = [(a["area_um2"] - b["area_um2"]) / a["parameters"]["AccBits"] for a, b in pairs(area["rows"], "saturating")]
    energies = [max(0.0, a["settled_data_pj"][0] - b["settled_data_pj"][0]) / a["parameters"]["AccBits"]
                for a, b in pairs(operations["rows"], "saturating")]
    return {
        "saturation_area_um2_per_acc_bit": spread(saturating, f"saturating minus wrapping MAC: {source}", "2 to 16 bits"),
        "saturation_pj_per_acc_bit": spread(energies, f"saturating minus wrapping MAC: {source}", "2 to 16 bits"),
        "narrow_operand_share": spread(shares, "sign-extended 2- to 8-bit random operands on 4- to 16-bit MACs: " + source,
                                       "fixed accumulators of 24 and 32 bits"),
        "decomposable_area_factor": figure(flexible["decomposable_mac"] / mac[8, 8, 24], "measured",
                                           f"decomposable_mac over an 8-bit MAC, both 24-bit accumulators: {source}"),
        "configurable_area_factor": figure(flexible["configurable_mac"] / mac[16, 16, 40], "measured",
                                           f"configurable_mac over a 16-bit MAC, both 40-bit accumulators: {source}"),
        "logic_leakage_mw_per_mm2": spread(leakage, f"Liberty cell leakage over cell area: {source}", "1 to 16 bits")}


def lanes_figure(single, sixteen, what, source):
    return figure(sixteen, "measured", f"{what} of 16 bit-serial lanes with one accumulator over 8-bit MACs with "
                  f"one each; the interval reaches to a lane with an accumulator of its own: {source}",
                  min(single, sixteen), max(single, sixteen), "8-bit weights and activations, 24-bit accumulators")


def flexible_figures(area, operations, source):
    """Energy and area of decomposable, configurable and bit-serial units over fixed MACs."""
    entries, rows = operations["flexible"], operations["rows"]
    decomposable, configurable = (flexible.factors(entries, rows, f"{kind}_mac") for kind in ("decomposable", "configurable"))
    serial_energy = flexible.factors(entries, rows, "bit_serial_mac", per_mac=True)
    mac = next(row["area_um2"] for row in area["rows"] if row["group"] == "width" and row["module"] == "mac_unit"
               and key_of(row["parameters"]) == (8, 8, 24))
    serial_area = [8 * row["area_um2"] / row["parameters"]["Lanes"] / mac for row in area["rows"]
                   if row["group"] == "flexible" and row["module"] == "bit_serial_mac"]
    text = "random operands at the widest mode over a fixed MAC, clock pins included; the interval covers the other modes"
    delays = {row["module"]: row["critical_path_ns"] for row in area["rows"] if row["group"] == "flexible"
              and not row["parameters"].get("SumApart")}
    fixed = {key_of(row["parameters"]): row["critical_path_ns"] for row in area["rows"]
             if row["group"] == "width" and row["module"] == "mac_unit"}
    return {
        "decomposable_delay_factor": figure(
            delays["decomposable_mac"] / fixed[8, 8, 24], "measured",
            f"critical paths of decomposable_mac and an 8-bit MAC, both 24-bit accumulators: {source}"),
        "configurable_delay_factor": figure(
            delays["configurable_mac"] / fixed[16, 16, 40], "measured",
            f"critical paths of configurable_mac and a 16-bit MAC, both 40-bit accumulators: {source}"),
        "decomposable_energy_factor": figure(decomposable[0], "measured", f"{text}: {source}", min(decomposable),
                                             max(decomposable), "8-bit unit of 2-bit bricks"),
        "configurable_energy_factor": figure(configurable[0], "measured", f"{text}: {source}", min(configurable),
                                             max(configurable), "16-bit unit"),
        "bit_serial_energy_factor": lanes_figure(*serial_energy, "energy per MAC", source),
        "bit_serial_area_time_factor": lanes_figure(*serial_area, "area x cycles", source)}


def corrections(donor, operations):
    factors = [1 + row["reference"]["settled_wire_pj"] / row["settled_data_pj"][0] for row in operations["rows"]]
    wires = {"enabled": False, **figure(
        sum(factors) / len(factors), "assumed",
        f"assumed: {1000 * energy.WIRE_PF_PER_PIN:g} fF of wire per driven pin, on top of the simulated energy",
        min(factors), max(factors))}
    return {**donor["layout_corrections"], "wire_load_factor": wires}


def build(name, node_nm, library, area, operations, statistics, grid):
    donor = json.loads(DONOR.read_text(encoding="utf-8"))
    source = f"rtl/synth, {area['tool']} and library {library.name}, unplaced"
    rows, energies = area_rows(area), energy_rows(operations)
    ratios = glitches.rows_of(operations, grid, {name: parameters for name, _, parameters in designs.named_designs()})
    figures = {**donor["figures"], **register_figures(area, library, source),
               **measured_figures(area, operations, source), **flexible_figures(area, operations, source), **delay_figures(area, source)}
    for key in SCALED:
        figures[key] = {**DONOR_POINT, **figures[key]}
    wire = WIRE_PF_PER_MM * library.voltage ** 2 / 4
    figures["wire_pj_per_bit_mm"] = figure(
        wire, "assumed", f"assumed: {WIRE_PF_PER_MM:g} pF/mm, C V^2 / 2 per transition, half of the bits toggle")
    return {
        "schema_version": 1, "name": name,
        "description": f"{node_nm} nm, {library.voltage:g} V: MACs characterized by rtl/synth with {library.name}; "
                       "memories and interface blocks scaled from generic_45nm",
        "node_nm": node_nm, "voltage": library.voltage, "device": "hp",
        "characterization": {"library": library.name, "liberty_sha256": library.digest, "tool": area["tool"],
                             "flow": area["flow"], "target_period_ns": area["target_period_ns"]},
        "mac_area": {
            "status": "measured", "source": f"{source}; full-adder chains, no operand registers in a MAC",
            "valid": "signed operands of 1 to 16 bits, acc_bits 4 to 48",
            "fit": surface.describe("area", rows, lambda row: row["um2"]), "rows": rows},
        "mac_energy": {
            "status": "measured",
            "source": f"{source}; gate-level simulation: settled (zero-delay) toggles, Liberty internal power and "
                      "CV^2/2 of pins; the interval reaches to the most glitches that a unit-delay simulation shows of the "
                      "MACs of two's complement of its class at any point of the grid of operands (encoded weights, which "
                      f"are priced by the same rows, glitch up to {glitches.encoded(ratios):.3g} times the settled energy)",
            "valid": "uniformly random signed operands, sums of 64 products",
            "low_factor": 1, "glitch_factors": glitches.table(ratios),
            "fit": surface.describe("energy", energies, data_pj), "rows": energies},
        "mac_activity": activity(operations, statistics, energies),
        "sram": {**donor["sram"], **DONOR_POINT},
        "figures": figures, "layout_corrections": corrections(donor, operations)}


RANDOM_MACS = 32768


def random_operand(bits):
    return [1 - 2.0 ** -bits, 0.5, 0.5]


@functools.lru_cache(maxsize=None)
def random_sum_toggles(weight_bits, act_bits, acc_bits):
    """Of signed operands, whatever the MAC's."""
    signed = designs.mac(weight_bits, act_bits, acc_bits)
    return streams.sum_toggles(*grid_of.operands_of(signed, next(grid_of.grid()), 0, RANDOM_MACS), signed)


def priced(entry, mac, row, energies, fitted, with_sums):
    """Data energy of a stream as arch/cost/operand_energy.h prices it: the table's MAC at random operands
    times what the row of the narrower operand says of these."""
    widths = dict(zip(("weight_bits", "act_bits", "acc_bits"), key_of(mac)), design="mac_acc_register")
    at_random = surface.evaluate("energy", energies, fitted, data_pj, widths)
    model = row["model"] if with_sums else row["model"]["operands"]
    def pj(weight, act, sums):
        return activity_model.model_pj(model["settled"], mac, weight, act, sums if with_sums else None)
    return at_random * pj(entry["weight"], entry["act"], entry["sum_toggles"]) / \
        pj(random_operand(mac["WeightBits"]), random_operand(mac["ActBits"]), random_sum_toggles(*key_of(mac)))


def priced_errors(operations, statistics, energies, with_sums):
    """(error of the MAC with its clock pins, of its data energy) of the program's prices on the traces' streams."""
    macs = {row["parameters"]["ActBits"]: row["parameters"] for row in operations["rows"] if row["group"] == "unsigned_act"}
    rows = {row["parameters"]["WeightBits"]: row for row in operations["rows"] if row["group"] == "width"}
    fitted, guesses, clocks, truths = surface.fitted("energy", energies, data_pj), [], [], []
    for entry in statistics["rows"]:
        mac = macs[entry["act_bits"]]
        guesses.append(priced(entry, mac, rows[glitches.narrower(mac)], energies, fitted, with_sums))
        clocks.append(entry["clock_pj"])
        truths.append(entry["settled_data_pj"])
    return (fit.errors([g + c for g, c in zip(guesses, clocks)], [t + c for t, c in zip(truths, clocks)]),
            fit.errors(guesses, truths))


def percents(errors):
    mac, data = errors
    return (f"mean {100 * mac['mean']:.1f} %, max {100 * mac['max']:.1f} % of the MAC's energy with clock pins, "
            f"mean {100 * data['mean']:.1f} %, max {100 * data['max']:.1f} % of its data energy")


def activity_row(row):
    def terms(model, sums):
        return dict(zip(("pp_pj", "weight_pj", "act_pj", sums, "ones_pj"), model["settled"]))
    return {"bits": row["parameters"]["WeightBits"], "acc_bits": row["parameters"]["AccBits"],
            **terms(row["model"]["operands"], "acc_pj"), "with_sums": terms(row["model"], "sum_pj")}


def activity(operations, statistics, energies):
    """Coefficients of activity_model.py for MACs of equal operand widths, and the error of what the program
    prices with them."""
    with_sums, operands = (priced_errors(operations, statistics, energies, which) for which in (True, False))
    return {
        "status": "measured",
        "source": "statistics of the operands and, where counted, toggles of their sums, fitted to gate-level simulation "
                  "over a grid of random streams; model error, not silicon error, of these prices on two networks' own "
                  f"streams: {percents(with_sums)}; by the operands alone {percents(operands)}",
        "valid": "signed operands, acc_bits = 2 * bits + 8; other MACs by proportion",
        "rows": [activity_row(row) for row in operations["rows"] if row["group"] == "width"]}


def dump(value, indent=0):
    """JSON with one line per table row and figure."""
    pad = "  " * (indent + 1)
    if isinstance(value, dict) and any(isinstance(v, (dict, list)) for v in value.values()):
        items = [f"{pad}{json.dumps(k)}: {dump(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + "  " * indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(pad + json.dumps(v) for v in value) + "\n" + "  " * indent + "]"
    return json.dumps(value)
