#include "arch/spec/sources.h"

#include <gtest/gtest.h>

namespace bitscale::spec {
namespace {

TEST(Sources, ThoseOfFiguresAKindOfPeLacksAreNotInUse) {
  AcceleratorSpec design;
  design.mac_array.pe.kind = PeKind::Configurable;
  design.sources = {{"/mac_array/pe/macs_per_cycle_at_16_8_4_2_bits/0", "a paper"},
                    {"/mac_array/rows", "assumed"}};
  EXPECT_EQ(with_sources_in_use(design).sources, design.sources);
  design.mac_array.pe.kind = PeKind::Fixed;
  const auto left = with_sources_in_use(design).sources;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].first, "/mac_array/rows");
}

TEST(Sources, MustNameAFigureByItsPointer) {
  base::JsonValue given = base::parse_json(R"({"/no/such": "x", "rows": "y"})", "a.json");
  base::Problems problems;
  base::JsonReader reader(given, problems);
  AcceleratorSpec design;
  design.sources = {{"/no/such", "x"}, {"rows", "y"}, {"/mac_array/rows", "z"}};
  check_sources(reader, base::JsonValue::make_object(), design);
  EXPECT_EQ(problems.size(), 2U);
}

}  // namespace
}  // namespace bitscale::spec
