// Fixed batches, several outputs, what ran, and accumulators that overflow unasked.
#include "sim/cli/tensor_notes.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/cli/cli_support.h"
#include "tests/support/onnx_fixture.h"
#include "tests/support/temp_folder.h"
#include "workloads/model/npy.h"

namespace bitscale::cli {
namespace {

using model::Tensor;

/// x [4, 3] · identity → y [4, 3]; `second`: x + x as another output. The largest input
/// of a row is its class.
import::OnnxFile rows_file(bool second){import::OnnxFile file;
file.input("x", {4, 3}).output("y").floats("w", {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
file.node("MatMul", {"x", "w"}, {"y"});
if (second) file.output("twice").node("Add", {"x", "x"}, {"twice"});
return file;
}  // namespace

std::string notes_of(const base::JsonValue& report) {
  std::string text;
  for (const base::JsonValue& note : at(report, "/notes").items) text += note.text + '\n';
  return text;
}

TEST(TensorNotes, EveryRowOfAFixedBatchHasItsOwnClass) {
  const testing::TempFolder folder;
  const auto path = folder.write("net.onnx", rows_file(false).content());
  const std::vector<std::int64_t> labels = {2, 0, 1, 1, 0, 2, 2, 0};
  std::vector<float> values;
  for (const std::int64_t label : labels) {
    for (std::int64_t k = 0; k < 3; ++k) values.push_back(k == label ? 1.0F : 0.0F);
  }
  model::write_npy(folder / "x.npy", Tensor({8, 3}, values));
  std::vector<std::int64_t> given = labels;
  given[7] = 1;  // one of eight is wrong
  model::write_npy(folder / "labels.npy", Tensor({8}, given));
  const CliOutcome run = call_program(
      {"run", path.string(), "--analytic", "--json", "--inputs", (folder / "x.npy").string(),
       "--labels", (folder / "labels.npy").string(), "-o", (folder / "out").string()});
  ASSERT_EQ(run.status, kDone) << run.err;
  const base::JsonValue report = run.json();
  EXPECT_EQ(at(report, "/accuracy/samples").integer, 8);
  EXPECT_EQ(at(report, "/accuracy/top1").number, 0.875);
  EXPECT_EQ(at(report, "/accuracy/source").text,
            "real inference: no layer with MACs runs on integers");
  EXPECT_EQ(model::read_npy(folder / "out/predictions.npy").integers(), labels);
  EXPECT_NE(notes_of(report).find("a sample is 4 rows"), std::string::npos);
}

TEST(TensorNotes, LabelsOfAFixedBatchAreOnePerRow) {
  const testing::TempFolder folder;
  const auto path = folder.write("net.onnx", rows_file(false).content());
  model::write_npy(folder / "x.npy", Tensor({4, 3}, std::vector<float>(12, 1.0F)));
  model::write_npy(folder / "labels.npy", Tensor({1}, std::vector<std::int64_t>{0}));
  const CliOutcome run =
      call_program({"run", path.string(), "--analytic", "--inputs", (folder / "x.npy").string(),
                    "--labels", (folder / "labels.npy").string()});
  EXPECT_EQ(run.status, kBadInput);
  EXPECT_NE(run.err.find("1 labels for 4 samples"), std::string::npos) << run.err;
}

TEST(TensorNotes, EveryOutputIsWritten) {
  const testing::TempFolder folder;
  const auto path = folder.write("net.onnx", rows_file(true).content());
  model::write_npy(folder / "x.npy", Tensor({4, 3}, std::vector<float>(12, 1.5F)));
  const CliOutcome run =
      call_program({"run", path.string(), "--analytic", "--json", "--inputs",
                    (folder / "x.npy").string(), "-o", (folder / "out").string()});
  ASSERT_EQ(run.status, kDone) << run.err;
  EXPECT_EQ(model::read_npy(folder / "out/outputs.npy").real(0), 1.5);
  EXPECT_EQ(model::read_npy(folder / "out/outputs_2.npy").real(0), 3);
  EXPECT_NE(notes_of(run.json()).find("outputs_2.npy is 'twice'"), std::string::npos);
}

TEST(TensorNotes, OverflowAtTheDesignsWidthNamesTheWidthThatHolds) {
  report::AccumulatorUse use;
  use.outputs = 10;
  use.overflowed_outputs = 0;
  use.guaranteed_acc_bits = 41;
  use.guaranteed_psum_bits = 42;
  std::vector<std::string> notes;
  note_lossy_accumulators({use}, notes);
  EXPECT_TRUE(notes.empty());
  use.overflowed_outputs = 3;
  note_lossy_accumulators({use}, notes);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("in 1 layer: 3 of 10 outputs"), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("--acc-bits 42"), std::string::npos) << notes[0];
}

TEST(TensorNotes, WhatRanIsCountedLayerByLayer) {
  model::QuantizedGraph graph;
  model::QuantizedNode mac;
  mac.op = model::QuantizedOp::Mac;
  graph.nodes = {mac, mac};
  EXPECT_EQ(inference_kind(graph), "integer inference, bit for bit");
  graph.float_macs.push_back({"conv", 5, "its weights have no quantizer"});
  EXPECT_EQ(
      inference_kind(graph),
      "mixed inference: 2 layers with MACs on integers, bit for bit, 1 layer on real numbers");
}

TEST(TensorNotes, AFolderThatIsNoTraceIsToldWhatIsExpected) {
  const testing::TempFolder folder;
  const CliOutcome run = call_program({"run", folder.path().string()});
  EXPECT_EQ(run.status, kBadInput);
  EXPECT_NE(run.err.find("is a folder without trace.json"), std::string::npos) << run.err;
}

}  // namespace bitscale::cli
}  // namespace bitscale::cli
