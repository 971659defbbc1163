#include "arch/spec/pim_array.h"

#include <array>

#include "arch/base/error.h"

namespace bitscale::spec {
namespace {

constexpr std::int64_t kMostWordlines = 1024;  // rtl/pim_array.sv
constexpr std::int64_t kMostBitlines = 65536;
constexpr std::int64_t kMostArrays = std::int64_t{1} << 20;
constexpr int kWidestSlice = 8;

// Ranges of prices: far beyond any technology, and no run of them reaches infinity.
constexpr base::NumberRange kPrice{0, 1e9};
constexpr base::NumberRange kMacPrice{1e-9, 1e9};

struct PriceKey {
  const char* key;
  double PimCostSpec::*member;
};

constexpr std::array<PriceKey, 8> kComponentKeys{{
    {"cell_fj", &PimCostSpec::cell_fj},
    {"wordline_fj", &PimCostSpec::wordline_fj},
    {"shift_add_fj", &PimCostSpec::shift_add_fj},
    {"write_fj", &PimCostSpec::write_fj},
    {"cell_um2", &PimCostSpec::cell_um2},
    {"wordline_um2", &PimCostSpec::wordline_um2},
    {"column_um2", &PimCostSpec::column_um2},
    {"leakage_mw_per_mm2", &PimCostSpec::leakage_mw_per_mm2},
}};

// What may be told apart of the first two, or left in them.
constexpr std::array<PriceKey, 5> kPartKeys{{
    {"adder_tree_fj", &PimCostSpec::adder_tree_fj},
    {"driver_fj", &PimCostSpec::driver_fj},
    {"decoder_fj", &PimCostSpec::decoder_fj},
    {"control_fj", &PimCostSpec::control_fj},
    {"register_fj", &PimCostSpec::register_fj},
}};

constexpr std::array<PriceKey, 3> kAnalyticalKeys{{
    {"mem_pj_per_bit", &PimCostSpec::mem_pj_per_bit},
    {"mac_pj_per_bit", &PimCostSpec::mac_pj_per_bit},
    {"mac_pj", &PimCostSpec::mac_pj},
}};

int read_int(base::JsonReader& reader, std::string_view key, base::IntegerRange range,
             int fallback) {
  return static_cast<int>(reader.integer(key, range, fallback));
}

std::vector<PimMacEnergy> read_per_mac(base::JsonReader& reader) {
  std::vector<PimMacEnergy> rows;
  for (base::JsonReader& item : reader.array("per_mac")) {
    PimMacEnergy row;
    row.bits = static_cast<int>(item.integer("bits", {1, numeric::kMaxOperandBits}));
    row.fj = item.number("fj", kMacPrice);
    item.finish();
    if (!rows.empty() && (row.bits <= rows.back().bits || row.fj < rows.back().fj)) {
      item.problem("rows go from narrow to wide, and a wider MAC costs no less");
    }
    rows.push_back(row);
  }
  if (rows.empty()) reader.problem("needs at least one row", "per_mac");
  return rows;
}

PimCostSpec read_cost(base::JsonReader reader) {
  PimCostSpec cost;
  cost.source = reader.one_of("source", kPimCostSourceNames, cost.source);
  cost.node_nm = reader.integer("node_nm", {1, 1000}, cost.node_nm);
  cost.per_mac = read_per_mac(reader);
  cost.round_up = reader.boolean("round_up", cost.round_up);
  base::JsonReader components = reader.object("components");
  for (const PriceKey& entry : kComponentKeys) {
    cost.*entry.member = components.number(entry.key, kPrice);
  }
  for (const PriceKey& entry : kPartKeys) {
    cost.*entry.member = components.number(entry.key, kPrice, 0);
  }
  components.finish();
  base::JsonReader analytical = reader.object("analytical");
  for (const PriceKey& entry : kAnalyticalKeys) {
    cost.*entry.member = analytical.number(entry.key, kPrice);
  }
  analytical.finish();
  reader.finish();
  return cost;
}

void write_cost(base::JsonWriter& json, const PimCostSpec& cost) {
  json.begin_object("cost").member("source", kPimCostSourceNames.name(cost.source));
  json.member("node_nm", cost.node_nm).begin_array("per_mac");
  for (const PimMacEnergy& row : cost.per_mac) {
    json.begin_object().member("bits", row.bits).member("fj", row.fj).end();
  }
  json.end().member("round_up", cost.round_up).begin_object("components");
  for (const PriceKey& entry : kComponentKeys) json.member(entry.key, cost.*entry.member);
  for (const PriceKey& entry : kPartKeys) json.member(entry.key, cost.*entry.member);
  json.end().begin_object("analytical");
  for (const PriceKey& entry : kAnalyticalKeys) json.member(entry.key, cost.*entry.member);
  json.end().end();
}

void read_use(base::JsonReader& reader, PimArraySpec& pim) {
  pim.weights = reader.one_of("weights", kPimWeightsNames, pim.weights);
  pim.assignment = reader.one_of("assignment", kPimAssignmentNames, pim.assignment);
  if (reader.has("layers")) {
    pim.layers.clear();
    for (base::JsonReader& item : reader.array("layers")) {
      pim.layers.push_back(item.as_string());
      if (pim.layers.back().empty()) {
        item.problem("expected a layer's name or a pattern with * and ?");
      }
    }
  }
  pim.unsupported = reader.one_of("unsupported", kPimUnsupportedNames, pim.unsupported);
  pim.cost = read_cost(reader.object("cost"));
}

void check(base::JsonReader& reader, const PimArraySpec& pim) {
  if (pim.slice_bits % pim.bits_per_cell != 0) {
    reader.problem("a slice of " + std::to_string(pim.slice_bits) +
                       " bits does not lie in whole cells of " + std::to_string(pim.bits_per_cell) +
                       " bits",
                   "slice_bits");
    return;
  }
  if (pim.wordlines > pim.adder_tree_inputs) {
    reader.problem(std::to_string(pim.wordlines) + " wordlines exceed the adder tree's " +
                       std::to_string(pim.adder_tree_inputs) +
                       " inputs: a tree sums all of them at once",
                   "wordlines");
  }
  if (weights_per_wordline(pim, pim.weight_bits) == 0) {
    reader.problem(
        "a wordline does not hold " + std::to_string(pim.col_mux) +
            (pim.col_mux == 1 ? " weight of " : " weights of ") + std::to_string(pim.weight_bits) +
            " bits, which " + (pim.col_mux == 1 ? "needs " : "need ") +
            std::to_string(pim.col_mux * cells_per_weight(pim, pim.weight_bits)) + " cells",
        "bitlines");
  }
}

}  // namespace

std::int64_t cells_per_weight(const PimArraySpec& pim, int weight_bits) {
  const int slices = (weight_bits + pim.slice_bits - 1) / pim.slice_bits;
  return slices * (pim.slice_bits / pim.bits_per_cell);
}

std::int64_t weights_per_wordline(const PimArraySpec& pim, int weight_bits) {
  const std::int64_t weights = pim.bitlines / cells_per_weight(pim, weight_bits);
  return weights - weights % pim.col_mux;
}

bool supports(const PimArraySpec& pim, int weight_bits, int act_bits) {
  return weight_bits >= 1 && act_bits >= 1 && weight_bits <= pim.weight_bits &&
         act_bits <= pim.act_bits;
}

double macs_per_array_cycle(const PimArraySpec& pim, int weight_bits, int act_bits) {
  BITSCALE_INVARIANT(supports(pim, weight_bits, act_bits), "operands wider than the PIM array");
  return static_cast<double>(pim.wordlines * weights_per_wordline(pim, weight_bits)) /
         static_cast<double>(act_bits * pim.col_mux);
}

PimArraySpec read_pim_array(base::JsonReader& reader) {
  const base::IntegerRange operand{1, numeric::kMaxOperandBits};
  PimArraySpec pim;
  pim.arrays = reader.integer("arrays", {1, kMostArrays});
  pim.wordlines = reader.integer("wordlines", {1, kMostWordlines});
  pim.bitlines = reader.integer("bitlines", {1, kMostBitlines});
  pim.bits_per_cell = read_int(reader, "bits_per_cell", {1, kWidestSlice}, pim.bits_per_cell);
  pim.slice_bits = read_int(reader, "slice_bits", {1, kWidestSlice}, pim.slice_bits);
  pim.col_mux = reader.integer("col_mux", {1, kMostBitlines}, pim.col_mux);
  pim.adder_tree_inputs = reader.integer("adder_tree_inputs", {1, kMostWordlines}, pim.wordlines);
  pim.weight_bits = read_int(reader, "weight_bits", operand, pim.weight_bits);
  pim.act_bits = read_int(reader, "act_bits", operand, pim.act_bits);
  pim.acc_bits =
      read_int(reader, "acc_bits", {numeric::kMinAccBits, numeric::kMaxAccBits}, pim.acc_bits);
  pim.overflow = reader.one_of("overflow", numeric::kOverflowPolicyNames, pim.overflow);
  pim.sign = reader.one_of("sign", numeric::kSliceSignNames, pim.sign);
  pim.gate_zero_acts = reader.boolean("gate_zero_acts", pim.gate_zero_acts);
  pim.gate_zero_weights = reader.boolean("gate_zero_weights", pim.gate_zero_weights);
  pim.skip_zero_planes = reader.boolean("skip_zero_planes", pim.skip_zero_planes);
  read_use(reader, pim);
  reader.finish();
  check(reader, pim);
  return pim;
}

void write_pim_array(base::JsonWriter& json, const PimArraySpec& pim) {
  json.begin_object("pim");
  json.member("arrays", pim.arrays).member("wordlines", pim.wordlines);
  json.member("bitlines", pim.bitlines).member("bits_per_cell", pim.bits_per_cell);
  json.member("slice_bits", pim.slice_bits).member("col_mux", pim.col_mux);
  json.member("adder_tree_inputs", pim.adder_tree_inputs);
  json.member("weight_bits", pim.weight_bits).member("act_bits", pim.act_bits);
  json.member("acc_bits", pim.acc_bits);
  json.member("overflow", numeric::kOverflowPolicyNames.name(pim.overflow));
  json.member("sign", numeric::kSliceSignNames.name(pim.sign));
  json.member("gate_zero_acts", pim.gate_zero_acts);
  json.member("gate_zero_weights", pim.gate_zero_weights);
  json.member("skip_zero_planes", pim.skip_zero_planes);
  json.member("weights", kPimWeightsNames.name(pim.weights));
  json.member("assignment", kPimAssignmentNames.name(pim.assignment)).begin_array("layers");
  for (const std::string& pattern : pim.layers) json.value(pattern);
  json.end().member("unsupported", kPimUnsupportedNames.name(pim.unsupported));
  write_cost(json, pim.cost);
  json.end();
}

}  // namespace bitscale::spec
