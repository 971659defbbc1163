#include "arch/spec/accelerator.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bitscale::spec {
namespace {

constexpr const char* kSmall = R"({
  "schema_version": 1, "name": "small", "clock_mhz": 1000,
  "mac_array": {"rows": 8, "cols": 4, "pe": {"weight_bits": 8, "act_bits": 8}},
  "buffers": {"shared": {"capacity_bytes": 65536}},
  "dram": {"bandwidth_gbps": 16, "latency_ns": 50.5, "energy_pj_per_bit": 15, "efficiency": 0.5}
})";

AcceleratorSpec read(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "a.json");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  AcceleratorSpec spec = read_accelerator(reader);
  problems.throw_if_any();
  return spec;
}

TEST(Accelerator, ReadsDefaultsAndDerivesRates) {
  const AcceleratorSpec spec = read(kSmall);
  EXPECT_EQ(spec.cores, 1);
  EXPECT_TRUE(spec.buffers.shared);
  EXPECT_DOUBLE_EQ(spec.dram_bytes_per_cycle(), 8.0);  // 16 GB/s × 0.5 at 1 GHz
  EXPECT_EQ(spec.dram_latency_cycles(), 51);
}

TEST(Accelerator, WritesWhatItReads) {
  const AcceleratorSpec spec = read(kSmall);
  base::JsonWriter once;
  write_accelerator(once, spec);
  const std::string text = once.take();
  base::JsonWriter twice;
  write_accelerator(twice, read(text));
  EXPECT_EQ(twice.take(), text);
}

TEST(Accelerator, PresetGivesFiguresThatCanBeOverridden) {
  std::string text = kSmall;
  const std::size_t at = text.find("\"dram\"");
  text = text.substr(0, at) + R"("dram": {"preset": "hbm2", "latency_ns": 100}})";
  const AcceleratorSpec spec = read(text);
  EXPECT_DOUBLE_EQ(spec.dram.bandwidth_gbps, 256);
  EXPECT_DOUBLE_EQ(spec.dram.latency_ns, 100);
}

TEST(Accelerator, InfiniteDramTakesNoTime) {
  std::string text = kSmall;
  text = text.substr(0, text.find("\"dram\"")) + R"("dram": {"preset": "infinite"}})";
  const AcceleratorSpec spec = read(text);
  EXPECT_TRUE(std::isinf(spec.dram_bytes_per_cycle()));
  EXPECT_EQ(spec.dram_latency_cycles(), 0);
}

TEST(Accelerator, FiguresThatInfiniteDramIgnoresAreAContradiction) {
  const std::string text = kSmall;
  const auto with = [&](const std::string& more) {
    return read(text.substr(0, text.find("\"dram\"")) + R"("dram": {"preset": "infinite")" + more +
                "}}");
  };
  try {
    with(R"(, "bandwidth_gbps": 10, "latency_ns": 5)");
    FAIL();
  } catch (const base::UserError& error) {
    ASSERT_EQ(error.problems().size(), 2u) << error.what();
    EXPECT_NE(error.problems()[0].where.find("/dram/bandwidth_gbps"), std::string::npos);
    EXPECT_NE(error.problems()[0].message.find("given 10 beside the preset 'infinite'"),
              std::string::npos);
    EXPECT_NE(error.problems()[1].where.find("/dram/latency_ns"), std::string::npos);
  }
  EXPECT_TRUE(with(R"(, "latency_ns": 0, "energy_pj_per_bit": 4)").dram.infinite);
  EXPECT_DOUBLE_EQ(with(R"(, "infinite": false, "bandwidth_gbps": 10)").dram.bandwidth_gbps, 10);
}

TEST(Accelerator, DramEnergyHasTheIntervalThatStandsBesideIt) {
  const std::string text = kSmall;
  const auto with = [&](const std::string& dram) {
    return read(text.substr(0, text.find("\"dram\"")) + "\"dram\": {" + dram + "}}").dram;
  };
  const DramSpec preset = with(R"("preset": "ddr4")");
  EXPECT_EQ(preset.energy_pj_per_bit, 15);
  EXPECT_EQ(preset.energy_low_pj_per_bit, 6);
  EXPECT_EQ(preset.energy_high_pj_per_bit, 20);
  EXPECT_EQ(with(R"("preset": "infinite")").energy_high_pj_per_bit, 20);
  const DramSpec own = with(R"("preset": "ddr4", "energy_pj_per_bit": 30)");
  EXPECT_EQ(own.energy_low_pj_per_bit, 30);  // the preset's interval is of its own figure
  EXPECT_EQ(own.energy_high_pj_per_bit, 30);
  const DramSpec both =
      with(R"("preset": "ddr4", "energy_pj_per_bit": 9, "energy_interval_pj_per_bit": [9, 11])");
  EXPECT_EQ(both.energy_low_pj_per_bit, 9);
  EXPECT_EQ(both.energy_high_pj_per_bit, 11);
  for (const char* bad : {"[9.5, 11]", "[1, 8]", "[8]", "[1, 2, 30]", "[-1, 30]", "10"}) {
    EXPECT_THROW(
        with(R"("preset": "ddr4", "energy_pj_per_bit": 9, "energy_interval_pj_per_bit": )" +
             std::string(bad)),
        base::UserError)
        << bad;
  }
}

TEST(Accelerator, DramFiguresAreBoundedOnBothSides) {
  const std::string text = kSmall;
  const auto refused = [&](const std::string& dram) {
    try {
      read(text.substr(0, text.find("\"dram\"")) + R"("dram": {"preset": "ddr4", )" + dram + "}}");
    } catch (const base::UserError&) {
      return true;
    }
    return false;
  };
  for (const char* good : {R"("energy_pj_per_bit": 1e9)", R"("bandwidth_gbps": 1e9)",
                           R"("bandwidth_gbps": 0.001)", R"("efficiency": 0.001)"}) {
    EXPECT_FALSE(refused(good)) << good;
  }
  for (const char* bad : {R"("energy_pj_per_bit": 1.1e9)", R"("bandwidth_gbps": 1.1e9)",
                          R"("bandwidth_gbps": 0.0009)", R"("efficiency": 0.0009)"}) {
    EXPECT_TRUE(refused(bad)) << bad;
  }
}

TEST(Accelerator, WritesTheIntervalItReads) {
  const std::string text = kSmall;
  base::JsonWriter json;
  write_accelerator(json,
                    read(text.substr(0, text.find("\"dram\"")) + R"("dram": {"preset": "hbm2"}})"));
  const DramSpec again = read(json.take()).dram;
  EXPECT_EQ(again.energy_low_pj_per_bit, 3.5);
  EXPECT_EQ(again.energy_high_pj_per_bit, 7);
}

TEST(Accelerator, ASourceNamesAFigure) {
  const std::string text = kSmall;
  const auto with = [&](const std::string& pointer) {
    return read(text.substr(0, text.rfind('}')) + R"(, "sources": {")" + pointer + R"(": "x"}})");
  };
  EXPECT_EQ(with("/dram/bandwidth_gbps").sources.size(), 1u);
  EXPECT_EQ(with("/mac_array").sources.size(), 1u);
  EXPECT_EQ(with("/post_processing/lanes").sources.size(), 1u);  // has a default
  for (const char* bad : {"/dram/bandwidth", "/mac_array/rows/0", "/pim/wordlines", "dram", ""}) {
    EXPECT_THROW(with(bad), base::UserError) << bad;
  }
}

TEST(Accelerator, SharedAndSeparateBuffersExcludeEachOther) {
  std::string text = kSmall;
  const std::string shared = R"("shared": {"capacity_bytes": 65536})";
  text.replace(text.find(shared), shared.size(), shared + R"(, "act": {"capacity_bytes": 1})");
  EXPECT_THROW(read(text), base::UserError);
}

TEST(Accelerator, EveryProblemIsReportedAtOnce) {
  try {
    read(R"({"schema_version": 2, "name": 3, "clock_mhz": 0, "mac_array": {"rows": 0, "cols": 4,
         "dataflow": "weight", "pe": {"weight_bits": 17}}, "buffers": {}, "dram": {"preset": "ddr5"}})");
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_GE(error.problems().size(), 9u) << error.what();
  }
}

}  // namespace
}  // namespace bitscale::spec
