// Fixed batches, several outputs, what ran, and accumulators that overflow unasked.
#include "sim/cli/tensor_notes.h"

#include <gtest/gtest.h>

#include <filesystem>
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
  EXPECT_NE(notes_of(report).find("the model fixes its batch to 4"), std::string::npos);
}

// --samples counts rows of a fixed batch, which runs whole.
TEST(TensorNotes, SamplesOfAFixedBatchAreRoundedUpToWholeOnes) {
  const testing::TempFolder folder;
  const auto path = folder.write("net.onnx", rows_file(false).content());
  model::write_npy(folder / "x.npy", Tensor({8, 3}, std::vector<float>(24, 1.0F)));
  model::write_npy(folder / "labels.npy", Tensor({8}, std::vector<std::int64_t>(8, 0)));
  const auto run = [&](const char* samples) {
    return call_program({"run", path.string(), "--analytic", "--json", "--inputs",
                         (folder / "x.npy").string(), "--labels", (folder / "labels.npy").string(),
                         "--samples", samples, "-o", (folder / "out").string()});
  };
  struct Case {
    const char* asked;
    std::int64_t ran;
    const char* note;
  };
  for (const Case& c : {Case{"4", 4, ""}, Case{"1", 4, "fixes its batch to 4, so 4 ran"},
                        Case{"5", 8, "fixes its batch to 4, so 8 ran"}, Case{"8", 8, ""},
                        Case{"9", 8, "the inputs hold 8, and all of them ran"}}) {
    const CliOutcome outcome = run(c.asked);
    ASSERT_EQ(outcome.status, kDone) << outcome.err;
    const base::JsonValue report = outcome.json();
    EXPECT_EQ(at(report, "/accuracy/samples").integer, c.ran) << c.asked;
    const base::JsonValue execution =
        base::parse_json_file((folder / "out/execution.json").string());
    EXPECT_EQ(at(execution, "/samples").integer, c.ran) << c.asked;
    EXPECT_EQ(model::read_npy(folder / "out/predictions.npy").elements(), c.ran) << c.asked;
    EXPECT_EQ(notes_of(report).find("--samples asks") != std::string::npos, c.note[0] != '\0');
    EXPECT_NE(notes_of(report).find(c.note), std::string::npos) << notes_of(report);
  }
}

// What runs is what a trace keeps: whole batches, sample by sample.
TEST(TensorNotes, ATraceKeepsTheSamplesOfAFixedBatch) {
  const testing::TempFolder folder;
  const auto path = folder.write("net.onnx", rows_file(false).content());
  std::vector<float> values(24);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * i % 7);
  model::write_npy(folder / "x.npy", Tensor({8, 3}, values));
  model::write_npy(folder / "labels.npy", Tensor({8}, std::vector<std::int64_t>(8, 1)));
  const std::vector<std::string> given = {"--inputs", (folder / "x.npy").string(), "--labels",
                                          (folder / "labels.npy").string()};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), given.begin(), given.end());
    return call_program(words);
  };
  const CliOutcome direct =
      with({"run", path.string(), "--analytic", "--json", "-o", (folder / "direct").string()});
  ASSERT_EQ(direct.status, kDone) << direct.err;
  const CliOutcome stored =
      with({"import", "onnx", path.string(), "-o", (folder / "trace").string()});
  ASSERT_EQ(stored.status, kDone) << stored.err;
  const CliOutcome again = call_program({"run", (folder / "trace").string(), "--analytic", "--json",
                                         "-o", (folder / "again").string()});
  ASSERT_EQ(again.status, kDone) << again.err;
  EXPECT_EQ(at(again.json(), "/accuracy/samples").integer, 8);
  EXPECT_EQ(at(again.json(), "/accuracy/top1").number, at(direct.json(), "/accuracy/top1").number);
  const Tensor outputs = model::read_npy(folder / "again/outputs.npy");
  EXPECT_EQ(outputs.dims(), (model::Dims{8, 3}));
  EXPECT_EQ(outputs.reals(), model::read_npy(folder / "direct/outputs.npy").reals());

  model::write_npy(folder / "x.npy", Tensor({6, 3}, std::vector<float>(18, 1.0F)));
  model::write_npy(folder / "labels.npy", Tensor({6}, std::vector<std::int64_t>(6, 1)));
  const CliOutcome part = with({"import", "onnx", path.string(), "-o", (folder / "part").string()});
  EXPECT_EQ(part.status, kBadInput);
  const CliOutcome ragged = with({"run", path.string(), "--analytic"});
  EXPECT_EQ(ragged.status, kBadInput);
  EXPECT_NE((part.err + ragged.err).find("samples"), std::string::npos) << part.err << ragged.err;
}

// x [1, 2] → x0 − x1, or 0 / 0 when `divides`.
CliOutcome run_one_number(const testing::TempFolder& folder, bool divides, bool labels) {
  import::OnnxFile file;
  file.input("x", {1, 2}).output("y").floats("w", {2, 1}, {1, -1});
  file.node("MatMul", {"x", "w"}, {divides ? "d" : "y"});
  if (divides) file.node("Div", {"d", "d"}, {"y"}).set_name("ratio");
  const auto path = folder.write("net.onnx", file.content());
  model::write_npy(folder / "x.npy", Tensor({2, 2}, std::vector<float>{1, 1, 5, 2}));
  model::write_npy(folder / "labels.npy", Tensor({2}, std::vector<std::int64_t>{0, 1}));
  std::vector<std::string> words = {"run",        path.string(),
                                    "--analytic", "--json",
                                    "--inputs",   (folder / "x.npy").string(),
                                    "-o",         (folder / "out").string()};
  if (labels) {
    words.emplace_back("--labels");
    words.push_back((folder / "labels.npy").string());
  }
  return call_program(words);
}

TEST(TensorNotes, OneRealNumberNamesNoClass) {
  const testing::TempFolder folder;
  const CliOutcome run = run_one_number(folder, false, false);
  ASSERT_EQ(run.status, kDone) << run.err;
  EXPECT_NE(notes_of(run.json()).find("it names no class"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/outputs.npy"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/predictions.npy"));
  const CliOutcome labelled = run_one_number(folder, false, true);
  EXPECT_EQ(labelled.status, kBadInput);
  EXPECT_NE(labelled.err.find("labels need classes"), std::string::npos) << labelled.err;
}

TEST(TensorNotes, ANaNThatANodeMakesFailsACheck) {
  const testing::TempFolder folder;
  const CliOutcome run = run_one_number(folder, true, false);
  EXPECT_EQ(run.status, kCheckFailed);
  const base::JsonValue report = run.json();
  const base::JsonValue& check = at(report, "/checks").items.back();
  EXPECT_EQ(at(check, "/id").text, "real_values");
  EXPECT_EQ(at(check, "/detail").text, "first of node 'ratio': 1 values");
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
