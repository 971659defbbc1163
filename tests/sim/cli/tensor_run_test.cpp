// Networks with tensors through the whole program: accuracy, accumulators, energy, files.
#include "sim/cli/tensor_run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "workloads/import/onnx_model.h"
#include "workloads/model/npy.h"

namespace bitscale::cli {
namespace {

std::string digits() { return testing::source_path("workloads/traces/digits_mlp_w4a4").string(); }

std::map<std::int64_t, double> accuracy_curve(const base::JsonValue& report) {
  std::map<std::int64_t, double> curve;
  for (const base::JsonValue& point : at(report, "/accumulator_sweep").items) {
    curve[at(point, "/acc_bits").integer] = at(point, "/top1").number;
  }
  return curve;
}

TEST(TensorRun, TheCommittedDigitsRunWithoutOptions) {
  const CliOutcome outcome = call_program({"run", digits(), "--json"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const base::JsonValue report = outcome.json();
  EXPECT_EQ(at(report, "/accuracy/samples").integer, 500);
  EXPECT_DOUBLE_EQ(at(report, "/accuracy/top1").number, 0.984);
  EXPECT_EQ(at(report, "/totals/macs").integer, 64 * 48 + 48 * 32 + 32 * 10);
  EXPECT_GT(at(report, "/totals/energy_pj").number, 0);
  EXPECT_EQ(at(report, "/design/engine").text, "systemc");
}

TEST(TensorRun, TextNamesTheAccuracy) {
  const CliOutcome outcome = call_program({"run", digits()});
  EXPECT_NE(outcome.out.find("accuracy 0.984"), std::string::npos) << outcome.out;
}

TEST(TensorRun, WrappingDigitsLoseAccuracyBelowTenBits) {
  const CliOutcome outcome =
      call_program({"run", digits(), "--json", "--acc-bits", "8..12", "--overflow", "wrap"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  auto curve = accuracy_curve(outcome.json());
  ASSERT_EQ(curve.size(), 5u);
  EXPECT_DOUBLE_EQ(curve[8], 0.058);
  EXPECT_DOUBLE_EQ(curve[9], 0.872);
  for (const int bits : {10, 11, 12}) EXPECT_DOUBLE_EQ(curve[bits], 0.984) << bits;
}

TEST(TensorRun, SaturatingAtTheEndLosesLess) {
  const CliOutcome outcome = call_program(
      {"run", digits(), "--json", "--acc-bits", "8..10", "--overflow", "saturate_at_end"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  auto curve = accuracy_curve(outcome.json());
  EXPECT_DOUBLE_EQ(curve[8], 0.942);
  EXPECT_DOUBLE_EQ(curve[9], 0.982);
  EXPECT_DOUBLE_EQ(curve[10], 0.984);
}

TEST(TensorRun, EveryPointOfTheSweepIsADesignOfItsOwn) {
  const base::JsonValue swept =
      call_program({"run", digits(), "--json", "--acc-bits", "9..13"}).json();
  const auto& points = at(swept, "/accumulator_sweep").items;
  ASSERT_EQ(points.size(), 5u);
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_GT(at(points[i], "/energy_pj").number, at(points[i - 1], "/energy_pj").number);
    EXPECT_GT(at(points[i], "/area_um2").number, at(points[i - 1], "/area_um2").number);
    EXPECT_LE(at(points[i], "/overflow_rate").number, at(points[i - 1], "/overflow_rate").number);
  }
  // The last point is the report's own run.
  EXPECT_EQ(at(points.back(), "/energy_pj").number, at(swept, "/totals/energy_pj").number);
  EXPECT_EQ(at(points.back(), "/area_um2").number, at(swept, "/area/total_um2").number);
}

TEST(TensorRun, AFixedWidthIsTheWidthOfTheHardware) {
  const base::JsonValue report =
      call_program({"run", digits(), "--json", "--acc-bits", "9"}).json();
  EXPECT_EQ(at(report, "/design/pe_acc_bits").integer, 9);
  EXPECT_DOUBLE_EQ(at(report, "/accuracy/top1").number, 0.872);
  for (const base::JsonValue& layer : at(report, "/layers").items) {
    EXPECT_EQ(at(layer, "/acc_bits").integer, 9);
  }
  EXPECT_EQ(base::find_by_pointer(report, "/accumulator_sweep"), nullptr);
}

TEST(TensorRun, AutomaticWidthsNeverOverflowAndOneBitLessCan) {
  const CliOutcome outcome = call_program({"run", digits(), "--json", "--acc-bits", "auto"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const base::JsonValue report = outcome.json();
  EXPECT_DOUBLE_EQ(at(report, "/accuracy/top1").number, 0.984);
  std::int64_t widest = 0;
  const auto& uses = at(report, "/accumulators").items;
  ASSERT_EQ(uses.size(), 3u);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const std::int64_t bits = at(uses[i], "/acc_bits").integer;
    EXPECT_EQ(bits, at(uses[i], "/exact_bound_bits").integer);
    EXPECT_EQ(bits, at(report, "/layers/" + std::to_string(i) + "/acc_bits").integer);
    EXPECT_EQ(at(uses[i], "/overflows").integer, 0);
    EXPECT_LE(at(uses[i], "/observed_bits").integer, bits);
    widest = std::max(widest, bits);
  }
  EXPECT_EQ(at(report, "/design/pe_acc_bits").integer, widest);
}

TEST(TensorRun, OverflowIsAccountedPerChannel) {
  const base::JsonValue report =
      call_program({"run", digits(), "--json", "--acc-bits", "9", "--overflow", "wrap"}).json();
  for (const base::JsonValue& use : at(report, "/accumulators").items) {
    std::int64_t overflows = 0, steps = 0, largest = 0;
    for (const base::JsonValue& channel : at(use, "/channels").items) {
      const std::int64_t count = at(channel, "/overflows").integer;
      const bool first = base::find_by_pointer(channel, "/first_overflow_step") != nullptr;
      EXPECT_EQ(first, count > 0);
      EXPECT_EQ(at(channel, "/wasted_bits").integer,
                std::max<std::int64_t>(0, 9 - at(channel, "/observed_bits").integer));
      EXPECT_EQ(count > 0, at(channel, "/observed_bits").integer > 9);
      overflows += count;
      steps += at(channel, "/steps").integer;
      largest = std::max(largest, at(channel, "/max_abs_partial_sum").integer);
    }
    EXPECT_EQ(overflows, at(use, "/overflows").integer);
    EXPECT_EQ(steps, at(use, "/steps").integer);
    EXPECT_EQ(largest, at(use, "/max_abs_partial_sum").integer);
  }
  EXPECT_GT(at(report, "/accumulators/0/overflows").integer, 0);
}

TEST(TensorRun, ZeroGatingSavesWhatTheTensorsHaveInZeros) {
  const base::JsonValue gated =
      call_program({"run", digits(), "--json", "--set", "/arch/mac_array/pe/zero_gating=true"})
          .json();
  ASSERT_EQ(at(gated, "/activity").items.size(), 3u);
  for (const base::JsonValue& layer : at(gated, "/activity").items) {
    EXPECT_GT(at(layer, "/zero_operand_rate").number, 0.4);
    EXPECT_LT(at(layer, "/energy_pj").number, at(layer, "/fixed_activity_energy_pj").number);
  }
  // Without gating the technology's model of activity saves less.
  const auto share = [](const base::JsonValue& layer) {
    return at(layer, "/energy_pj").number / at(layer, "/fixed_activity_energy_pj").number;
  };
  const base::JsonValue plain = call_program({"run", digits(), "--json", "--analytic"}).json();
  for (std::size_t i = 0; i < 3; ++i) {
    const base::JsonValue& layer = at(plain, "/activity").items[i];
    EXPECT_NE(share(layer), 1);
    EXPECT_GT(share(layer), share(at(gated, "/activity").items[i]));
  }
}

TEST(TensorRun, EnergyFollowsTheOperandsWhereTheTechnologyKnowsHow) {
  const base::JsonValue report =
      call_program({"run", digits(), "--json", "--tech", "osu018", "--arch", "small_180nm"}).json();
  ASSERT_EQ(at(report, "/activity").items.size(), 3u);
  for (const base::JsonValue& layer : at(report, "/activity").items) {
    EXPECT_NE(at(layer, "/energy_pj").number, at(layer, "/fixed_activity_energy_pj").number);
  }
}

TEST(TensorRun, EncodingsWithAnOffsetCostCyclesAndEnergy) {
  const auto run = [](const char* encoding) {
    return call_program({"run", "--network", "resnet20_cifar10", "--precision", "w4a4", "--json",
                         "--analytic", "--set",
                         std::string("/precision/default/weight_encoding=") + encoding, "--set",
                         "/arch/post_processing/lanes=1"})
        .json();
  };
  const base::JsonValue plain = run("\"twos_complement\""), odd = run("\"odd\"");
  EXPECT_GT(at(odd, "/totals/latency_cycles").integer, at(plain, "/totals/latency_cycles").integer);
  EXPECT_GT(at(odd, "/energy_by_component_pj/post_processing").number,
            at(plain, "/energy_by_component_pj/post_processing").number);
}

TEST(TensorRun, ShapesFilledWithRandomCodesRun) {
  const testing::TempFolder folder;
  const std::string trace = (folder / "trace").string();
  const CliOutcome made = call_program(
      {"import", "random", "--network", "resnet18_cifar100", "--bits", "4", "-o", trace});
  ASSERT_EQ(made.status, kDone) << made.err;
  const CliOutcome outcome =
      call_program({"run", trace, "--json", "--acc-bits", "11", "--overflow", "wrap"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const base::JsonValue report = outcome.json();
  EXPECT_GT(at(report, "/accumulators/5/overflows").integer, 0);
  EXPECT_EQ(base::find_by_pointer(report, "/accuracy"), nullptr);
  for (const char* network : {"bert_base_128", "resnet20_cifar10"}) {
    EXPECT_EQ(call_program({"import", "random", "--network", network, "-o", trace}).status,
              kBadInput);
  }
}

TEST(TensorRun, FashionMnistRunsFromItsIdxFiles) {
  const std::filesystem::path data = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const CliOutcome outcome = call_program(
      {"run", "fashion_mlp_w4a4", "--inputs", (data / "t10k-images-idx3-ubyte.gz").string(),
       "--labels", (data / "t10k-labels-idx1-ubyte.gz").string(), "--samples", "2000", "--json"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_EQ(at(outcome.json(), "/accuracy/samples").integer, 2000);
  EXPECT_GT(at(outcome.json(), "/accuracy/top1").number, 0.86);
  EXPECT_LT(at(outcome.json(), "/accuracy/top1").number, 0.90);
}

TEST(TensorRun, WritesPredictionsThatGiveTheAccuracy) {
  const testing::TempFolder folder;
  const std::string out = (folder / "out").string();
  ASSERT_EQ(call_program({"run", digits(), "-o", out, "--quiet"}).status, kDone);
  const model::Tensor predictions = model::read_npy(out + "/predictions.npy");
  const model::Tensor labels = model::read_npy(digits() + "/samples.labels.npy");
  ASSERT_EQ(predictions.dims(), (model::Dims{500}));
  int right = 0;
  for (int i = 0; i < 500; ++i) right += predictions.integer(i) == labels.integer(i) ? 1 : 0;
  EXPECT_EQ(right, 492);
  for (const char* name : {"report.json", "execution.json", "outputs.npy", "counts.json"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / "out" / name)) << name;
  }
  // The counts carry the statistics: a later report prices the same.
  const base::JsonValue again = call_program({"report", out + "/counts.json", "--json"}).json();
  const base::JsonValue first = base::parse_json_file(out + "/report.json", 1U << 26);
  EXPECT_EQ(at(again, "/totals/energy_pj").number, at(first, "/totals/energy_pj").number);
}

TEST(TensorRun, RunsFewerSamplesAndGivenOnes) {
  const CliOutcome few = call_program({"run", digits(), "--json", "--samples", "40"});
  EXPECT_EQ(at(few.json(), "/accuracy/samples").integer, 40);
  const CliOutcome given = call_program({"run", digits(), "--json", "--analytic", "--inputs",
                                         digits() + "/samples.inputs.npy", "--labels",
                                         digits() + "/samples.labels.npy"});
  ASSERT_EQ(given.status, kDone) << given.err;
  EXPECT_DOUBLE_EQ(at(given.json(), "/accuracy/top1").number, 0.984);
  const CliOutcome unlabelled = call_program(
      {"run", digits(), "--json", "--analytic", "--inputs", digits() + "/samples.inputs.npy"});
  EXPECT_EQ(base::find_by_pointer(unlabelled.json(), "/accuracy"), nullptr);
  EXPECT_EQ(at(unlabelled.json(), "/accumulators").items.size(), 3u);
}

TEST(TensorRun, PartialSumsLeaveTheArrayWhereTheMappingSays) {
  // 8 rows: fc0's reduction of 64 leaves the array in chunks of its passes.
  const std::vector<std::string> narrow = {"run",
                                           digits(),
                                           "--json",
                                           "--set",
                                           "/arch/mac_array/rows=8",
                                           "--set",
                                           "/arch/mac_array/pe/kind=\"fixed\"",
                                           "--set",
                                           "/arch/mac_array/pe/weight_bits=8",
                                           "--set",
                                           "/arch/mac_array/pe/act_bits=8",
                                           "--acc-bits",
                                           "auto"};
  const base::JsonValue mapped = call_program(narrow).json();
  EXPECT_EQ(at(mapped, "/accumulators/0/chunk_length").integer, 8);
  EXPECT_LT(at(mapped, "/accumulators/0/acc_bits").integer,
            at(mapped, "/accumulators/0/psum_bits").integer);
  EXPECT_EQ(at(mapped, "/accumulators/0/overflows").integer, 0);
  // Bits used and unused are those of the array, not of the wider sums across its passes.
  EXPECT_LE(at(mapped, "/accumulators/0/observed_bits").integer,
            at(mapped, "/accumulators/0/acc_bits").integer);
  EXPECT_EQ(at(mapped, "/accumulators/0/wasted_bits").integer,
            at(mapped, "/accumulators/0/acc_bits").integer -
                at(mapped, "/accumulators/0/observed_bits").integer);
  EXPECT_DOUBLE_EQ(at(mapped, "/accuracy/top1").number, 0.984);
}

struct BadWords {
  const char* name;
  std::vector<std::string> words;
  const char* expected;
};

class BadTensorOptions : public ::testing::TestWithParam<BadWords> {};

TEST_P(BadTensorOptions, AreRefused) {
  std::vector<std::string> words = {"run", digits(), "--analytic"};
  words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
  const CliOutcome outcome = call_program(words);
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_NE(outcome.err.find(GetParam().expected), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Cli, BadTensorOptions,
    ::testing::Values(
        BadWords{"one_bit", {"--acc-bits", "1"}, "an integer from 2 to 48, given '1'"},
        BadWords{"too_wide", {"--acc-bits", "49"}, "from 2 to 48"},
        BadWords{"fraction", {"--acc-bits", "8.5"}, "given '8.5'"},
        BadWords{"downwards", {"--acc-bits", "12..8"}, "upwards"},
        BadWords{"no_end", {"--acc-bits", "12.."}, "given ''"},
        BadWords{"policy", {"--overflow", "wrp"}, "did you mean 'wrap'?"},
        BadWords{"order", {"--order", "mappin"}, "did you mean 'mapping'?"},
        BadWords{"samples", {"--samples", "0"}, "--samples"},
        BadWords{"network", {"--network", "resnet18"}, "brings its own network"},
        BadWords{"input_bits", {"--input-bits", "4"}, "a trace is quantized already"},
        BadWords{"two_inputs", {"--inputs", "a.npy", "--inputs", "b.npy"}, "2 files given"},
        BadWords{"no_file", {"--inputs", "no_such.npy"}, "no_such.npy"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TensorRun, TensorOptionsNeedTensors) {
  const CliOutcome outcome =
      call_program({"run", "--network", "resnet20_cifar10", "--acc-bits", "16"});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_NE(outcome.err.find("--acc-bits: needs a network with tensors"), std::string::npos);
}

TEST(TensorRun, FinnExampleGivesItsClassesOnTheNarrowestAccumulators) {
  const auto data = testing::reference_path("data/finn_tfc_w1a1");
  BITSCALE_REQUIRE_REFERENCE(data);
  const testing::TempFolder folder;
  const CliOutcome outcome = call_program({"run", (data / "model.onnx").string(), "--inputs",
                                           (data / "input.npy").string(), "--acc-bits", "auto",
                                           "-o", (folder / "out").string(), "--json"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_EQ(model::read_npy(folder / "out/predictions.npy").integers(),
            (std::vector<std::int64_t>{7, 2, 1, 0}));
}

TEST(TensorRun, TfcRunsAndItsTraceRunsTheSame) {
  const auto data = testing::reference_path("data/qonnx_tfc");
  BITSCALE_REQUIRE_REFERENCE(data);
  const auto images = testing::reference_path("data/finn_tfc_w1a1/input.npy");
  model::Tensor pixels = model::read_npy(images).cast(model::DType::Float32);
  float* values = pixels.mutable_data<float>();
  for (std::int64_t i = 0; i < pixels.elements(); ++i) values[i] /= 255.0F;
  const testing::TempFolder folder;
  model::write_npy(folder / "x.npy", pixels);
  const std::string x = (folder / "x.npy").string(), trace = (folder / "trace").string();
  const std::string model = (data / "TFC_1W2A.onnx").string();
  const CliOutcome imported = call_program({"import", "onnx", model, "--inputs", x, "-o", trace});
  ASSERT_EQ(imported.status, kDone) << imported.err;
  const std::string a = (folder / "a").string(), b = (folder / "b").string();
  EXPECT_EQ(call_program({"run", model, "--inputs", x, "--analytic", "-q", "-o", a}).status, kDone);
  EXPECT_EQ(call_program({"run", trace, "--analytic", "-q", "-o", b}).status, kDone);
  EXPECT_EQ(model::read_npy(a + "/predictions.npy").integers(),
            (std::vector<std::int64_t>{7, 2, 1, 0}));
  EXPECT_TRUE(model::read_npy(a + "/outputs.npy") == model::read_npy(b + "/outputs.npy"));
}

TEST(TensorRun, EspcnRunsOnIntegersOnceItsPixelsAreQuantized) {
  const auto data = testing::reference_path("data/qonnx_espcn");
  BITSCALE_REQUIRE_REFERENCE(data);
  const testing::TempFolder folder;
  model::write_npy(folder / "x.npy", import::read_onnx_tensor(data / "input_0.pb"));
  const CliOutcome outcome = call_program({"run", (data / "quant_model.onnx").string(), "--inputs",
                                           (folder / "x.npy").string(), "--input-bits", "8",
                                           "--json", "-o", (folder / "out").string()});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_EQ(at(outcome.json(), "/layers/0/act_bits").integer, 8);
  EXPECT_EQ(at(outcome.json(), "/accumulators").items.size(), 4u);
  EXPECT_EQ(model::read_npy(folder / "out/outputs.npy").dims(), (model::Dims{1, 3, 256, 256}));
  const CliOutcome mixed =
      call_program({"run", (data / "quant_model.onnx").string(), "--analytic", "--json"});
  ASSERT_EQ(mixed.status, kDone) << mixed.err;
  EXPECT_NE(mixed.out.find("runs on real numbers"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::cli
