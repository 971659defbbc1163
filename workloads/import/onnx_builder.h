// Turns an OnnxModel into a model::Graph: order, constants, versions of operators. One converter
// per operator (onnx_ops.h) sees its node through OnnxContext.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_BUILDER_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_BUILDER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/error.h"
#include "workloads/import/onnx_model.h"
#include "workloads/model/graph.h"
#include "workloads/model/quantizer.h"
#include "workloads/model/tensor.h"

namespace bitscale::import {

/// Thrown by converters for a use of an operator that is legal but not supported; the builder
/// collects all of them before it gives up.
struct Unsupported {
  std::string reason;
};

/// Thrown for a fixed batch of several samples where an operator takes one: the model may still run
/// sample by sample.
struct NeedsOneSample {};

/// A batch that the file fixes to a number above 1 runs as a whole, or sample by sample as a free
/// one does.
enum class FixedBatch { Whole, BySample };

/// Constants that count samples are also known for this many of them: what a free batch could be.
inline constexpr std::int64_t kOtherBatch = 7;

/// A list of extents in a batch of one sample, and in one of kOtherBatch.
struct BatchList {
  std::vector<std::int64_t> one, other;
};

class OnnxBuilder {
 public:
  /// `bindings` fix graph inputs to constants, by name.
  OnnxBuilder(const OnnxModel& model, const std::map<std::string, model::Tensor>& bindings,
              FixedBatch reading = FixedBatch::Whole);

  /// Throws UserError with every problem found; reading batches whole also NeedsOneSample.
  model::Graph build();

 private:
  friend class OnnxContext;

  struct Refused {
    std::string op, node, reason;
    std::int64_t macs = 0;
  };

  std::string where(const OnnxNode& node) const;
  std::int64_t common_batch() const;
  void add_inputs();
  std::vector<std::size_t> execution_order() const;
  void convert(const OnnxNode& node);
  void refuse(const OnnxNode& node, const std::string& reason);
  void suppose_outputs(const OnnxNode& node);
  std::int64_t estimated_macs(const OnnxNode& node);
  [[noreturn]] void report_refused();
  void set_outputs();
  void drop_unused();

  int add_value(model::Value value);
  int add_constant(const std::string& name, model::Tensor tensor,
                   std::optional<model::Quantizer> grid = {});
  /// Value of an ONNX name, initializers included; throws UserError at `node` when nothing makes
  /// it.
  int lookup(const std::string& name, const OnnxNode& node);
  /// The constants a node reads, as they are in a batch of 1 or of kOtherBatch; nothing when one is
  /// computed at run time.
  std::optional<std::vector<model::Tensor>> constants_of(const model::Node& node,
                                                         bool other_batch) const;
  std::optional<model::Tensor> fold(const model::Node& node,
                                    const std::vector<model::Tensor>& inputs) const;

  const OnnxModel& model_;
  const std::map<std::string, model::Tensor>& bindings_;
  model::Graph graph_;
  std::map<std::string, int> names_;
  FixedBatch reading_;
  std::int64_t fixed_batch_ = 0;  // the number all inputs begin with, above 1; else 0
  std::int64_t foldable_ = 0;     // elements that constants folded from constants may still hold
  std::set<int> batched_;         // values whose first axis is a batch that runs sample by sample
  std::map<int, model::Tensor> other_batch_;  // constants that count samples, for kOtherBatch
  std::vector<Refused> refused_;
  bool shapes_unsure_ = false;  // an unsupported operator hid the shape of its output
};

/// What a converter sees of its node.
class OnnxContext {
 public:
  /// After the values of the node's inputs were made.
  OnnxContext(OnnxBuilder& builder, const OnnxNode& node)
      : builder_(builder),
        node_(node),
        first_made_(static_cast<int>(builder.graph_.values.size())) {}

  const OnnxNode& node() const { return node_; }
  int opset() const { return builder_.model_.opset; }
  std::size_t input_count() const { return node_.inputs.size(); }
  bool has_input(std::size_t index) const {
    return index < node_.inputs.size() && !node_.inputs[index].empty();
  }
  bool wants_output(std::size_t index) const {
    return index < node_.outputs.size() && !node_.outputs[index].empty();
  }
  /// Value index of an input; UserError when it is missing.
  int input(std::size_t index);
  /// The same, kNoValue when it is omitted.
  int optional_input(std::size_t index);
  const model::Value& value(int index) const { return builder_.graph_.value(index); }
  const model::Value& input_value(std::size_t index) { return value(input(index)); }
  /// The constant an input holds; Unsupported, naming `what`, when it is computed at run time or
  /// counts the samples of a free batch.
  const model::Tensor& constant(std::size_t index, const char* what);
  std::vector<std::int64_t> constant_integers(std::size_t index, const char* what);
  /// Extents of a value made of `samples`, which may count them.
  BatchList batch_list(std::size_t index, const char* what, int samples);
  /// What a constant is in a batch of kOtherBatch, or null where it is the same.
  const model::Tensor* in_other_batch(int value) const;
  /// One real number.
  double constant_real(std::size_t index, const char* what);
  /// The same, of the element type of the node's first input.
  double bound_real(std::size_t index, const char* what);
  /// The node that makes a value, or nullptr.
  const model::Node* producer(int value) const;

  std::int64_t integer(const char* name, std::int64_t fallback) const;
  double real(const char* name, double fallback) const;
  std::string text(const char* name, const char* fallback) const;
  std::vector<std::int64_t> integers(const char* name) const;
  const OnnxAttribute* attribute(const char* name) const;
  /// `axis` counted from the front; UserError when it is outside `rank`.
  std::int64_t axis(std::int64_t axis, std::size_t rank) const;

  /// Adds an operator (or its folded result); returns the values of its outputs.
  std::vector<int> emit_all(model::Operator op, const std::vector<int>& inputs,
                            const model::Attributes& attributes);
  int emit(model::Operator op, const std::vector<int>& inputs,
           const model::Attributes& attributes = {}) {
    return emit_all(op, inputs, attributes)[0];
  }
  int add_constant(model::Tensor tensor, std::optional<model::Quantizer> grid = {}) {
    return builder_.add_constant(node_.name + ".constant", std::move(tensor), std::move(grid));
  }
  /// One that counts samples: `other` is what it is in a batch of kOtherBatch.
  int add_batch_constant(model::Tensor tensor, model::Tensor other,
                         std::optional<model::Quantizer> grid = {});
  int reshape(int value, model::Dims dims);
  /// Whether the value's first axis is a batch that runs sample by sample (free_batch.h).
  bool holds_batch(int value) const;
  /// Whether that is one the file fixes.
  bool splits_fixed_batch() const { return builder_.reading_ == FixedBatch::BySample; }
  [[noreturn]] void refuse_batch(const std::string& misuse) const;
  /// For an operator that takes one sample and has `extent` of them.
  [[noreturn]] void refuse_extent(std::int64_t extent) const;
  /// Output `index` of the ONNX node is this value.
  void bind(std::size_t index, int value);

  [[noreturn]] void fail(const std::string& what) const;

 private:
  const model::Tensor& any_constant(std::size_t index, const char* what);
  std::vector<std::int64_t> listed(const model::Tensor& tensor, const char* what) const;
  std::optional<int> folded(const model::Node& node);

  OnnxBuilder& builder_;
  const OnnxNode& node_;
  int first_made_;  // the first value that this node can have made
};

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_BUILDER_H_
