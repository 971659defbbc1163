// What the rules of a precision plan give each layer of a network.
#include <algorithm>

#include "workloads/model/precision_plan.h"

namespace bitscale::model {
namespace {

using numeric::Precision;
using numeric::WeightEncoding;

template <class T>
void take(std::optional<T>& into, const std::optional<T>& from) {
  if (from) into = from;
}

/// The rules of a plan merged for one layer, and which of them its codes are of.
struct MergedRule {
  PrecisionRule rule;  ///< "unread": RuleMembers in doubt
  /// "/overrides/1/weight_encoding": the latest that says how weights are coded.
  std::string codes = "/default";

  bool is_sure_of(unsigned members) const { return (rule.unread & members) == 0; }
};

unsigned given_by(const PrecisionRule& rule) {
  return (rule.weight_bits ? kWeightBits : 0u) | (rule.act_bits ? kActBits : 0u) |
         (rule.output_bits ? kOutputBits : 0u) | (rule.acc_bits ? kAccBits : 0u) |
         (rule.psum_bits ? kPsumBits : 0u) | (rule.weight_signed ? kWeightSigned : 0u) |
         (rule.act_signed ? kActSigned : 0u) | (rule.weight_encoding ? kWeightEncoding : 0u);
}

void apply(PrecisionRule& into, const PrecisionRule& rule) {
  take(into.weight_bits, rule.weight_bits);
  take(into.act_bits, rule.act_bits);
  take(into.output_bits, rule.output_bits);
  take(into.acc_bits, rule.acc_bits);
  take(into.psum_bits, rule.psum_bits);
  take(into.weight_signed, rule.weight_signed);
  take(into.act_signed, rule.act_signed);
  take(into.weight_encoding, rule.weight_encoding);
  into.unread = (into.unread & ~given_by(rule)) | rule.unread;
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

/// The layer whose name a pattern without layers may have meant, or none.
const Layer* meant(const std::string& pattern, const Network& network) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) {
    if (layer.has_macs()) names.push_back(layer.name);
  }
  const std::string near = base::nearest(pattern, names);
  const auto found = std::find_if(
      network.layers.begin(), network.layers.end(),
      [&](const Layer& layer) { return !near.empty() && layer.has_macs() && layer.name == near; });
  return found == network.layers.end() ? nullptr : &*found;
}

std::string no_match_message(const std::string& pattern, const Network& network,
                             const Layer* near) {
  return "'" + pattern + "' matches no layer with MACs of network '" + network.name + "'" +
         (near == nullptr ? "" : "; did you mean '" + near->name + "'?");
}

/// A rule that may be meant for this layer.
void doubt(MergedRule& layer, const PrecisionRule& rule) {
  layer.rule.unread |= given_by(rule) | rule.unread;
}

void apply_override(const PrecisionPlan& plan, std::size_t index, const Network& network,
                    std::vector<MergedRule>& merged, base::Problems& problems) {
  const PrecisionRule& rule = plan.overrides[index];
  const std::string place = "/overrides/" + std::to_string(index);
  if ((rule.unread & kLayers) != 0) {
    for (MergedRule& layer : merged) doubt(layer, rule);
    return;
  }
  const std::vector<std::size_t> chosen = layers_of(rule.layers, network);
  for (const std::size_t layer : chosen) apply(merged[layer], rule, place);
  if (!chosen.empty()) return;
  const Layer* near = meant(rule.layers, network);
  problems.add("precision '" + plan.name + "':" + place,
               no_match_message(rule.layers, network, near));
  if (near != nullptr) {
    doubt(merged[static_cast<std::size_t>(near - network.layers.data())], rule);
  }
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
    apply_override(plan, i, network, merged, problems);
  }
  for (MergedRule& layer : merged) {
    if (plan.rules_unread) layer.rule.unread = kWholeRule;
  }
  return merged;
}

bool gives_widths(const PrecisionRule& rule) {
  return ((given_by(rule) | rule.unread) & (kWeightBits | kActBits)) != 0;
}

/// A plan that lists layers and whose default is empty, as an imported list is, is of a network all
/// of whose layers it lists.
void check_listed(const PrecisionPlan& plan, const Network& network,
                  const std::vector<MergedRule>& merged, base::Problems& problems) {
  constexpr std::size_t kNamed = 8;
  const PrecisionRule& usual = plan.default_rule;
  if (plan.overrides.empty() || (given_by(usual) | usual.unread) != 0) return;
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

Precision fill(const MergedRule& merged, int default_acc_bits) {
  const PrecisionRule& rule = merged.rule;
  Precision precision;
  const auto bits = [&](const std::optional<int>& given, RuleMember member, int usual, int least) {
    return merged.is_sure_of(member) ? given.value_or(usual) : least;
  };
  precision.weight_bits = bits(rule.weight_bits, kWeightBits, precision.weight_bits, 1);
  precision.act_bits = bits(rule.act_bits, kActBits, precision.act_bits, 1);
  precision.acc_bits = bits(rule.acc_bits, kAccBits, default_acc_bits, numeric::kMinAccBits);
  precision.psum_bits = bits(rule.psum_bits, kPsumBits, precision.acc_bits, numeric::kMinAccBits);
  precision.weight_encoding = rule.weight_encoding.value_or(precision.weight_encoding);
  const bool affine = precision.weight_encoding == WeightEncoding::Affine;
  precision.weight_signed = rule.weight_signed.value_or(!affine);
  precision.act_signed = rule.act_signed.value_or(precision.act_signed);
  return precision;
}

/// What the encodings of numeric/precision.h demand, of codes that are sure.
std::string encoding_problem(const MergedRule& merged, const Precision& precision) {
  switch (precision.weight_encoding) {
    case WeightEncoding::Bipolar:
      if (precision.weight_bits == 1 || !merged.is_sure_of(kWeightEncoding | kWeightBits)) break;
      return "bipolar weights have 1 bit, given " + std::to_string(precision.weight_bits);
    case WeightEncoding::Odd:
      if (precision.weight_signed || !merged.is_sure_of(kWeightEncoding | kWeightSigned)) break;
      return "odd weights are signed codes";
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

std::vector<Precision> resolve_precision(const PrecisionPlan& plan, const Network& network,
                                         int default_acc_bits) {
  base::Problems problems;
  std::vector<Precision> precisions = resolve_precision(plan, network, default_acc_bits, problems);
  problems.throw_if_any();
  return precisions;
}

std::vector<Precision> resolve_precision(const PrecisionPlan& plan, const Network& network,
                                         int default_acc_bits, base::Problems& problems) {
  const std::vector<MergedRule> merged = merge_rules(plan, network, problems);
  if (!plan.rules_unread) check_listed(plan, network, merged, problems);
  std::vector<Precision> precisions;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    precisions.push_back(fill(merged[i], default_acc_bits));
    const std::string problem = encoding_problem(merged[i], precisions[i]);
    if (problem.empty() || !network.layers[i].has_macs()) continue;
    problems.add("precision '" + plan.name + "':" + merged[i].codes,
                 "layer '" + network.layers[i].name + "': " + problem);
    precisions[i].weight_bits = 1;  // what it should be is not known
  }
  const std::vector<int> demand = demanded_bits(network, precisions);
  for (std::size_t i = 0; i < merged.size(); ++i) {
    const int wanted = demand[i] > 0 ? demand[i] : precisions[i].act_bits;
    precisions[i].output_bits =
        merged[i].is_sure_of(kOutputBits) ? merged[i].rule.output_bits.value_or(wanted) : 1;
  }
  carry_through(network, precisions, demand);
  return precisions;
}

}  // namespace bitscale::model
