#include "workloads/import/onnx_ops.h"

#include <algorithm>

namespace bitscale::import {
namespace {

OnnxConverter find_in(const std::vector<OnnxOperator>& family, const std::string& op) {
  for (const OnnxOperator& entry : family) {
    if (op == entry.name) return entry.convert;
  }
  return nullptr;
}

std::vector<const std::vector<OnnxOperator>*> standard_families() {
  return {&kOnnxMacOperators,   &kOnnxPoolOperators,  &kOnnxElementwiseOperators,
          &kOnnxShapeOperators, &kOnnxIndexOperators, &kOnnxQuantOperators};
}

}  // namespace

OnnxConverter find_converter(const std::string& op, const std::string& domain) {
  const bool standard = domain.empty() || domain == "ai.onnx";
  if (standard) {
    for (const auto* family : standard_families()) {
      if (const OnnxConverter found = find_in(*family, op)) return found;
    }
  }
  const bool qonnx = domain.empty() || domain == "onnx.brevitas" ||
                     domain == "finn.custom_op.general" || domain == "qonnx.custom_op.general";
  return qonnx ? find_in(kQonnxOperators, op) : nullptr;
}

std::vector<std::string> known_operators() {
  std::vector<std::string> names;
  for (const auto* family : standard_families()) {
    for (const OnnxOperator& entry : *family) names.emplace_back(entry.name);
  }
  for (const OnnxOperator& entry : kQonnxOperators) names.emplace_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace bitscale::import
