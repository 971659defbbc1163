// The end of the chain train → quantize → trace → `bitscale run`: the predictions the program
// writes, sample by sample, against real operators on the same quantized values.
#include <gtest/gtest.h>

#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "workloads/exec/float_comparison.h"
#include "workloads/model/npy.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {
namespace {

class TrainedChain : public ::testing::TestWithParam<const char*> {};

TEST_P(TrainedChain, TheProgramPredictsWhatRealOperatorsDo) {
  const std::string trace =
      testing::source_path("workloads/traces/" + std::string(GetParam())).string();
  const testing::TempFolder folder;
  const std::string output = (folder / "run").string();
  const CliOutcome outcome = call_program({"run", trace, "--check-array", "-o", output});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const std::vector<std::int64_t> written =
      model::read_npy(folder / "run" / "predictions.npy").integers();

  const model::Trace read = model::read_trace(trace);
  const exec::IntegerExecutor integers(read.graph, {});
  const exec::FloatComparison comparison =
      exec::compare_with_float(integers, read.samples->inputs, 1);
  EXPECT_EQ(written, comparison.float_classes);
  EXPECT_EQ(comparison.unexplained(), 0);
}

INSTANTIATE_TEST_SUITE_P(Traces, TrainedChain,
                         ::testing::Values("fashion_lenet_pact_w2a2", "fashion_lenet_pact_w4a4",
                                           "fashion_lenet_pact_w8a8", "fashion_resnet8_pact_w4a4",
                                           "fashion_lenet_density_pruned"));

}  // namespace
}  // namespace bitscale::cli
