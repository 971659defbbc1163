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

/// Published or derived from published shapes, as SOURCES.md says; the CIFAR networks' MACs are
/// those behind the energy totals of arXiv 2101.04354 and He et al., CVPR 2016. Parameters of
/// ResNet-20: the trainable elements of the published float weights. BERT: 84,934,656 matrix
/// weights, biases and layer norms of the encoder.
const Oracle kOracles[] = {
    {"alexnet", 714188480, 61100840},
    {"vgg16", 15470264320, 138357544},
    {"vgg19_cifar10", 398136320, 0},
    {"resnet18", 1814073344, 11689512},
    {"resnet50", 4089184256, 25557032},
    {"resnet18_cifar100", 555417600 + 51200, 0},
    {"resnet18_cifar100_skip_conv", 576440320, 0},
    {"resnet20_cifar10", 40551040, 269722},
    {"mobilenet_v1", 568740352, 4231976},
    {"mobilenet_v2", 300774272, 3504872},
    {"bert_base_128", 11173625856, 85054464},
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

std::int64_t macs_of(const Network& network, LayerKind kind) {
  std::int64_t total = 0;
  for (const Layer& layer : network.layers) total += layer.kind == kind ? layer.macs() : 0;
  return total;
}

TEST_P(PublishedTotals, MacsAndParametersAgree) {
  const Network network = load(GetParam().name);
  EXPECT_EQ(network.macs(), GetParam().macs);
  if (GetParam().params > 0) {
    EXPECT_EQ(network.params(), GetParam().params);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, PublishedTotals, ::testing::ValuesIn(kOracles),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Networks, EveryFileHasAnOracle) {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_path("workloads/networks"))) {
    files += entry.path().extension() == ".json" ? 1 : 0;
  }
  EXPECT_EQ(files, std::size(kOracles));
}

TEST(Networks, ConvolutionSharesAgreeWithPublishedOnes) {
  EXPECT_EQ(macs_of(load("alexnet"), LayerKind::Conv), 655566528);
  EXPECT_EQ(macs_of(load("vgg16"), LayerKind::Conv), 15346630656);
  EXPECT_EQ(macs_of(load("resnet18_cifar100"), LayerKind::Conv), 555417600);
}

TEST(Networks, BertTotalsAgreeWithTheWholeModel) {
  const Network network = load("bert_base_128");
  std::int64_t matrix_weights = 0;
  for (const Layer& layer : network.layers) {
    if (layer.kind == LayerKind::Gemm) matrix_weights += layer.weight_elements();
  }
  EXPECT_EQ(matrix_weights, 84934656);
  const std::int64_t embeddings = (30522 + 512 + 2) * 768 + 2 * 768;  // tables and their norm
  const std::int64_t pooler = 768 * 768 + 768;
  EXPECT_EQ(network.params() + embeddings + pooler, 109482240);
  EXPECT_EQ(macs_of(network, LayerKind::Matmul), std::int64_t{12} * 2 * 12 * 128 * 128 * 64);
}

/// Layers of a known published resolution: a wrong padding or stride would move them.
TEST(Networks, FinalFeatureMapsHaveTheirPublishedSize) {
  const auto last_pixels = [](const std::string& name) {
    const Network network = load(name);
    for (std::size_t i = network.layers.size(); i > 0; --i) {
      if (network.layers[i - 1].kind == LayerKind::Conv) return network.layers[i - 1].out_pixels();
    }
    return std::int64_t{0};
  };
  for (const char* name : {"resnet18", "resnet50", "mobilenet_v1", "mobilenet_v2"}) {
    EXPECT_EQ(last_pixels(name), 7 * 7) << name;
  }
  EXPECT_EQ(last_pixels("alexnet"), 13 * 13);
  EXPECT_EQ(last_pixels("vgg16"), 14 * 14);
  EXPECT_EQ(last_pixels("resnet20_cifar10"), 8 * 8);
}

}  // namespace
}  // namespace bitscale::model
