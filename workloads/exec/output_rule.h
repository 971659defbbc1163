// Turns a node's results into its output tensor by its requantization rule: codes, real values or
// the sums themselves.
#ifndef BITSCALE_WORKLOADS_EXEC_OUTPUT_RULE_H_
#define BITSCALE_WORKLOADS_EXEC_OUTPUT_RULE_H_

#include <cstdint>
#include <optional>

#include "arch/base/error.h"
#include "workloads/exec/fixed_point.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

/// How a value is stored: codes in the smallest type, sums as int64, real values as float32.
model::DType value_dtype(const model::QuantizedValue& value);

class OutputRule {
 public:
  /// multiplier_bits 0: the exact rule. Otherwise the fixed-point rule where there is one.
  OutputRule(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
             std::int64_t channels, int multiplier_bits);

  /// Calls `result(i)` for every output element i; it returns the element's number before the rule
  /// (integral for sums) and its channel. `difference` is counted when a fixed-point rule is used.
  template <class Result>
  model::Tensor apply(Result result, RequantizationDifference* difference) const;

 private:
  template <class T, class Result>
  void fill(T* target, std::int64_t count, Result result,
            RequantizationDifference* difference) const;
  std::int64_t code(double x, std::int64_t channel, RequantizationDifference* difference) const;

  const model::Requantization* rule_;
  const model::QuantizedValue* output_;
  std::optional<FixedPointRule> fixed_;
  std::int64_t stored_offset_ = 0;
  model::DType dtype_;
};

/// One element before its rule.
struct RuleInput {
  double x;
  std::int64_t channel;
};

template <class T, class Result>
void OutputRule::fill(T* target, std::int64_t count, Result result,
                      RequantizationDifference* difference) const {
  for (std::int64_t i = 0; i < count; ++i) {
    const RuleInput input = result(i);
    if (rule_->kind == model::RequantizationKind::None) {
      target[i] = static_cast<T>(input.x);
    } else if (rule_->makes_codes()) {
      target[i] = static_cast<T>(code(input.x, input.channel, difference) + stored_offset_);
    } else {
      target[i] = static_cast<T>(rule_->real(input.x, input.channel));
    }
  }
}

template <class Result>
model::Tensor OutputRule::apply(Result result, RequantizationDifference* difference) const {
  model::Tensor output(dtype_, output_->dims);
  const std::int64_t count = output.elements();
  const auto fill_as = [&](auto type) {
    using T = decltype(type);
    fill(output.mutable_data<T>(), count, result, difference);
  };
  switch (dtype_) {
    case model::DType::Int8:
      fill_as(std::int8_t{});
      break;
    case model::DType::UInt8:
      fill_as(std::uint8_t{});
      break;
    case model::DType::Int16:
      fill_as(std::int16_t{});
      break;
    case model::DType::UInt16:
      fill_as(std::uint16_t{});
      break;
    case model::DType::Int64:
      fill_as(std::int64_t{});
      break;
    case model::DType::Float32:
      fill_as(float{});
      break;
    default:
      throw base::InternalError("a rule's output of this type");
  }
  return output;
}

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_OUTPUT_RULE_H_
