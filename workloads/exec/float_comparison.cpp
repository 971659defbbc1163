#include "workloads/exec/float_comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <future>
#include <limits>

#include "arch/base/error.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/node_kernels.h"

namespace bitscale::exec {
namespace {

using model::Tensor;

/// Relative distance within which two real outputs tie: some hundred roundings of float32.
constexpr double kTie = 1e-5;

class Comparison {
 public:
  Comparison(const IntegerExecutor& executor, const RealGraph& real, const Tensor& inputs)
      : executor_(executor), graph_(executor.graph()), real_(real), inputs_(inputs) {}

  FloatComparison run(std::int64_t from, std::int64_t to) const {
    FloatComparison part;
    for (std::int64_t sample = from; sample < to; ++sample) add(sample, part);
    return part;
  }

 private:
  void add(std::int64_t sample, FloatComparison& part) const {
    const model::Port& port = graph_.inputs[0];
    const Tensor given = sample_of(inputs_, sample, graph_.value(port.value).dims);
    const std::vector<Tensor> integers = executor_.run_values({given});
    const auto input = static_cast<std::size_t>(port.value);
    const Tensor real_input = real_tensor(graph_.value(port.value), integers[input]);
    std::vector<Tensor> reals(real_.graph.values.size());
    reals[input] = real_input;
    run_graph(real_.graph, {real_input}, [&](int value, const Tensor& tensor) {
      reals[static_cast<std::size_t>(value)] = tensor;
    });
    ++part.samples;
    SampleDifference difference;
    difference.sample = sample;
    const auto output = static_cast<std::size_t>(graph_.outputs[0].value);
    const Tensor integer_output = real_tensor(graph_.values[output], integers[output]);
    difference.integer_class = predictions(integer_output, 1)[0];
    difference.float_class = predictions(reals[output], 1)[0];
    part.integer_classes.push_back(difference.integer_class);
    part.float_classes.push_back(difference.float_class);
    if (difference.predictions_differ()) {
      difference.margin =
          reals[output].real(difference.float_class) - reals[output].real(difference.integer_class);
      largest_output(reals[output], difference);
    }
    first_difference(integers, reals, part.codes, difference);
    if (difference.codes > 0 || difference.predictions_differ()) {
      part.differences.push_back(difference);
    }
  }

  /// The margin as a share of the largest output, for samples no code of which differs.
  static void largest_output(const Tensor& outputs, SampleDifference& difference) {
    double largest = 0;
    for (const double value : outputs.reals()) largest = std::max(largest, std::fabs(value));
    difference.edge_distance = largest > 0 ? difference.margin / largest : 0;
  }

  void first_difference(const std::vector<Tensor>& integers, const std::vector<Tensor>& reals,
                        std::int64_t& compared, SampleDifference& difference) const {
    for (const model::QuantizedNode& node : graph_.nodes) {
      const auto index = static_cast<std::size_t>(node.outputs[0]);
      const model::QuantizedValue& value = graph_.values[index];
      if (value.kind != model::ValueKind::Codes) continue;
      compared += integers[index].elements();
      if (difference.codes > 0) continue;
      compare_codes(value, index, integers, reals, difference);
    }
  }

  void compare_codes(const model::QuantizedValue& value, std::size_t index,
                     const std::vector<Tensor>& integers, const std::vector<Tensor>& reals,
                     SampleDifference& difference) const {
    const std::vector<double> exact = unscaled_values(value, integers[index]);
    const auto* seen = reals[index].data<float>();
    double worst = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double code = std::round(static_cast<double>(seen[i]) / value.format.scale);
      if (code == exact[i]) continue;
      ++difference.codes;
      const Rounded& before = real_.rounded[index];
      if (before.value < 0) {  // nothing was rounded here: no edge can explain it
        worst = std::numeric_limits<double>::infinity();
        continue;
      }
      const Tensor& reals_before = reals[static_cast<std::size_t>(before.value)];
      const double steps = reals_before.real(static_cast<std::int64_t>(i)) / before.scale;
      worst = std::max(worst, std::fabs(steps - (code + exact[i]) / 2));
    }
    if (difference.codes == 0) return;
    difference.tensor = value.name;
    difference.edge_distance = worst;
  }

  const IntegerExecutor& executor_;
  const model::QuantizedGraph& graph_;
  const RealGraph& real_;
  const Tensor& inputs_;
};

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

bool SampleDifference::explained() const {
  return edge_distance <= (codes > 0 ? kEdgeSteps : kTie);
}

std::int64_t FloatComparison::differing_predictions() const {
  return std::count_if(differences.begin(), differences.end(),
                       [](const SampleDifference& d) { return d.predictions_differ(); });
}

std::int64_t FloatComparison::unexplained() const {
  return std::count_if(differences.begin(), differences.end(),
                       [](const SampleDifference& d) { return !d.explained(); });
}

double FloatComparison::largest_edge_distance() const {
  double largest = 0;
  for (const SampleDifference& d : differences) {
    if (d.codes > 0) largest = std::max(largest, d.edge_distance);
  }
  return largest;
}

FloatComparison compare_with_float(const IntegerExecutor& executor, const Tensor& inputs,
                                   int threads) {
  const model::QuantizedGraph& graph = executor.graph();
  if (graph.inputs.size() != 1 || graph.outputs.empty()) {
    throw base::UserError(graph.name, "must have one input and an output to be compared");
  }
  if (inputs.dims().empty()) throw base::UserError(graph.name, "inputs have no axis of samples");
  const RealGraph real = real_graph(graph);
  const Comparison comparison(executor, real, inputs);
  const std::int64_t samples = inputs.dims()[0];
  const std::int64_t parts = std::max<std::int64_t>(1, std::min<std::int64_t>(threads, samples));
  std::vector<std::future<FloatComparison>> running;
  for (std::int64_t p = 0; p < parts; ++p) {
    running.push_back(std::async(std::launch::async, [&comparison, samples, parts, p] {
      return comparison.run(samples * p / parts, samples * (p + 1) / parts);
    }));
  }
  FloatComparison whole;
  for (auto& future : running) {
    const FloatComparison part = future.get();
    whole.samples += part.samples;
    whole.codes += part.codes;
    append(whole.integer_classes, part.integer_classes);
    append(whole.float_classes, part.float_classes);
    append(whole.differences, part.differences);
  }
  return whole;
}

std::string difference_text(const SampleDifference& difference) {
  char text[320];
  std::string what = difference.predictions_differ()
                         ? "class " + std::to_string(difference.integer_class) + " on integers, " +
                               std::to_string(difference.float_class) + " in float"
                         : "the same class " + std::to_string(difference.integer_class);
  if (difference.codes > 0) {
    std::snprintf(text, sizeof text,
                  "; first %lld code(s) of %s differ, %.1e steps from the edge between them",
                  static_cast<long long>(difference.codes), difference.tensor.c_str(),
                  difference.edge_distance);
  } else {
    std::snprintf(text, sizeof text, "; no code differs, the outputs are %.1e of the largest apart",
                  difference.edge_distance);
  }
  what += text;
  if (!difference.explained()) what += ": NOT a rounding edge";
  return "sample " + std::to_string(difference.sample) + ": " + what;
}

}  // namespace bitscale::exec
