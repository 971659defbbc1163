#include "sim/reproduce/activation_density.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "arch/base/json_reader.h"
#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

DensityStudy study() { return load_density_study(run::Catalog(testing::source_path(""))); }

std::int64_t channels_of(const model::Network& network, const std::string& name) {
  for (const model::Layer& layer : network.layers) {
    if (layer.name == name) return layer.out_channels;
  }
  return -1;
}

TEST(ActivationDensity, PruningScalesAllChannelsButTheClasses) {
  const DensityStudy given = study();
  EXPECT_EQ(pruned_network(given.documents[0], 1).macs(), 398136320);
  EXPECT_EQ(pruned_network(given.documents[1], 1).macs(), 576440320);
  const model::Network half = pruned_network(given.documents[1], 0.5);
  EXPECT_EQ(channels_of(half, "conv1"), 32);
  EXPECT_EQ(channels_of(half, "fc"), 100);
  const model::Network one = pruned_network(given.documents[0], 0.001);
  EXPECT_EQ(channels_of(one, "conv1_1"), 1);
}

// One run for all that rests on it: it takes a few seconds.
TEST(ActivationDensity, TotalsWidthsAndCurves) {
  const DensityStudy given = study();
  const DensityResult result = reproduce_activation_density(given, [](const std::string&) {});
  ASSERT_EQ(result.targets.size(), 2);
  for (const Target& target : result.targets) EXPECT_TRUE(target.met()) << target.what;
  EXPECT_EQ(result.networks[0].macs, 398136320);
  EXPECT_NEAR(result.networks[0].uj_16_bits, 398136320 * 276.676e-9, 1e-9);
  EXPECT_EQ(result.targets[0].id, "D1a");
  EXPECT_EQ(result.targets[1].id, "D1b");
  // The rule, on what was measured.
  ASSERT_EQ(result.measured.size(), 3);
  EXPECT_EQ(result.measured[0].samples, 500);
  EXPECT_EQ(result.measured[0].act_bits, 4);
  EXPECT_NE(width_caution(result.measured[0]).find("activations of 4 bits"), std::string::npos);
  for (const MeasuredNetwork& measured : result.measured) {
    if (measured.samples == 0) continue;  // Fashion-MNIST is a package of its own
    if (&measured != &result.measured[0]) {
      EXPECT_EQ(measured.act_bits, 16) << measured.name;
      EXPECT_EQ(width_caution(measured), "");
    }
    for (const MeasuredLayer& layer : measured.layers) {
      EXPECT_GT(layer.density, 0);
      EXPECT_LE(layer.density, 1);
      EXPECT_EQ(layer.bits, std::max<std::int64_t>(2, std::lround(16 * layer.density)))
          << measured.name << ' ' << layer.name;
    }
    EXPECT_LT(measured.energies[1].table_uj, measured.energies[0].table_uj) << measured.name;
  }
  // The procedure, trained: narrower widths than the rule applied once, and a larger gain.
  ASSERT_EQ(result.trained.size(), 2);
  EXPECT_EQ(result.trained[0].epochs.back().bits.size(), 5);
  EXPECT_TRUE(result.trained[0].settled());
  EXPECT_GT(result.trained[0].gain(), 2);
  EXPECT_GT(result.trained[1].gain(), result.trained[0].gain());  // with channels pruned
  for (const NetworkResult& network : result.networks) {
    // Fewer channels never cost more, and a pruned ratio that reaches the gain does.
    for (std::size_t i = 1; i < network.pruned.size(); ++i) {
      EXPECT_LE(network.pruned[i].table_uj[0], network.pruned[i - 1].table_uj[0]);
    }
    EXPECT_DOUBLE_EQ(network.pruned.front().table_uj[0], network.uj_16_bits);
    EXPECT_DOUBLE_EQ(network.assignments[0].mean_bits, 16);
    for (std::size_t i = 1; i < 4; ++i) {
      EXPECT_LT(network.assignments[i].table_uj, network.assignments[i - 1].table_uj);
      EXPECT_LT(network.assignments[i].components_uj, network.assignments[i - 1].components_uj);
      EXPECT_LT(network.assignments[i].analytical_uj, network.assignments[i - 1].analytical_uj);
    }
  }
  const std::string json = density_json(given, result);
  EXPECT_NE(base::parse_json(json, "").find("targets"), nullptr);
  // Every figure that is not of a run here says how sure it is.
  const base::JsonValue document = base::parse_json(json, "");
  const auto text_at = [&](const std::string& pointer) {
    const base::JsonValue* found = base::find_by_pointer(document, pointer);
    return found == nullptr ? "nothing at " + pointer : found->text;
  };
  EXPECT_EQ(text_at("/networks/0/published_uj_mixed_status"), given.mixed_status);
  EXPECT_EQ(text_at("/networks/0/published_gain_mixed_status"), given.gain_status);
  EXPECT_EQ(text_at("/networks/0/published_gain_pruned_status"), given.pruned_status);
  EXPECT_EQ(text_at("/networks/0/assignments_status"), "ours");
  EXPECT_EQ(text_at("/trained/0/recipe"), "lenet_density");
  EXPECT_EQ(text_at("/trained/1/status"), "ours");
  EXPECT_NE(density_text(given, result).find("CAUTION: measured on activations of 4 bits"),
            std::string::npos);
  EXPECT_NE(density_text(given, result).find("lenet_density_pruned: after"), std::string::npos);
  EXPECT_EQ(text_at("/rule/status"), "recalled");
  EXPECT_NE(text_at("/table/0/source").find("[recalled]"), std::string::npos);
  EXPECT_NE(text_at("/analytical/mac_pj/source").find("[recalled]"), std::string::npos);
  EXPECT_EQ(text_at("/published_overestimate/status"), given.overestimate_status);
  EXPECT_NE(density_text(given, result).find("consistency check"), std::string::npos);
  for (const std::string& svg :
       {density_bits_svg(given, result, 0), density_pruning_svg(given, result, 1),
        density_overestimate_svg(given, result)}) {
    EXPECT_EQ(svg.rfind("<svg", 0), 0) << svg.substr(0, 80);
  }
  EXPECT_NE(density_pruning_svg(given, result, 0).find("198x [read]"), std::string::npos);
  EXPECT_NE(density_pruning_svg(given, result, 1).find("44x [read]"), std::string::npos);
  const std::string page = density_html(given, result);
  for (const char* part : {"D4: the analytical model", "measured-table", "applied ONCE"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  const std::string csv = density_pruning_csv(given, result);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 101);
}

}  // namespace
}  // namespace bitscale::reproduce
