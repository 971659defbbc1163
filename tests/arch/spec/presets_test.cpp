// The designs of configs/arch: they read, and no figure in them is without its origin.
#include <gtest/gtest.h>

#include <set>

#include "arch/spec/accelerator.h"
#include "tests/support/reference.h"

namespace bitscale::spec {
namespace {

using base::JsonValue;

const std::set<std::string> kPresets = {"default", "tpu_v1_like", "eyeriss_like", "bitfusion_like",
                                        "pact_like"};

JsonValue load(const std::string& name) {
  return base::parse_json_file(testing::source_path("configs/arch/" + name + ".json"));
}

AcceleratorSpec read(const std::string& name) {
  const JsonValue document = load(name);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  AcceleratorSpec spec = read_accelerator(reader);
  problems.throw_if_any();
  return spec;
}

void collect_numbers(const JsonValue& value, const std::string& pointer,
                     std::vector<std::string>& pointers) {
  if (value.kind == JsonValue::Kind::Integer || value.kind == JsonValue::Kind::Number) {
    pointers.push_back(pointer);
  }
  for (const base::JsonMember& member : value.members) {
    collect_numbers(member.value, pointer + "/" + member.key, pointers);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    collect_numbers(value.items[i], pointer + "/" + std::to_string(i), pointers);
  }
}

bool says_how_sure(const std::string& source) {
  for (const char* mark : {"[read]", "[read-2nd]", "[derived]", "[recalled]", "assumed"}) {
    if (source.find(mark) != std::string::npos) return true;
  }
  return false;
}

TEST(Presets, AllAreThereAndRead) {
  std::set<std::string> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_path("configs/arch"))) {
    const std::string name = entry.path().stem().string();
    EXPECT_EQ(read(name).name, name);
    found.insert(name);
  }
  for (const std::string& name : kPresets) EXPECT_EQ(found.count(name), 1u) << name;
}

TEST(Presets, EveryNumberHasASourceWithItsMark) {
  for (const std::string& name : kPresets) {
    const JsonValue document = load(name);
    std::vector<std::string> pointers;
    for (const base::JsonMember& member : document.members) {
      if (member.key == "schema_version" || member.key == "sources") continue;
      collect_numbers(member.value, "/" + member.key, pointers);
    }
    EXPECT_GT(pointers.size(), 10u);
    const JsonValue& sources = *document.find("sources");
    for (const std::string& pointer : pointers) {
      EXPECT_NE(sources.find(pointer), nullptr) << name << " " << pointer;
    }
    for (const base::JsonMember& source : sources.members) {
      EXPECT_NE(base::find_by_pointer(document, source.key), nullptr) << name << " " << source.key;
      EXPECT_TRUE(says_how_sure(source.value.text)) << name << " " << source.key;
    }
  }
}

/// Peaks the chips' papers state, from the figures of the presets.
TEST(Presets, PeaksAgreeWithPublishedOnes) {
  const auto peak_tera_macs = [](const std::string& name, int bits) {
    const AcceleratorSpec spec = read(name);
    return static_cast<double>(spec.total_pes()) *
           macs_per_pe_cycle(spec.mac_array.pe, bits, bits) * spec.clock_mhz * 1e-6;
  };
  EXPECT_NEAR(2 * peak_tera_macs("tpu_v1_like", 8), 92, 0.5);         // 92 TOPS
  EXPECT_NEAR(1e3 * peak_tera_macs("eyeriss_like", 16), 33.6, 0.05);  // 33.6 GMAC/s
  EXPECT_NEAR(2 * peak_tera_macs("pact_like", 16) / 4, 1.5, 0.05);    // a core: 1.5 TFLOPS
  EXPECT_DOUBLE_EQ(peak_tera_macs("pact_like", 4), 4 * peak_tera_macs("pact_like", 16));
  EXPECT_DOUBLE_EQ(peak_tera_macs("bitfusion_like", 2), 16 * peak_tera_macs("bitfusion_like", 8));
}

TEST(Presets, BitFusionMovesItsPublishedBitsPerCycle) {
  EXPECT_DOUBLE_EQ(read("bitfusion_like").dram_bytes_per_cycle() * 8, 192);
}

}  // namespace
}  // namespace bitscale::spec
