#include "workloads/import/npz.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <optional>

#include "arch/base/file.h"
#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "workloads/import/npz_network.h"
#include "workloads/model/npy.h"

namespace bitscale::import {
namespace {

using model::Dims;
using model::Tensor;
using Arrays = std::map<std::string, Tensor>;

void write_zip(const std::filesystem::path& path, const std::map<std::string, std::string>& files) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, content] : files) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    zip_file_add(archive, name.c_str(), source, 0);
  }
  ASSERT_EQ(zip_close(archive), 0);
}

Tensor reals(const Dims& dims, float value) {
  return Tensor(
      dims, std::vector<float>(static_cast<std::size_t>(*model::checked_elements(dims)), value));
}
Tensor whole(const std::vector<std::int64_t>& values) {
  return Tensor({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Npz, ReadsWhatIsCompressedAndRefusesWhatIsDamaged) {
  const testing::TempFolder folder;
  const std::filesystem::path path = folder / "a.npz";
  const Tensor ones = reals({100, 10}, 1);
  write_zip(path, {{"w.npy", model::npy_content(ones)}});  // libzip compresses it
  EXPECT_EQ(read_npz(path).at("w"), ones);
  std::string bytes = base::read_text_file(path, 100'000);
  EXPECT_LT(bytes.size(), 1000U);
  const auto message = [&](const std::string& content) {
    folder.write("b.npz", content);
    return testing::user_error_of([&] { read_npz(folder / "b.npz"); });
  };
  EXPECT_EQ(message(bytes), "");
  EXPECT_NE(message(bytes.substr(0, bytes.size() - 4)), "");
  EXPECT_NE(message("no archive").find("is no .npz file"), std::string::npos);
  bytes[40] = static_cast<char>(bytes[40] ^ 0x55);  // inside the compressed data
  EXPECT_NE(message(bytes), "");
  EXPECT_NE(testing::user_error_of([&] { read_npz(folder / "none.npz"); }).find("no such file"),
            std::string::npos);
  write_zip(path, {{"w.txt", "text"}});
  EXPECT_NE(testing::user_error_of([&] { read_npz(path); }).find("w.txt"), std::string::npos);
  write_zip(path, {{"w.npy", "text"}});
  EXPECT_NE(testing::user_error_of([&] { read_npz(path); }).find("w.npy"), std::string::npos);
}

Arrays network() {
  return {{"input", whole({1, 4, 4})},
          {"0.conv.weight", reals({2, 1, 3, 3}, 1)},
          {"0.conv.padding", whole({1})},
          {"1.batch_norm.gain", reals({2}, 2)},
          {"1.batch_norm.shift", reals({2}, 1)},
          {"1.batch_norm.mean", reals({2}, 0)},
          {"1.batch_norm.variance", reals({2}, 4)},
          {"1.batch_norm.epsilon", reals({1}, 1e-9F)},
          {"2.relu", reals({0}, 0)},
          {"3.max_pool.kernel", whole({2, 2})},
          {"4.flatten", reals({0}, 0)},
          {"5.linear.weight", reals({3, 8}, 1)},
          {"5.linear.bias", reals({3}, 0.5)}};
}

TEST(NpzNetwork, BecomesOperatorsInOrder) {
  using model::Operator;
  const model::Graph graph = npz_network(network(), "n.npz");
  EXPECT_EQ(graph.value(graph.inputs[0]).dims, (Dims{1, 1, 4, 4}));
  EXPECT_EQ(graph.value(graph.outputs[0]).dims, (Dims{1, 3}));
  std::vector<Operator> operators;
  for (const model::Node& node : graph.nodes) operators.push_back(node.op);
  EXPECT_EQ(operators,
            (std::vector<Operator>{Operator::Conv, Operator::BatchNormalization, Operator::Relu,
                                   Operator::MaxPool, Operator::Reshape, Operator::Gemm}));
  EXPECT_EQ(graph.nodes[0].attributes.window.pad_right, 1);
  EXPECT_EQ(graph.nodes[3].attributes.window.strides[1], 2);  // the kernel's
  EXPECT_TRUE(graph.nodes[5].attributes.transpose_b);
}

// A file that NumPy 1.24 wrote: scalars, lists, empty arrays, both element types.
TEST(NpzNetwork, ReadsWhatNumpyWrites) {
  const model::Graph graph =
      import_npz(testing::source_path("tests/workloads/import/data/numpy_savez.npz"));
  EXPECT_EQ(graph.name, "numpy_savez");
  ASSERT_EQ(graph.nodes.size(), 4U);
  EXPECT_EQ(graph.nodes[0].attributes.window.strides[1], 2);
  EXPECT_EQ(graph.value(graph.nodes[0].outputs[0]).dims, (Dims{1, 2, 3, 3}));
  EXPECT_EQ(graph.value(graph.outputs[0]).dims, (Dims{1, 3}));
}

TEST(NpzNetwork, SaysWhatIsWrong) {
  const auto message = [](const std::string& name, const std::optional<Tensor>& tensor) {
    Arrays arrays = network();
    arrays.erase(name);
    if (tensor) arrays.emplace(name, *tensor);
    return testing::user_error_of([&] { npz_network(arrays, "n.npz"); });
  };
  const auto says = [&](const std::string& name, const std::optional<Tensor>& tensor,
                        const std::string& part) {
    const std::string found = message(name, tensor);
    EXPECT_NE(found.find(part), std::string::npos) << name << ": " << found;
  };
  says("input", {}, "no array 'input'");
  says("input", whole({0, 4, 4}), "at least 1");
  says("input", reals({3}, 1), "integer");
  says("0.conv.weight", {}, "0.conv");
  says("0.conv.weight", whole({1}), "float32");
  says("0.conv.weight", reals({2, 1, 3}, 1), "4 axes");
  says("0.conv.weight", reals({2, 2, 3, 3}, 1), "0.conv");
  says("0.conv.stride", whole({0}), "0.conv");
  says("0.conv.stride", whole({1, 1, 1}), "one integer or two");
  says("2.relu", {}, "no layer 2");
  says("2.relu.slope", reals({1}, 1), "nothing after its name");
  says("2.reluu", reals({1}, 1), "relu");
  says("0.conv.weights", reals({1}, 1), "weight");
  says("0.linear.weight", reals({1}, 1), "already of kind");
  says("3.max_pool.kernel", {}, "no layer 3");
  says("5.linear.weight", reals({3, 7}, 1), "5.linear");
  says("1.batch_norm.mean", {}, ".mean");
  says("1.batch_norm.epsilon", reals({1}, 0), "above 0");
  Arrays no_kernel = network();
  no_kernel.erase("3.max_pool.kernel");
  no_kernel.emplace("3.max_pool.stride", whole({2}));
  EXPECT_NE(testing::user_error_of([&] { npz_network(no_kernel, "n.npz"); }).find(".kernel"),
            std::string::npos);
  says("x", reals({1}, 1), "neither");
  says("1x.relu", reals({1}, 1), "neither");
}

}  // namespace
}  // namespace bitscale::import
