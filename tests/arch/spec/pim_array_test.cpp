#include "arch/spec/pim_array.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"

namespace bitscale::spec {
namespace {

std::string design(const std::string& extent) {
  return "{" + extent + R"(, "arrays": 4, "cost": {
    "per_mac": [{"bits": 2, "fj": 3}, {"bits": 8, "fj": 66}],
    "components": {"cell_fj": 1, "wordline_fj": 2, "shift_add_fj": 3, "write_fj": 4, "cell_um2": 5,
                   "wordline_um2": 6, "column_um2": 7, "leakage_mw_per_mm2": 8},
    "analytical": {"mem_pj_per_bit": 2.5, "mac_pj_per_bit": 0.1, "mac_pj": 0.1}}})";
}

PimArraySpec read(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "pim.json");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  PimArraySpec pim = read_pim_array(reader);
  problems.throw_if_any();
  return pim;
}

std::string problem(const std::string& text) {
  try {
    read(text);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(PimArray, WritesWhatItReads) {
  const PimArraySpec pim = read(design(R"("wordlines": 64, "bitlines": 96, "bits_per_cell": 2,
      "slice_bits": 4, "col_mux": 2, "layers": ["conv*"], "sign": "offset", "weights": "resident")"));
  base::JsonWriter once;
  once.begin_object();
  write_pim_array(once, pim);
  once.end();
  const std::string text = once.take();
  const base::JsonValue document = base::parse_json(text, "");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  base::JsonReader member = reader.object("pim");
  const PimArraySpec again = read_pim_array(member);
  problems.throw_if_any();
  base::JsonWriter twice;
  twice.begin_object();
  write_pim_array(twice, again);
  twice.end();
  EXPECT_EQ(twice.take(), text);
  EXPECT_EQ(again.layers, std::vector<std::string>{"conv*"});
  EXPECT_EQ(again.adder_tree_inputs, 64);
}

TEST(PimArray, PricesAreBoundedSoThatNoRunReachesInfinity) {
  const std::string extent = R"("wordlines": 64, "bitlines": 96)";
  const auto with = [&](const std::string& key, const std::string& value) {
    std::string text = design(extent);
    const std::size_t at = text.find('"' + key + "\": ");
    const std::size_t begin = at + key.size() + 4;
    return text.replace(begin, text.find_first_of(",}\n", begin) - begin, value);
  };
  for (const char* key :
       {"cell_fj", "wordline_fj", "shift_add_fj", "write_fj", "cell_um2", "wordline_um2",
        "column_um2", "leakage_mw_per_mm2", "mem_pj_per_bit", "mac_pj_per_bit", "mac_pj", "fj"}) {
    EXPECT_EQ(problem(with(key, key == std::string("fj") ? "1e-9" : "1e9")), "") << key;
    const std::string message = problem(with(key, "1e308"));
    EXPECT_NE(message.find(key), std::string::npos) << key << ": " << message;
    EXPECT_NE(message.find("1e+09"), std::string::npos) << message;
  }
  EXPECT_NE(problem(with("fj", "1e-10")), "");
}

TEST(PimArray, TheComponentsOfALumpMayBeToldApart) {
  std::string text = design(R"("wordlines": 64, "bitlines": 96)");
  EXPECT_EQ(problem(text), "");
  text.replace(text.find("\"cell_fj\""), 0, R"("adder_tree_fj": 7, "register_fj": 8, )");
  const PimArraySpec pim = read(text);
  EXPECT_DOUBLE_EQ(pim.cost.weight_bit_fj(), 1 + 7);
  EXPECT_DOUBLE_EQ(pim.cost.act_bit_fj(), 2 + 8);
  text.replace(text.find("7, \"register"), 1, "-1");
  EXPECT_NE(problem(text).find("adder_tree_fj"), std::string::npos);
}

TEST(PimArray, WeightsOfAWordlineAreWholeAndInWholeGroups) {
  PimArraySpec pim;
  pim.bitlines = 128;
  pim.slice_bits = 4;
  pim.bits_per_cell = 2;
  EXPECT_EQ(cells_per_weight(pim, 4), 2);
  EXPECT_EQ(cells_per_weight(pim, 5), 4);  // the second slice takes whole cells
  EXPECT_EQ(weights_per_wordline(pim, 5), 32);
  EXPECT_EQ(weights_per_wordline(pim, 9), 21);  // 6 cells each, 2 cells lost
  pim.col_mux = 4;
  EXPECT_EQ(weights_per_wordline(pim, 9), 20);
}

TEST(PimArray, PeakFollowsWidths) {
  PimArraySpec pim;
  pim.col_mux = 2;
  EXPECT_DOUBLE_EQ(macs_per_array_cycle(pim, 8, 8), 128.0 * 16 / (8 * 2));
  EXPECT_DOUBLE_EQ(macs_per_array_cycle(pim, 8, 1), 128.0 * 16 / 2);
  EXPECT_TRUE(supports(pim, 16, 1));
  pim.act_bits = 4;
  EXPECT_FALSE(supports(pim, 16, 5));
}

TEST(PimArray, WordlinesMayNotExceedTheAdderTree) {
  const std::string tree = R"("bitlines": 64, "adder_tree_inputs": 64, "wordlines": )";
  EXPECT_EQ(problem(design(tree + "64")), "");
  EXPECT_NE(problem(design(tree + "65")).find("65 wordlines exceed the adder tree's 64 inputs"),
            std::string::npos);
}

TEST(PimArray, TheWidestWeightMustFitAWordline) {
  const std::string mux = R"("wordlines": 64, "col_mux": 2, "bitlines": )";
  EXPECT_EQ(problem(design(mux + "32")), "");
  EXPECT_NE(problem(design(mux + "31")).find("2 weights of 16 bits, which need 32 cells"),
            std::string::npos);
}

TEST(PimArray, SlicesLieInWholeCells) {
  const std::string cell = R"("wordlines": 64, "bitlines": 64, "slice_bits": 4, "bits_per_cell": )";
  EXPECT_EQ(problem(design(cell + "2")), "");
  EXPECT_NE(problem(design(cell + "3")).find("whole cells of 3 bits"), std::string::npos);
}

TEST(PimArray, PerMacEnergiesRise) {
  std::string text = design(R"("wordlines": 64, "bitlines": 64)");
  text.replace(text.find("\"fj\": 66"), 8, "\"fj\": 2");
  EXPECT_NE(problem(text).find("a wider MAC costs no less"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::spec
