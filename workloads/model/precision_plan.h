// Bit widths of a whole network: a default, the first and last layer, overrides by name or pattern.
//
//   {"schema_version": 1, "name": "w4a4", "default": {"weight_bits": 4, "act_bits": 4},
//    "first_layer": {"weight_bits": 8, "act_bits": 8}, "last_layer": {...},
//    "overrides": [{"layers": "layer3.*", "weight_bits": 2}]}
//
// An empty default beside overrides stands for nothing: they must give every layer with MACs
// widths.
//
// Later rules win: default, then first/last layer, then overrides in order. Only layers with MACs
// take widths from rules; a layer without MACs carries its input's stored width through (the widest
// of several). What no rule gives:
//  output_bits  the widest width at which a layer with MACs reads the output, directly or through
//               pools and activations (act_bits, or weight_bits for the second operand of a
//               matmul). An add takes its operands as they are stored; what its own readers want
//               counts only for a tensor that nothing but adds reads. Without readers: act_bits.
//  acc_bits     32; on an array whose PEs have a narrower accumulator that one's bits.
//  psum_bits    acc_bits.
//  weight_signed  true, or false with affine weights.
#ifndef BITSCALE_WORKLOADS_MODEL_PRECISION_PLAN_H_
#define BITSCALE_WORKLOADS_MODEL_PRECISION_PLAN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "arch/numeric/precision.h"
#include "workloads/model/network.h"

namespace bitscale::model {

inline constexpr int kPrecisionSchemaVersion = 1;

/// Members of a rule, to be combined.
enum RuleMember : unsigned {
  kWeightBits = 1,
  kActBits = 2,
  kOutputBits = 4,
  kAccBits = 8,
  kPsumBits = 16,
  kWeightSigned = 32,
  kActSigned = 64,
  kWeightEncoding = 128,
  kLayers = 256
};
inline constexpr unsigned kWholeRule = 511;

/// A partial precision: what one rule sets.
struct PrecisionRule {
  std::string layers;  ///< layer name or pattern with * and ?; "" for default, first and last
  std::optional<int> weight_bits, act_bits, output_bits, acc_bits, psum_bits;
  std::optional<bool> weight_signed, act_signed;
  std::optional<numeric::WeightEncoding> weight_encoding;
  /// RuleMembers that a file with problems gives wrong or may mean to give: not among the above.
  unsigned unread = 0;
};

struct PrecisionPlan {
  std::string name;
  PrecisionRule default_rule;
  std::optional<PrecisionRule> first_layer, last_layer;
  std::vector<PrecisionRule> overrides;
  bool rules_unread = false;  ///< a file with problems may mean to give other rules
};

/// Whether `text` matches a pattern of literals, * (any run) and ? (any one character).
bool matches(std::string_view pattern, std::string_view text);

PrecisionPlan read_precision_plan(base::JsonReader& reader);
void write_precision_plan(base::JsonWriter& json, const PrecisionPlan& plan);

/// Uniform widths for all layers, accumulators as in numeric::Precision's defaults.
PrecisionPlan uniform_precision(int weight_bits, int act_bits);

/// One Precision per layer of the network; `default_acc_bits` where no rule gives acc_bits. Throws
/// UserError, placed at "precision 'NAME':/pointer", when a pattern matches no layer, when nothing
/// gives a layer widths, or when widths do not suit an encoding.
std::vector<numeric::Precision> resolve_precision(
    const PrecisionPlan& plan, const Network& network,
    int default_acc_bits = numeric::Precision{}.acc_bits);

/// The same of a plan that was read with problems, adding to `problems` those that hold whatever
/// its unread members should have been. Widths in doubt are the least there are.
std::vector<numeric::Precision> resolve_precision(const PrecisionPlan& plan, const Network& network,
                                                  int default_acc_bits, base::Problems& problems);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_PRECISION_PLAN_H_
