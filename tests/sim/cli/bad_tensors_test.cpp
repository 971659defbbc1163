// Damaged and hostile models, tensors and traces through the whole program: exit 2 and a reason,
// never 3 and never a report that looks fine.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "arch/base/file.h"
#include "tests/sim/cli/cli_support.h"
#include "tests/support/onnx_fixture.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "workloads/model/npy.h"

namespace bitscale::cli {
namespace {

using import::OnnxFile;

constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 26;

std::filesystem::path digits() { return testing::source_path("workloads/traces/digits_mlp_w4a4"); }

CliOutcome run_model(const testing::TempFolder& folder, const std::string& bytes) {
  return call_program({"run", folder.write("model.onnx", bytes).string(), "--analytic", "--json"});
}

/// x → QuantizeLinear-like Quant → MatMul with quantized weights → y.
OnnxFile dense_file() {
  OnnxFile file;
  file.input("x", {1, 4}).output("y");
  file.floats("w", {4, 3}, {1, -2, 3, 4, 5, -6, 7, 1, 0, 2, -1, 3});
  file.floats("one", {}, {1}).floats("zero", {}, {0}).floats("bits", {}, {4});
  for (const char* name : {"x", "w"}) {
    onnx::NodeProto& node = file.node("Quant", {name, "one", "zero", "bits"},
                                      {std::string(name) + "q"}, "qonnx.custom_op.general");
    import::set_integer(node, "signed", 1);
    import::set_integer(node, "narrow", 0);
  }
  file.node("MatMul", {"xq", "wq"}, {"y"});
  return file;
}

void expect_refused(const CliOutcome& outcome, const std::string& reason) {
  EXPECT_EQ(outcome.status, kBadInput) << outcome.err;
  EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST(BadTensors, TheModelTheyDamageRuns) {
  const testing::TempFolder folder;
  const CliOutcome outcome = run_model(folder, dense_file().content());
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_EQ(at(outcome.json(), "/totals/macs").integer, 12);
  EXPECT_EQ(at(outcome.json(), "/layers/0/weight_bits").integer, 4);
}

TEST(BadTensors, TruncatedModelsAreRefused) {
  const testing::TempFolder folder;
  const std::string whole = dense_file().content();
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    EXPECT_EQ(run_model(folder, whole.substr(0, length)).status, kBadInput) << length;
  }
}

TEST(BadTensors, FlippedBitsAreRefusedOrAnotherLegalModel) {
  const testing::TempFolder folder;
  const std::string whole = dense_file().content();
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 37) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const CliOutcome outcome = run_model(folder, flipped);
    EXPECT_TRUE(outcome.status == kDone || outcome.status == kBadInput) << bit << outcome.err;
    refused += outcome.status == kBadInput ? 1 : 0;
  }
  EXPECT_GT(refused, 10);
}

TEST(BadTensors, CyclesAndMissingInitializersAreNamed) {
  const testing::TempFolder folder;
  OnnxFile cycle;
  cycle.input("x", {1, 4}).output("b");
  cycle.node("Add", {"x", "b"}, {"a"}).set_name("first");
  cycle.node("Relu", {"a"}, {"b"}).set_name("second");
  expect_refused(run_model(folder, cycle.content()), "is part of a cycle");
  OnnxFile missing = dense_file();
  missing.proto.mutable_graph()->mutable_initializer()->RemoveLast();
  expect_refused(run_model(folder, missing.content()), "'bits', which no node");
}

TEST(BadTensors, ExternalDataMustBeThereAndStayInside) {
  const testing::TempFolder folder;
  for (const auto& [location, reason] :
       {std::pair{"none.bin", "none.bin"}, std::pair{"../secret.bin", "../secret.bin"},
        std::pair{"/etc/passwd", "/etc/passwd"}}) {
    OnnxFile file = import::conv_file();
    onnx::TensorProto& weights = *file.proto.mutable_graph()->mutable_initializer(0);
    weights.clear_float_data();
    weights.set_data_location(onnx::TensorProto::EXTERNAL);
    auto& entry = *weights.add_external_data();
    entry.set_key("location");
    entry.set_value(location);
    expect_refused(run_model(folder, file.content()), reason);
  }
}

TEST(BadTensors, QuantizersMustBeLegal) {
  const testing::TempFolder folder;
  for (const float scale : {0.0F, -1.0F, std::numeric_limits<float>::infinity(), NAN}) {
    expect_refused(run_model(folder, import::quant_file(scale, 0, 4).content()),
                   "must be positive and finite");
  }
  for (const float bits : {0.0F, 33.0F, 2.5F}) {
    expect_refused(run_model(folder, import::quant_file(1, 0, bits).content()),
                   "is no whole number from 1 to 32");
  }
}

TEST(BadTensors, HugeAndNegativeExtentsAreRefused) {
  const testing::TempFolder folder;
  for (const std::int64_t extent : {std::int64_t{-3}, std::int64_t{1} << 62}) {
    OnnxFile file = import::conv_file();
    file.proto.mutable_graph()->mutable_initializer(0)->set_dims(0, extent);
    expect_refused(run_model(folder, file.content()), "negative or too large");
  }
}

CliOutcome run_inputs(const std::filesystem::path& inputs, const std::filesystem::path& labels) {
  return call_program({"run", digits().string(), "--analytic", "--json", "--inputs",
                       inputs.string(), "--labels", labels.string()});
}

TEST(BadTensors, DamagedInputsAreRefused) {
  const testing::TempFolder folder;
  const std::string whole = base::read_text_file(digits() / "samples.inputs.npy", kLargest);
  const std::filesystem::path labels = digits() / "samples.labels.npy";
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{5}, std::size_t{60}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_EQ(run_inputs(folder.write("x.npy", whole.substr(0, length)), labels).status, kBadInput)
        << length;
  }
  for (std::size_t byte = 0; byte < 128; ++byte) {  // the header
    std::string flipped = whole;
    flipped[byte] = static_cast<char>(flipped[byte] ^ 4);
    const CliOutcome outcome = run_inputs(folder.write("x.npy", flipped), labels);
    EXPECT_NE(outcome.status, kInternal) << byte << outcome.err;
  }
}

TEST(BadTensors, InputsAndLabelsMustFit) {
  const testing::TempFolder folder;
  const auto tensor = [&](const char* name, const model::Tensor& content) {
    model::write_npy(folder / name, content);
    return folder / name;
  };
  const auto inputs = digits() / "samples.inputs.npy", labels = digits() / "samples.labels.npy";
  const model::Tensor narrow(model::DType::UInt8, {500, 63});
  expect_refused(run_inputs(tensor("narrow.npy", narrow), labels), "the tensor has the shape");
  const model::Tensor few(model::DType::Int64, {499});
  expect_refused(run_inputs(inputs, tensor("few.npy", few)), "499 labels for 500 samples");
  const model::Tensor many(model::DType::Int64, {501});
  expect_refused(run_inputs(inputs, tensor("many.npy", many)), "501 labels for 500 samples");
  const model::Tensor real(model::DType::Float32, {500});
  expect_refused(run_inputs(inputs, tensor("real.npy", real)), "needed: one integer per sample");
  const model::Tensor pixels({1, 64}, std::vector<std::uint8_t>(64, 32));  // 5-bit codes end at 31
  EXPECT_EQ(call_program({"run", digits().string(), "--analytic", "--inputs",
                          tensor("x.npy", pixels).string()})
                .status,
            kBadInput);
}

TEST(BadTensors, ASweepWithoutInputsMeasuresNoOverflow) {
  const testing::TempFolder folder;
  const std::string model = folder.write("model.onnx", dense_file().content()).string();
  std::vector<std::string> words = {"run", model, "--analytic", "--json", "--acc-bits", "6..7"};
  const CliOutcome shapes = call_program(words);
  ASSERT_EQ(shapes.status, kDone) << shapes.err;
  const base::JsonValue without = shapes.json();
  EXPECT_EQ(at(without, "/accumulator_sweep").items.size(), 2u);
  EXPECT_EQ(base::find_by_pointer(without, "/accumulator_sweep/0/overflow_rate"), nullptr);
  model::write_npy(folder / "x.npy", model::Tensor({1, 4}, std::vector<float>{1, 2, 3, 4}));
  words.insert(words.end(), {"--inputs", (folder / "x.npy").string()});
  const CliOutcome measured = call_program(words);
  ASSERT_EQ(measured.status, kDone) << measured.err;
  const base::JsonValue with = measured.json();
  EXPECT_NE(base::find_by_pointer(with, "/accumulator_sweep/0/overflow_rate"), nullptr);
}

TEST(BadTensors, LabelsMustBeClasses) {
  const testing::TempFolder folder;
  const auto inputs = digits() / "samples.inputs.npy";
  const auto labelled = [&](std::int64_t label) {
    model::Tensor labels(model::DType::Int64, {500});
    labels.mutable_data<std::int64_t>()[7] = label;
    model::write_npy(folder / "labels.npy", labels);
    return run_inputs(inputs, folder / "labels.npy");
  };
  EXPECT_EQ(labelled(9).status, kDone);
  expect_refused(labelled(10), "label 7 is 10; allowed: the classes 0 to 9");
  expect_refused(labelled(99), "label 7 is 99");
  expect_refused(labelled(-3), "label 7 is -3");
  model::Tensor labels(model::DType::UInt64, {500});
  model::write_npy(folder / "unsigned.npy", labels);
  EXPECT_EQ(run_inputs(inputs, folder / "unsigned.npy").status, kDone);
  labels.mutable_data<std::uint64_t>()[7] = std::uint64_t{1} << 63;
  model::write_npy(folder / "unsigned.npy", labels);
  expect_refused(run_inputs(inputs, folder / "unsigned.npy"),
                 "element 7 is 9223372036854775808, above 2^63 - 1, which is no class");
}

TEST(BadTensors, LabelsBeyondTheClassesOfAnArgMax) {
  const testing::TempFolder folder;
  OnnxFile file = dense_file();
  file.proto.mutable_graph()->mutable_node()->rbegin()->set_output(0, "scores");
  onnx::NodeProto& node = file.node("ArgMax", {"scores"}, {"y"});
  import::set_integer(node, "axis", 1);
  import::set_integer(node, "keepdims", 0);
  const auto model = folder.write("model.onnx", file.content());
  model::write_npy(folder / "x.npy",
                   model::Tensor({2, 4}, std::vector<float>{1, 2, 3, 4, 4, 3, 2, 1}));
  const auto labelled = [&](std::int64_t label) {
    model::write_npy(folder / "y.npy", model::Tensor({2}, std::vector<std::int64_t>{0, label}));
    return call_program({"run", model.string(), "--analytic", "--json", "--inputs",
                         (folder / "x.npy").string(), "--labels", (folder / "y.npy").string()});
  };
  EXPECT_EQ(labelled(2).status, kDone);
  expect_refused(labelled(3), "label 1 is 3; allowed: the classes 0 to 2");
  expect_refused(labelled(-1), "label 1 is -1");
}

TEST(BadTensors, InputsMustBeFinite) {
  const testing::TempFolder folder;
  const std::string model = folder.write("model.onnx", dense_file().content()).string();
  const auto with = [&](float value) {
    model::write_npy(folder / "x.npy", model::Tensor({1, 4}, std::vector<float>{1, 2, value, 3}));
    return call_program(
        {"run", model, "--analytic", "--json", "--inputs", (folder / "x.npy").string()});
  };
  EXPECT_EQ(with(0.5F).status, kDone) << with(0.5F).err;
  expect_refused(with(NAN), "x.npy: element 2 of [1, 4] is NaN; inputs must be finite");
  const float infinite = std::numeric_limits<float>::infinity();
  expect_refused(with(infinite), "element 2 of [1, 4] is infinity;");
  expect_refused(with(-infinite), "element 2 of [1, 4] is minus infinity;");
}

TEST(BadTensors, RealNumbersKeepTheirAccumulators) {
  const testing::TempFolder folder;
  const auto run = [&](const OnnxFile& file, const char* bits) {
    return call_program({"run", folder.write("model.onnx", file.content()).string(), "--analytic",
                         "--json", "--acc-bits", bits});
  };
  OnnxFile real;
  real.input("x", {1, 4}).output("y");
  real.floats("w", {4, 3}, {1, -2, 3, 4, 5, -6, 7, 1, 0, 2, -1, 3});
  real.node("MatMul", {"x", "w"}, {"y"});
  for (const char* bits : {"12", "10..12", "auto"}) {
    expect_refused(run(real, bits), "sums no integers");
  }
  OnnxFile mixed = dense_file();
  mixed.proto.mutable_graph()->mutable_node(2)->set_output(0, "h");
  mixed.floats("v", {3, 2}, {1, 2, 3, 4, 5, 6}).node("MatMul", {"h", "v"}, {"y"});
  const CliOutcome outcome = run(mixed, "12");
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_EQ(at(outcome.json(), "/layers/0/acc_bits").integer, 12);
  const base::JsonValue design =
      call_program({"run", (folder / "model.onnx").string(), "--analytic", "--json"}).json();
  EXPECT_EQ(at(outcome.json(), "/layers/1/acc_bits").integer,
            at(design, "/layers/1/acc_bits").integer);
  EXPECT_EQ(at(outcome.json(), "/design/pe_acc_bits").integer,
            at(design, "/design/pe_acc_bits").integer);
}

TEST(BadTensors, ACorruptedTraceIsRefused) {
  const testing::TempFolder folder;
  for (const auto& entry : std::filesystem::directory_iterator(digits())) {
    std::filesystem::remove_all(folder / "trace");
    std::filesystem::copy(digits(), folder / "trace");
    const auto file = folder / "trace" / entry.path().filename().string();
    std::string content = base::read_text_file(file, kLargest);
    content[content.size() - 2] = static_cast<char>(content[content.size() - 2] ^ 1);
    folder.write("trace/" + entry.path().filename().string(), content);
    const CliOutcome outcome =
        call_program({"run", (folder / "trace").string(), "--analytic", "--json"});
    expect_refused(outcome, entry.path().filename() == "trace.sha256" ? "trace" : file.filename());
  }
}

TEST(BadTensors, ATraceWithoutOneOfItsFilesIsRefused) {
  const testing::TempFolder folder;
  std::filesystem::copy(digits(), folder / "trace");
  std::filesystem::remove(folder / "trace/fc1.codes.npy");
  expect_refused(call_program({"run", (folder / "trace").string()}), "fc1.codes.npy");
}

}  // namespace
}  // namespace bitscale::cli
