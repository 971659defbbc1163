#include "sim/report/pim_notes.h"

#include <gmock/gmock.h>

namespace bitscale::report {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

cost::RunActivity run_on_pim() {
  cost::RunActivity run;
  run.accelerator.pim.emplace();
  run.accelerator.pim->arrays = 12;
  run.accelerator.pim->wordlines = 100;
  cost::LayerActivity layer;
  layer.precision.weight_bits = layer.precision.act_bits = 8;
  layer.count(cost::Action::PimMac) = 5;
  run.layers = {layer};
  return run;
}

TEST(PimNotes, SayThatArraysRunNothing) {
  cost::RunActivity run = run_on_pim();
  EXPECT_THAT(pim_notes(run), Not(Contains(HasSubstr("No layer runs"))));
  run.layers[0].count(cost::Action::PimMac) = 0;
  EXPECT_THAT(pim_notes(run),
              ::testing::ElementsAre(HasSubstr("No layer runs on the design's 12 PIM arrays")));
  run.accelerator.pim.reset();
  EXPECT_TRUE(pim_notes(run).empty());
}

TEST(PimNotes, SayThatAccumulatorsMayOverflow) {
  cost::RunActivity run = run_on_pim();
  run.accelerator.pim->acc_bits = 23;  // 8 + 8 + 7
  EXPECT_THAT(pim_notes(run), Not(Contains(HasSubstr("overflow"))));
  run.accelerator.pim->acc_bits = 22;
  EXPECT_THAT(pim_notes(run), Contains(AllOf(HasSubstr("have 22 bits"), HasSubstr("1 layers"),
                                             HasSubstr("up to 23"))));
}

TEST(PimNotes, SayWhatHasNoPriceAndWhatMayFall) {
  cost::RunActivity run = run_on_pim();
  EXPECT_THAT(pim_notes(run), Not(Contains(HasSubstr("price of two's complement"))));
  EXPECT_THAT(pim_notes(run), Contains(HasSubstr("--mapping replays one mapping")));
  run.accelerator.pim->sign = numeric::SliceSign::Offset;
  EXPECT_THAT(pim_notes(run), Contains(HasSubstr("price of two's complement")));
}

}  // namespace
}  // namespace bitscale::report
