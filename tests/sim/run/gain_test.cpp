#include "sim/run/gain.h"

#include <gmock/gmock.h>

#include "sim/run/plan.h"
#include "sim/run/simulate.h"

namespace bitscale::run {
namespace {

using ::testing::HasSubstr;

struct Planned {
  explicit Planned(const RunRequest& request)
      : config(load_config(request, Catalog(BITSCALE_SOURCE_DIR))),
        prices(config.accelerator, config.technology),
        graph(plan_tasks(config, prices)),
        mapping(plan_mapping(config, graph, prices)) {}
  OwnGain gain() const { return own_gain(config, prices, graph, mapping); }
  double latency() const {
    return static_cast<double>(analyze(graph, config.accelerator, mapping).latency_cycles());
  }
  RunConfig config;
  cost::CostModel prices;
  mapping::TaskGraph graph;
  mapping::NetworkMapping mapping;
};

RunRequest request(const std::string& arch, const std::string& precision) {
  RunRequest request;
  request.arch = arch;
  request.network = "resnet20_cifar10";
  request.precision = precision;
  return request;
}

TEST(Gain, FactorsMultiplyToTheGainOverTheWidestOperands) {
  const Planned narrow(request("bitfusion_like", "w4a4"));
  const OwnGain gain = narrow.gain();
  ASSERT_EQ(gain.reason, "");
  EXPECT_EQ(gain.weight_bits, narrow.config.accelerator.mac_array.pe.weight_bits);
  EXPECT_GE(gain.factors.peak, 4);
  RunRequest widest = request("bitfusion_like", "w8a8");
  widest.sets = {"/precision/default/weight_bits=" + std::to_string(gain.weight_bits),
                 "/precision/default/act_bits=" + std::to_string(gain.act_bits)};
  EXPECT_NEAR(gain.factors.total(), Planned(widest).latency() / narrow.latency(), 1e-9);
}

TEST(Gain, ALayerLeftWideIsAFactorBelowOne) {
  RunRequest mixed = request("bitfusion_like", "w4a4");
  mixed.sets = {"/precision/first_layer/weight_bits=8", "/precision/first_layer/act_bits=8"};
  const OwnGain gain = Planned(mixed).gain();
  ASSERT_EQ(gain.reason, "");
  EXPECT_LT(gain.factors.other_layers, 1);
  EXPECT_NEAR(Planned(request("bitfusion_like", "w4a4")).gain().factors.other_layers, 1, 1e-12);
}

TEST(Gain, SaysWhyThereIsNone) {
  EXPECT_THAT(Planned(request("bitfusion_like", "w8a8")).gain().reason,
              HasSubstr("as wide as its PEs take"));
  Planned given(request("default", "w4a4"));
  EXPECT_EQ(given.gain().reason, "");
  given.config.mapping = base::JsonValue::make_object();
  EXPECT_THAT(given.gain().reason, HasSubstr("mapping was given"));
}

}  // namespace
}  // namespace bitscale::run
