// Widths per layer and several tensors from file to file: search -> precision file -> quantize ->
// trace -> run.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arch/base/file.h"
#include "tests/sim/cli/cli_support.h"
#include "tests/support/small_network.h"
#include "tests/support/temp_folder.h"
#include "workloads/exec/batch.h"
#include "workloads/export/qonnx_writer.h"
#include "workloads/import/onnx.h"
#include "workloads/model/lowering.h"
#include "workloads/model/npy.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {
namespace {

// Two layers that narrow widths cost much, and one they cost little.
constexpr const char* kLosses = R"({"schema_version": 1, "source": "made up", "layers": [
  {"layer": "conv1", "losses": [{"weight_bits": 2, "act_bits": 2, "loss": 9},
    {"weight_bits": 4, "act_bits": 4, "loss": 1}, {"weight_bits": 8, "act_bits": 8, "loss": 0}]},
  {"layer": "conv2", "losses": [{"weight_bits": 2, "act_bits": 2, "loss": 0.2},
    {"weight_bits": 4, "act_bits": 4, "loss": 0.1}, {"weight_bits": 8, "act_bits": 8, "loss": 0}]},
  {"layer": "fc", "losses": [{"weight_bits": 2, "act_bits": 2, "loss": 9},
    {"weight_bits": 4, "act_bits": 4, "loss": 8}, {"weight_bits": 8, "act_bits": 8, "loss": 0}]}]})";

std::vector<model::Tensor> weight_codes(const model::QuantizedGraph& graph) {
  std::vector<model::Tensor> codes;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op == model::QuantizedOp::Mac) codes.push_back(node.weights.codes);
  }
  return codes;
}

class QuantizePrecision : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::SmallNetwork network;
    inputs_ = network.inputs(20);
    exporting::write_qonnx(model_, network.graph());
    model::write_npy(images_, inputs_);
  }

  CliOutcome quantize(const std::vector<std::string>& more, const std::string& output) {
    std::vector<std::string> words = {"quantize", model_, "-c", images_, "-o", output};
    words.insert(words.end(), more.begin(), more.end());
    return call_program(words);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  const testing::TempFolder folder_;
  const std::string model_ = path("small.onnx");
  const std::string images_ = path("images.npy");
  model::Tensor inputs_;
};

TEST_F(QuantizePrecision, SearchedWidthsReachTheRun) {
  ASSERT_EQ(quantize({"-w", "8", "-a", "8"}, path("uniform")).status, kDone);
  const std::string losses = folder_.write("losses.json", kLosses).string();
  // MACs: conv1 3456, conv2 6912, fc 1280; 8 bits everywhere are 745,472 bit operations.
  const CliOutcome search =
      call_program({"search", "--network", path("uniform/network.json"), "--sensitivity", losses,
                    "--budget", "bops=340000", "-o", path("search")});
  ASSERT_EQ(search.status, kDone) << search.err;
  const CliOutcome made = quantize(
      {"--precision", path("search/precision.json"), "--samples", images_, "--json"}, path("q"));
  ASSERT_EQ(made.status, kDone) << made.err;
  EXPECT_EQ(at(made.json(), "/precision").text, "searched");

  const CliOutcome run = call_program({"run", path("q"), "--check-array", "--json"});
  ASSERT_EQ(run.status, kDone) << run.err;
  const base::JsonValue planned = base::parse_json_file(path("search/precision.json"));
  const base::JsonValue report = run.json();
  std::size_t macs = 0;
  for (const base::JsonValue& layer : at(report, "/layers").items) {
    for (const base::JsonValue& rule : at(planned, "/overrides").items) {
      if (at(layer, "/name").text != at(rule, "/layers").text) continue;
      ++macs;
      for (const char* width : {"weight_bits", "act_bits"}) {
        EXPECT_EQ(at(layer, "/" + std::string(width)).integer,
                  at(rule, "/" + std::string(width)).integer)
            << at(layer, "/name").text;
      }
    }
  }
  EXPECT_EQ(macs, 3U);
  EXPECT_EQ(at(planned, "/overrides/1/weight_bits").integer, 2);  // conv2 pays
  EXPECT_EQ(at(planned, "/overrides/2/weight_bits").integer, 8);
}

TEST_F(QuantizePrecision, TakesShippedPlansAndSaysWhatItIgnores) {
  const CliOutcome line = quantize({"--precision", "w4a4_first_last_8", "--json"}, path("q"));
  ASSERT_EQ(line.status, kDone) << line.err;
  const base::JsonValue report = line.json();
  EXPECT_EQ(at(report, "/layers/0/weight_bits").integer, 8);
  EXPECT_EQ(at(report, "/layers/1/act_bits").integer, 4);
  EXPECT_EQ(report.find("edge_bits"), nullptr);
  const std::string plan = folder_
                               .write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 4, "act_bits": 4, "acc_bits": 20}})")
                               .string();
  const CliOutcome noted = quantize({"--precision", plan}, path("q"));
  EXPECT_NE(noted.out.find("note: " + plan + ": acc_bits"), std::string::npos) << noted.out;
}

TEST_F(QuantizePrecision, RefusesPlansThatDoNotFit) {
  const auto refused = [&](const std::string& rules, std::vector<std::string> more) {
    more.insert(more.end(), {"--precision", folder_
                                                .write("p.json", R"({"schema_version": 1,
        "name": "p", )" + rules + "}")
                                                .string()});
    const CliOutcome line = quantize(more, path("q"));
    EXPECT_EQ(line.status, kBadInput) << rules;
    return line.err;
  };
  const std::string usual = R"("default": {"weight_bits": 4, "act_bits": 4})";
  for (const char* option : {"-w", "-a", "--edge-bits"}) {
    EXPECT_NE(refused(usual, {option, "4"}).find("does not go with --precision"),
              std::string::npos);
  }
  const std::string unknown =
      refused(usual + R"(, "overrides": [{"layers": "conv3", "act_bits": 2}])", {});
  EXPECT_NE(unknown.find("p.json:/overrides/0"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("did you mean 'conv"), std::string::npos) << unknown;
  EXPECT_NE(refused(usual + R"(, "oops": 1)", {}).find("/oops"), std::string::npos);
  EXPECT_NE(refused(R"("default": {"weight_bits": 9})", {"-m", "sawb"}).find("2, 3, 4, 5 and 8"),
            std::string::npos);
  const CliOutcome none = quantize({"--precision", "w4a5"}, path("q"));
  EXPECT_NE(none.err.find("--precision"), std::string::npos) << none.err;
}

// Trace and QONNX file of three weight tensors on two of activations: the same integers, and a run
// that replays each pass.
TEST_F(QuantizePrecision, SeveralTensorsGoThroughBothFilesAndTheRun) {
  for (const char* search : {"greedy", "nested"}) {
    const CliOutcome line = quantize(
        {"-w", "2", "-a", "2", "--dual-threshold", "0.001", "--tensors", "3", "--act-tensors", "2",
         "--dual-search", search, "--refine", "--samples", images_, "--qonnx", path("q.onnx")},
        path("q"));
    ASSERT_EQ(line.status, kDone) << line.err;
    EXPECT_NE(line.out.find("3 tensors x 2 of activations: 6 passes"), std::string::npos)
        << line.out;
    const model::QuantizedGraph traced = model::read_trace(path("q")).graph;
    const model::QuantizedGraph imported = model::lower(import::import_onnx(path("q.onnx")));
    EXPECT_EQ(weight_codes(traced), weight_codes(imported)) << search;
    EXPECT_EQ(weight_codes(traced).size(), 8U) << search;
    EXPECT_EQ(exec::run_batch(exec::IntegerExecutor(traced, {}), {inputs_}, {}).outputs,
              exec::run_batch(exec::IntegerExecutor(imported, {}), {inputs_}, {}).outputs)
        << search;
  }
  const CliOutcome run = call_program({"run", path("q"), "--check-array", "--json"});
  ASSERT_EQ(run.status, kDone) << run.err;
  std::vector<std::string> passes;
  const base::JsonValue report = run.json();
  for (const base::JsonValue& layer : at(report, "/layers").items) {
    const std::string& name = at(layer, "/name").text;
    if (name.rfind("conv2", 0) != 0) continue;
    passes.push_back(name);
    EXPECT_GT(at(layer, "/latency_cycles").integer, 0) << name;
    EXPECT_GT(at(layer, "/energy_pj").number, 0) << name;
  }
  EXPECT_EQ(passes, (std::vector<std::string>{"conv2", "conv2.second", "conv2.third", "conv2.act2",
                                              "conv2.act2.second", "conv2.act2.third"}));
}

}  // namespace
}  // namespace bitscale::cli
