// The committed networks against published totals (SOURCES.md section 6).
#include <gtest/gtest.h>

#include "tests/support/reference.h"
#include "workloads/model/network.h"

namespace bitscale::model {
namespace {

struct Oracle {
  const char* name;
  std::int64_t macs;
  std::int64_t params;
};

class PublishedTotals : public ::testing::TestWithParam<Oracle> {};

Network load(const std::string& name) {
  const base::JsonValue document =
      base::parse_json_file(testing::source_path("workloads/networks/" + name + ".json"));
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Network network = read_network(reader);
  problems.throw_if_any();
  return network;
}

TEST_P(PublishedTotals, MacsAndParametersAgree) {
  const Network network = load(GetParam().name);
  EXPECT_EQ(network.macs(), GetParam().macs);
  EXPECT_EQ(network.params(), GetParam().params);
}

INSTANTIATE_TEST_SUITE_P(Networks, PublishedTotals,
                         ::testing::Values(Oracle{"resnet18", 1814073344, 11689512},
                                           Oracle{"resnet50", 4089184256, 25557032}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace bitscale::model
