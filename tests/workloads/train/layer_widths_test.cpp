// Widths per layer from the recipe to the trace.
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/workloads/train/easy_images.h"
#include "workloads/model/trace.h"

namespace bitscale::train {
namespace {

// Widths of their own in the trace, whichever method makes the weights.
TEST(LayerWidths, LayersTrainAtTheirOwnWidths) {
  const int expected[][2] = {{4, 8}, {3, 6}, {5, 2}};  // weights, activations read
  for (const WeightTraining weights :
       {WeightTraining::MaxAbs, WeightTraining::Dorefa, WeightTraining::Sawb, WeightTraining::A2q,
        WeightTraining::A2qPlus}) {
    const testing::TempFolder folder;
    Recipe made = recipe(weights);
    made.layers = {{"fc2", 3, 6}, {"fc3", 5, 2}};
    if (weights == WeightTraining::Dorefa) made.acts = ActTraining::Clip1;
    made.epochs = 2;
    train(made, data(), into(folder.path()));
    const model::QuantizedGraph graph = model::read_trace(folder / "trace").graph;
    std::size_t layer = 0;
    for (const model::QuantizedNode& node : graph.nodes) {
      if (node.op != model::QuantizedOp::Mac) continue;
      EXPECT_EQ(node.weights.encoding.bits, expected[layer][0])
          << kWeightTrainingNames.name(weights) << ' ' << node.name;
      EXPECT_EQ(graph.value(node.inputs[0]).format.encoding.bits, expected[layer][1])
          << kWeightTrainingNames.name(weights) << ' ' << node.name;
      ++layer;
    }
    EXPECT_EQ(layer, 3U);
    expect_same_integers(graph, folder / "model.onnx");
  }
}

}  // namespace
}  // namespace bitscale::train
