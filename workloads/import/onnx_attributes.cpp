#include "workloads/import/onnx_attributes.h"

#include <map>
#include <utility>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::import {
namespace {

struct KnownAttribute {
  const char* name;
  const char* type;
  int last_opset = kMaxOpset;  ///< later ones take it as an input
};
using KnownAttributes = std::vector<KnownAttribute>;

KnownAttributes window_and(KnownAttributes more) {
  KnownAttributes list = {{"auto_pad", "STRING"},
                          {"dilations", "INTS"},
                          {"kernel_shape", "INTS"},
                          {"pads", "INTS"},
                          {"strides", "INTS"}};
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

// Convolutions, products and pools.
void add_windows(std::map<std::string, KnownAttributes>& known) {
  for (const char* op : {"Conv", "ConvInteger", "QLinearConv"}) {
    known[op] = window_and({{"group", "INT"}});
  }
  known["MaxPool"] = window_and({{"ceil_mode", "INT"}, {"storage_order", "INT"}});
  known["AveragePool"] = window_and({{"ceil_mode", "INT"}, {"count_include_pad", "INT"}});
  known["Gemm"] = {{"alpha", "FLOAT"}, {"beta", "FLOAT"}, {"transA", "INT"}, {"transB", "INT"}};
  known["ReduceMean"] = {{"axes", "INTS"}, {"keepdims", "INT"}, {"noop_with_empty_axes", "INT"}};
}

void add_elementwise(std::map<std::string, KnownAttributes>& known) {
  known["BatchNormalization"] = {
      {"epsilon", "FLOAT"}, {"momentum", "FLOAT"}, {"spatial", "INT"}, {"training_mode", "INT"}};
  known["Clip"] = {{"min", "FLOAT", 10}, {"max", "FLOAT", 10}};
  known["Softmax"] = {{"axis", "INT"}};
  known["Dropout"] = {{"ratio", "FLOAT"}, {"seed", "INT"}};
  known["Cast"] = {{"to", "INT"}};
}

void add_shapes(std::map<std::string, KnownAttributes>& known) {
  known["Reshape"] = {{"allowzero", "INT"}};
  for (const char* op : {"Flatten", "Concat", "Gather"}) known[op] = {{"axis", "INT"}};
  for (const char* op : {"Unsqueeze", "Squeeze"}) known[op] = {{"axes", "INTS"}};
  known["Transpose"] = {{"perm", "INTS"}};
  known["Pad"] = {{"mode", "STRING"}, {"pads", "INTS", 10}, {"value", "FLOAT", 10}};
  known["Resize"] = {{"mode", "STRING"},
                     {"coordinate_transformation_mode", "STRING"},
                     {"nearest_mode", "STRING"},
                     {"cubic_coeff_a", "FLOAT"},
                     {"exclude_outside", "INT"},
                     {"extrapolation_value", "FLOAT"},
                     {"antialias", "INT"},
                     {"axes", "INTS"},
                     {"keep_aspect_ratio_policy", "STRING"}};
  known["Upsample"] = {{"mode", "STRING"}, {"scales", "FLOATS", 8}};
  known["DepthToSpace"] = {{"blocksize", "INT"}, {"mode", "STRING"}};
  known["Shape"] = {{"start", "INT"}, {"end", "INT"}};
  known["Slice"] = {{"starts", "INTS", 9}, {"ends", "INTS", 9}, {"axes", "INTS", 9}};
  known["ArgMax"] = {{"axis", "INT"}, {"keepdims", "INT"}, {"select_last_index", "INT"}};
  known["TopK"] = {{"axis", "INT"}, {"k", "INT", 9}, {"largest", "INT"}, {"sorted", "INT"}};
  known["Constant"] = {{"value", "TENSOR"},          {"value_int", "INT"},
                       {"value_ints", "INTS"},       {"value_float", "FLOAT"},
                       {"value_floats", "FLOATS"},   {"value_string", "STRING"},
                       {"value_strings", "STRINGS"}, {"sparse_value", "SPARSE_TENSOR"}};
}

void add_quantizers(std::map<std::string, KnownAttributes>& known) {
  for (const char* op : {"QuantizeLinear", "DequantizeLinear"}) known[op] = {{"axis", "INT"}};
  for (const char* op : {"Quant", "IntQuant", "Trunc"}) {
    known[op] = {{"signed", "INT"}, {"narrow", "INT"}, {"rounding_mode", "STRING"}};
  }
  known["MultiThreshold"] = {{"out_scale", "FLOAT"},
                             {"out_bias", "FLOAT"},
                             {"out_dtype", "STRING"},
                             {"data_layout", "STRING"}};
}

/// Operators that are not listed have no attributes.
const KnownAttributes& attributes_of(const std::string& op) {
  static const std::map<std::string, KnownAttributes> kKnown = [] {
    std::map<std::string, KnownAttributes> known;
    add_windows(known);
    add_elementwise(known);
    add_shapes(known);
    add_quantizers(known);
    return known;
  }();
  static const KnownAttributes kNone;
  const auto found = kKnown.find(op);
  return found == kKnown.end() ? kNone : found->second;
}

std::string unknown(const OnnxNode& node, const std::string& name, const KnownAttributes& known) {
  std::vector<std::string> names;
  for (const KnownAttribute& entry : known) names.emplace_back(entry.name);
  const std::string near = base::nearest(name, names);
  return "attribute '" + name + "' is none of " + node.op +
         (near.empty() ? "" : "; did you mean '" + near + "'?");
}

}  // namespace

void check_attributes(const OnnxNode& node, int opset, const std::string& where) {
  const KnownAttributes& known = attributes_of(node.op);
  std::vector<base::Problem> problems;
  for (const auto& [name, given] : node.attributes) {
    const KnownAttribute* entry = nullptr;
    for (const KnownAttribute& candidate : known) {
      if (name == candidate.name) entry = &candidate;
    }
    if (entry == nullptr) {
      problems.push_back({where, unknown(node, name, known)});
    } else if (opset > entry->last_opset) {
      problems.push_back({where, "attribute '" + name + "' is none of " + node.op + " in opset " +
                                     std::to_string(opset) + ", which takes it as an input"});
    } else if (given.type != entry->type) {
      problems.push_back({where, "attribute '" + name + "' is of type " + given.type +
                                     "; allowed: " + entry->type});
    }
  }
  if (!problems.empty()) throw base::UserError(std::move(problems));
}

}  // namespace bitscale::import
