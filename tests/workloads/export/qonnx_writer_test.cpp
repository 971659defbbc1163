#include "workloads/export/qonnx_writer.h"

#include <gtest/gtest.h>

#include "tests/support/problems.h"
#include "tests/support/small_network.h"

namespace bitscale::exporting {
namespace {

// What is written is read back in tests/sim/cli/quantize_command_test.cpp.
TEST(QonnxWriter, ListsEveryOperatorItCannotWrite) {
  testing::SmallNetwork network;
  EXPECT_GT(qonnx_bytes(network.graph()).size(), 1280U * 4);  // the weights alone
  network.graph().nodes[1].op = model::Operator::TopK;
  network.graph().nodes[4].op = model::Operator::Resize;
  const std::string message = testing::user_error_of([&] { qonnx_bytes(network.graph()); });
  EXPECT_NE(message.find("TopK of node 'relu1'"), std::string::npos) << message;
  EXPECT_NE(message.find("Resize of node 'relu2'"), std::string::npos) << message;
}

// Same graph, same bytes: traces and checksums rest on it.
TEST(QonnxWriter, IsDeterministic) {
  testing::SmallNetwork a, b;
  EXPECT_EQ(qonnx_bytes(a.graph()), qonnx_bytes(b.graph()));
}

TEST(QonnxWriter, GivesValuesOfOneNameDifferentNames) {
  testing::SmallNetwork network;
  for (model::Value& value : network.graph().values) value.name = "x";
  const std::string bytes = qonnx_bytes(network.graph());
  for (std::size_t i = 1; i < network.graph().values.size(); ++i) {
    EXPECT_NE(bytes.find("x_" + std::to_string(i)), std::string::npos);
  }
}

}  // namespace
}  // namespace bitscale::exporting
