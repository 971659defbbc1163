#include "workloads/model/finite_checks.h"

#include <cmath>
#include <limits>

#include "arch/base/error.h"

namespace bitscale::model {
namespace {

template <class T>
std::string find(const Tensor& tensor) {
  const T* data = tensor.data<T>();
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    if (std::isfinite(data[i])) continue;
    const char* what = std::isnan(data[i]) ? "nan" : data[i] > 0 ? "inf" : "-inf";
    return std::string("holds ") + what + " at element " + std::to_string(i) +
           "; constants must be finite";
  }
  return "";
}

bool has_nan(const Tensor& tensor) {
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    if (std::isnan(tensor.real(i))) return true;
  }
  return false;
}

}  // namespace

std::string non_finite_text(const Tensor& tensor) {
  if (tensor.dtype() == DType::Float32) return find<float>(tensor);
  if (tensor.dtype() == DType::Float64) return find<double>(tensor);
  return "";
}

std::string beyond_int64_text(const Tensor& tensor) {
  if (tensor.dtype() != DType::UInt64) return "";
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto* data = tensor.data<std::uint64_t>();
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    if (data[i] <= kMost) continue;
    return "element " + std::to_string(i) + " is " + std::to_string(data[i]) + ", above 2^63 - 1";
  }
  return "";
}

void refuse_non_finite_constants(const Graph& graph, const std::string& file) {
  base::Problems problems;
  for (const Node& node : graph.nodes) {
    for (const int input : node.inputs) {
      if (input == kNoValue || !graph.value(input).constant) continue;
      const Value& value = graph.value(input);
      const std::string problem = non_finite_text(*value.constant);
      if (problem.empty()) continue;
      if (node.op == Operator::MultiThreshold && !has_nan(*value.constant)) continue;
      problems.add(
          file + ": node '" + node.name + "' (" + std::string(kOperatorNames.name(node.op)) + ")",
          "tensor '" + value.name + "' " + problem);
    }
  }
  problems.throw_if_any();
}

}  // namespace bitscale::model
