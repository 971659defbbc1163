#include "sim/report/pim_costs.h"

#include <gmock/gmock.h>

#include "sim/report/report_csv.h"
#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

using ::testing::HasSubstr;

TEST(PimCosts, TextHasOneColumnPairPerSource) {
  const std::string text = pim_costs_text(sample_report());
  EXPECT_THAT(text, HasSubstr("PIM energy, nJ"));
  for (const char* part : {"per_mac_table", "components", "analytical", "reloaded", "total",
                           "per_mac_table (prices this report): a paper", "components: assumed",
                           "analytical: no price for 17 bits"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, HasSubstr("component model"));
  EXPECT_THAT(text, HasSubstr("writes"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("decoder")));  // has no energy
  EXPECT_THAT(text, HasSubstr("2,000"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("conv1")));  // not on PIM arrays
  Report without = sample_report();
  without.pim_costs.clear();
  EXPECT_EQ(pim_costs_text(without), "");
}

TEST(PimCosts, PageHasTheSameNumbers) {
  HtmlWriter html;
  pim_costs_section(html, sample_report());
  const std::string page = html.take();
  EXPECT_THAT(page, HasSubstr("id=\"pim-cost-table\""));
  for (const char* part : {"data-v=\"2e+06\"", "data-v=\"5e+06\"", "no price for 17 bits",
                           "id=\"pim-part-table\"", "data-v=\"1e+06\""}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(PimCosts, CsvHasTwoColumnsPerSourceAndGapsElsewhere) {
  const std::string csv = layers_csv(sample_report());
  EXPECT_THAT(csv, HasSubstr("pim_components_resident_pj,pim_components_reloaded_pj"));
  EXPECT_THAT(csv, HasSubstr(",2e+06,3e+06,4e+06,5e+06,,\n"));
  Report without = sample_report();
  without.pim_costs.clear();
  EXPECT_THAT(layers_csv(without), ::testing::Not(HasSubstr("pim_")));
}

}  // namespace
}  // namespace bitscale::report
