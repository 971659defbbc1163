#include "workloads/model/precision_plan.h"

#include <algorithm>

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::JsonWriter;
using numeric::Precision;
using numeric::WeightEncoding;

std::optional<int> read_bits(JsonReader& reader, std::string_view key, int low, int high) {
  const auto bits = static_cast<int>(reader.integer(key, {low, high}, low));
  return reader.has(key) ? std::optional<int>(bits) : std::nullopt;
}

std::optional<bool> read_flag(JsonReader& reader, std::string_view key) {
  const bool flag = reader.boolean(key, false);
  return reader.has(key) ? std::optional<bool>(flag) : std::nullopt;
}

PrecisionRule read_rule(JsonReader& reader, bool with_layers) {
  using numeric::kMaxAccBits;
  using numeric::kMaxOperandBits;
  using numeric::kMinAccBits;
  PrecisionRule rule;
  if (with_layers) {
    rule.layers = reader.string("layers");
    if (rule.layers.empty() && reader.has("layers")) {
      reader.problem("expected a layer's name or a pattern with * and ?", "layers");
    }
  }
  rule.weight_bits = read_bits(reader, "weight_bits", 1, kMaxOperandBits);
  rule.act_bits = read_bits(reader, "act_bits", 1, kMaxOperandBits);
  rule.output_bits = read_bits(reader, "output_bits", 1, kMaxOperandBits);
  rule.acc_bits = read_bits(reader, "acc_bits", kMinAccBits, kMaxAccBits);
  rule.psum_bits = read_bits(reader, "psum_bits", kMinAccBits, kMaxAccBits);
  rule.weight_signed = read_flag(reader, "weight_signed");
  rule.act_signed = read_flag(reader, "act_signed");
  const WeightEncoding encoding = reader.one_of("weight_encoding", numeric::kWeightEncodingNames,
                                                WeightEncoding::TwosComplement);
  if (reader.has("weight_encoding")) rule.weight_encoding = encoding;
  reader.finish();
  return rule;
}

std::optional<PrecisionRule> read_optional_rule(JsonReader& reader, std::string_view key) {
  JsonReader rule = reader.object(key, false);
  if (!reader.has(key)) return std::nullopt;
  return read_rule(rule, false);
}

void write_rule(JsonWriter& json, const PrecisionRule& rule) {
  if (!rule.layers.empty()) json.member("layers", rule.layers);
  if (rule.weight_bits) json.member("weight_bits", *rule.weight_bits);
  if (rule.act_bits) json.member("act_bits", *rule.act_bits);
  if (rule.output_bits) json.member("output_bits", *rule.output_bits);
  if (rule.acc_bits) json.member("acc_bits", *rule.acc_bits);
  if (rule.psum_bits) json.member("psum_bits", *rule.psum_bits);
  if (rule.weight_signed) json.member("weight_signed", *rule.weight_signed);
  if (rule.act_signed) json.member("act_signed", *rule.act_signed);
  if (rule.weight_encoding) {
    json.member("weight_encoding", numeric::kWeightEncodingNames.name(*rule.weight_encoding));
  }
  json.end();
}

template <class T>
void take(std::optional<T>& into, const std::optional<T>& from) {
  if (from) into = from;
}

/// The rules of a plan merged for one layer, and which of them its codes are of.
struct MergedRule {
  PrecisionRule rule;
  /// "/overrides/1/weight_encoding": the latest that says how weights are coded.
  std::string codes = "/default";
};

void apply(PrecisionRule& into, const PrecisionRule& rule) {
  take(into.weight_bits, rule.weight_bits);
  take(into.act_bits, rule.act_bits);
  take(into.output_bits, rule.output_bits);
  take(into.acc_bits, rule.acc_bits);
  take(into.psum_bits, rule.psum_bits);
  take(into.weight_signed, rule.weight_signed);
  take(into.act_signed, rule.act_signed);
  take(into.weight_encoding, rule.weight_encoding);
}

void apply(MergedRule& into, const PrecisionRule& rule, const std::string& place) {
  apply(into.rule, rule);
  if (rule.weight_encoding) {
    into.codes = place + "/weight_encoding";
  } else if (rule.weight_bits) {
    into.codes = place + "/weight_bits";
  } else if (rule.weight_signed) {
    into.codes = place + "/weight_signed";
  }
}

/// Layers with MACs that an override means: those of that very name, else those that match.
std::vector<std::size_t> layers_of(const std::string& pattern, const Network& network) {
  std::vector<std::size_t> exact, matching;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    if (!layer.has_macs()) continue;
    if (layer.name == pattern) exact.push_back(i);
    if (matches(pattern, layer.name)) matching.push_back(i);
  }
  return exact.empty() ? matching : exact;
}

std::string no_match_message(const std::string& pattern, const Network& network) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) {
    if (layer.has_macs()) names.push_back(layer.name);
  }
  const std::string near = base::nearest(pattern, names);
  return "'" + pattern + "' matches no layer with MACs of network '" + network.name + "'" +
         (near.empty() ? "" : "; did you mean '" + near + "'?");
}

/// The rules of a plan merged for every layer.
std::vector<MergedRule> merge_rules(const PrecisionPlan& plan, const Network& network,
                                    base::Problems& problems) {
  MergedRule usual;
  apply(usual, plan.default_rule, "/default");
  std::vector<MergedRule> merged(network.layers.size(), usual);
  const int first = network.first_mac_layer();
  const int last = network.last_mac_layer();
  if (plan.first_layer && first >= 0) {
    apply(merged[static_cast<std::size_t>(first)], *plan.first_layer, "/first_layer");
  }
  if (plan.last_layer && last >= 0) {
    apply(merged[static_cast<std::size_t>(last)], *plan.last_layer, "/last_layer");
  }
  for (std::size_t i = 0; i < plan.overrides.size(); ++i) {
    const PrecisionRule& rule = plan.overrides[i];
    const std::string place = "/overrides/" + std::to_string(i);
    const std::vector<std::size_t> chosen = layers_of(rule.layers, network);
    if (chosen.empty()) {
      problems.add("precision '" + plan.name + "':" + place,
                   no_match_message(rule.layers, network));
    }
    for (const std::size_t layer : chosen) apply(merged[layer], rule, place);
  }
  return merged;
}

bool gives_widths(const PrecisionRule& rule) { return rule.weight_bits || rule.act_bits; }

/// A plan that lists layers and whose default is empty, as an imported list is, is of a network all
/// of whose layers it lists.
void check_listed(const PrecisionPlan& plan, const Network& network,
                  const std::vector<MergedRule>& merged, base::Problems& problems) {
  constexpr std::size_t kNamed = 8;
  const PrecisionRule& usual = plan.default_rule;
  if (plan.overrides.empty() || gives_widths(usual) || usual.acc_bits || usual.psum_bits ||
      usual.output_bits || usual.weight_signed || usual.act_signed || usual.weight_encoding) {
    return;
  }
  std::vector<std::string> unlisted;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    if (network.layers[i].has_macs() && !gives_widths(merged[i].rule)) {
      unlisted.push_back(network.layers[i].name);
    }
  }
  if (unlisted.empty()) return;
  const std::size_t count = unlisted.size();
  unlisted.resize(std::min(count, kNamed));
  problems.add("precision '" + plan.name + "':/default",
               "is empty, and no other rule gives widths to " + std::to_string(count) +
                   " layers with MACs of network '" + network.name +
                   "': " + base::comma_separated(unlisted) + (count > kNamed ? ", …" : "") +
                   "; list them, or give the default weight_bits and act_bits");
}

Precision fill(const PrecisionRule& rule, int default_acc_bits) {
  Precision precision;
  precision.weight_bits = rule.weight_bits.value_or(precision.weight_bits);
  precision.act_bits = rule.act_bits.value_or(precision.act_bits);
  precision.acc_bits = rule.acc_bits.value_or(default_acc_bits);
  precision.psum_bits = rule.psum_bits.value_or(precision.acc_bits);
  precision.weight_encoding = rule.weight_encoding.value_or(precision.weight_encoding);
  const bool affine = precision.weight_encoding == WeightEncoding::Affine;
  precision.weight_signed = rule.weight_signed.value_or(!affine);
  precision.act_signed = rule.act_signed.value_or(precision.act_signed);
  return precision;
}

/// What the encodings of numeric/precision.h demand.
std::string encoding_problem(const Precision& precision) {
  switch (precision.weight_encoding) {
    case WeightEncoding::Bipolar:
      if (precision.weight_bits == 1) return "";
      return "bipolar weights have 1 bit, given " + std::to_string(precision.weight_bits);
    case WeightEncoding::Odd:
      return precision.weight_signed ? "" : "odd weights are signed codes";
    case WeightEncoding::TwosComplement:
    case WeightEncoding::Affine:
      break;
  }
  return "";
}

/// Width at which each layer's output is wanted (see the header), 0 when by nobody. Walks from the
/// end, so that demands pass through layers without MACs.
std::vector<int> demanded_bits(const Network& network, const std::vector<Precision>& precisions) {
  std::vector<int> demand(network.layers.size(), 0);
  std::vector<int> through_adds(network.layers.size(), 0);
  for (std::size_t i = network.layers.size(); i > 0; --i) {
    const Layer& layer = network.layers[i - 1];
    int& own_demand = demand[i - 1];
    if (own_demand == 0) own_demand = through_adds[i - 1];
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
      if (layer.inputs[k] < 0) continue;
      const auto producer = static_cast<std::size_t>(layer.inputs[k]);
      const Precision& reader = precisions[i - 1];
      const bool second = k == 1 && layer.weights_are_activations();
      const int read = second ? reader.weight_bits : reader.act_bits;
      int& wanted = layer.kind == LayerKind::Add ? through_adds[producer] : demand[producer];
      wanted = std::max(wanted, layer.has_macs() ? read : own_demand);
    }
  }
  return demand;
}

/// Widths of layers without MACs: the widest stored width among their inputs. The network's input
/// is stored as the layer wants it.
void carry_through(const Network& network, std::vector<Precision>& precisions,
                   const std::vector<int>& demand) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (network.layers[i].has_macs()) continue;
    int stored = 0;
    for (const int producer : network.layers[i].inputs) {
      stored = std::max(stored, producer < 0
                                    ? demand[i]
                                    : precisions[static_cast<std::size_t>(producer)].output_bits);
    }
    if (stored > 0) precisions[i].act_bits = stored;
    precisions[i].output_bits = precisions[i].act_bits;
  }
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;  // the star takes one character more
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

PrecisionPlan read_precision_plan(JsonReader& reader) {
  PrecisionPlan plan;
  reader.schema_version(kPrecisionSchemaVersion);
  plan.name = reader.string("name");
  JsonReader default_rule = reader.object("default");
  plan.default_rule = read_rule(default_rule, false);
  plan.first_layer = read_optional_rule(reader, "first_layer");
  plan.last_layer = read_optional_rule(reader, "last_layer");
  for (JsonReader& item : reader.array("overrides", false)) {
    plan.overrides.push_back(read_rule(item, true));
  }
  reader.finish();
  return plan;
}

void write_precision_plan(JsonWriter& json, const PrecisionPlan& plan) {
  json.begin_object().member("schema_version", kPrecisionSchemaVersion).member("name", plan.name);
  write_rule(json.begin_object("default"), plan.default_rule);
  if (plan.first_layer) write_rule(json.begin_object("first_layer"), *plan.first_layer);
  if (plan.last_layer) write_rule(json.begin_object("last_layer"), *plan.last_layer);
  if (!plan.overrides.empty()) {
    json.begin_array("overrides");
    for (const PrecisionRule& rule : plan.overrides) write_rule(json.begin_object(), rule);
    json.end();
  }
  json.end();
}

PrecisionPlan uniform_precision(int weight_bits, int act_bits) {
  PrecisionPlan plan;
  plan.name = "w" + std::to_string(weight_bits) + "a" + std::to_string(act_bits);
  plan.default_rule.weight_bits = weight_bits;
  plan.default_rule.act_bits = act_bits;
  return plan;
}

std::vector<Precision> resolve_precision(const PrecisionPlan& plan, const Network& network,
                                         int default_acc_bits) {
  base::Problems problems;
  const std::vector<MergedRule> merged = merge_rules(plan, network, problems);
  check_listed(plan, network, merged, problems);
  std::vector<Precision> precisions;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    precisions.push_back(fill(merged[i].rule, default_acc_bits));
    const std::string problem = encoding_problem(precisions[i]);
    if (!problem.empty() && network.layers[i].has_macs()) {
      problems.add("precision '" + plan.name + "':" + merged[i].codes,
                   "layer '" + network.layers[i].name + "': " + problem);
    }
  }
  problems.throw_if_any();
  const std::vector<int> demand = demanded_bits(network, precisions);
  for (std::size_t i = 0; i < merged.size(); ++i) {
    const int wanted = demand[i] > 0 ? demand[i] : precisions[i].act_bits;
    precisions[i].output_bits = merged[i].rule.output_bits.value_or(wanted);
  }
  carry_through(network, precisions, demand);
  return precisions;
}

}  // namespace bitscale::model
