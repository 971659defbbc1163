#include "sim/report/report_csv.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

TEST(ReportCsv, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(csv_field("conv1"), "conv1");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
}

TEST(ReportCsv, OneRowPerLayerUnderNamedColumns) {
  std::istringstream lines(layers_csv(sample_report()));
  std::string header, first, second, third, rest;
  std::getline(lines, header);
  std::getline(lines, first);
  std::getline(lines, second);
  std::getline(lines, third);
  EXPECT_FALSE(std::getline(lines, rest));
  EXPECT_EQ(header.substr(0, 35), "name,kind,unit,weight_bits,act_bits");
  EXPECT_NE(header.find(",energy_mac_array_pj,"), std::string::npos);
  EXPECT_EQ(first.substr(0, 49), "\"conv1, 7×7\",conv,mac_array,4,8,8,24,32,102400,0");
  // Measured densities and the analytic latency are empty cells where nobody measured them.
  EXPECT_NE(first.find(",0.5,,128,"), std::string::npos) << first;
  EXPECT_NE(second.find(",,,,"), std::string::npos) << second;
  EXPECT_EQ(std::count(header.begin(), header.end(), ','),
            std::count(second.begin(), second.end(), ','));
}

}  // namespace
}  // namespace bitscale::report
