#include "workloads/import/free_batch.h"

#include <cstddef>

#include "workloads/model/shape.h"

namespace bitscale::import {
namespace {

using model::Dims;
using model::kNoValue;
using model::Node;
using model::Operator;

/// One node and which of its inputs hold the free batch.
class BatchUse {
 public:
  BatchUse(const model::Graph& graph, const Node& node, const std::set<int>& batched)
      : graph_(graph), node_(node), batched_(batched) {}

  std::string misuse() const {
    switch (node_.op) {
      case Operator::Add:
      case Operator::Sub:
      case Operator::Mul:
      case Operator::Div:
      case Operator::Pow:
        return of_broadcast();
      case Operator::MatMul:
      case Operator::MatMulInteger:
      case Operator::QLinearMatMul:
        return of_product();
      case Operator::Gemm:
        if (holds(0) && node_.attributes.transpose_a) return "sums over the free batch";
        return of_parameters();
      case Operator::Softmax:
      case Operator::ArgMax:
      case Operator::TopK:
      case Operator::Gather:
        return node_.attributes.axis == 0 ? "works along the free batch" : "";
      case Operator::Concat:
        return of_concat();
      case Operator::Transpose:
        return node_.attributes.list[0] == 0 ? "" : "moves the free batch to another axis";
      case Operator::Pad:
        return node_.attributes.list[0] == 0 && node_.attributes.list[dims(0).size()] == 0
                   ? ""
                   : "pads the free batch";
      case Operator::Resize:
        return node_.attributes.list[0] == dims(0)[0] ? "" : "resizes the free batch";
      case Operator::Conv:
      case Operator::ConvInteger:
      case Operator::QLinearConv:
      case Operator::BatchNormalization:
        return of_parameters();
      default:
        return "";
    }
  }

 private:
  bool holds(std::size_t index) const {
    return index < node_.inputs.size() && batched_.count(node_.inputs[index]) != 0;
  }
  const Dims& dims(std::size_t index) const { return graph_.value(node_.inputs[index]).dims; }

  /// Only the first input may hold samples.
  std::string of_parameters() const {
    for (std::size_t i = 1; i < node_.inputs.size(); ++i) {
      if (holds(i)) return "takes its parameters from the samples";
    }
    return "";
  }

  /// The other operand `other` of one that holds samples: the same for every sample?
  std::string of_operand(std::size_t samples, std::size_t other) const {
    const Dims& mine = dims(samples);
    const Dims& given = dims(other);
    if (given.size() > mine.size()) return "moves the free batch to another axis";
    const bool reaches = given.size() == mine.size() && !given.empty();
    const bool fits = holds(other) ? reaches && given[0] == mine[0] : !reaches || given[0] == 1;
    if (fits) return "";
    return "joins samples " + model::dims_text(mine) + " with " + model::dims_text(given) +
           ", which fits one batch only";
  }

  std::string of_concat() const {
    if (node_.attributes.axis == 0) return "works along the free batch";
    for (std::size_t i = 0; i < node_.inputs.size(); ++i) {
      if (holds(i) || dims(i)[0] == 1) continue;
      return "joins samples with " + model::dims_text(dims(i)) + ", which fits one batch only";
    }
    return "";
  }

  std::string of_broadcast() const { return holds(0) ? of_operand(0, 1) : of_operand(1, 0); }

  std::string of_product() const {
    const std::size_t mine = holds(0) ? 0 : 1;
    // In a matrix the first axis of the left operand is its rows, of the right one what is summed.
    const bool sums = (holds(0) && dims(0).size() < 2) || (holds(1) && dims(1).size() < 3);
    if (sums) return "sums over the free batch";
    if (dims(mine).size() == 2 && dims(1 - mine).size() == 2) return "";
    return of_operand(mine, 1 - mine);
  }

  const model::Graph& graph_;
  const Node& node_;
  const std::set<int>& batched_;
};

}  // namespace

std::string batch_misuse(const model::Graph& graph, const Node& node,
                         const std::set<int>& batched) {
  for (const int input : node.inputs) {
    if (input != kNoValue && batched.count(input) != 0) {
      return BatchUse(graph, node, batched).misuse();
    }
  }
  return "";
}

}  // namespace bitscale::import
