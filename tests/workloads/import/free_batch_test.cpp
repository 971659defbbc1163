// A model of a free batch is run sample by sample: what would mix samples is refused.
#include "workloads/import/free_batch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/onnx_fixture.h"

namespace bitscale::import {
namespace {

using Fill = std::function<void(OnnxFile&)>;

/// x [batch, 4, 6], batch free when negative, and what `fill` makes of it.
std::string problem(std::int64_t batch, const Fill& fill) {
  OnnxFile file;
  file.input("x", {batch, 4, 6}).output("y");
  fill(file);
  return file.problem();
}

/// Refused for a free batch with `reason`, taken for a batch of 1.
void expect_refused(const Fill& fill, const std::string& reason) {
  EXPECT_EQ(problem(1, fill), "");
  const std::string said = problem(-1, fill);
  EXPECT_NE(said.find(reason), std::string::npos) << said << " lacks " << reason;
  EXPECT_NE(said.find("needs a fixed batch"), std::string::npos) << said;
}

void expect_taken(const Fill& fill) {
  EXPECT_EQ(problem(1, fill), "");
  EXPECT_EQ(problem(-1, fill), "");
}

Fill along(const char* op, std::int64_t axis) {
  return [=](OnnxFile& file) { set_integer(file.node(op, {"x"}, {"y"}), "axis", axis); };
}

Fill reshaped(const std::vector<std::int64_t>& dims) {
  return [=](OnnxFile& file) {
    file.integers("dims", {static_cast<std::int64_t>(dims.size())}, dims);
    file.node("Reshape", {"x", "dims"}, {"y"});
  };
}

Fill joined(const char* op, const std::vector<std::int64_t>& dims, bool first = false) {
  return [=](OnnxFile& file) {
    std::int64_t count = 1;
    for (const std::int64_t extent : dims) count *= extent;
    file.floats("c", dims, std::vector<float>(static_cast<std::size_t>(count), 1.0F));
    file.node(op, first ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"},
              {"y"});
  };
}

TEST(FreeBatch, SelectionsAndNormsKeepToTheSample) {
  for (const char* op : {"Softmax", "ArgMax"}) {
    expect_refused(along(op, 0), "works along the free batch");
    expect_refused(along(op, -3), "works along the free batch");
    expect_taken(along(op, 1));
    expect_taken(along(op, -1));
  }
  expect_refused(along("Flatten", 0), "flattens the free batch");
  expect_taken(along("Flatten", 1));
}

TEST(FreeBatch, OldSoftmaxFlattensToo) {
  for (const std::int64_t axis : {0, 1}) {
    OnnxFile file(11);
    file.input("x", {-1, 4, 6}).output("y");
    set_integer(file.node("Softmax", {"x"}, {"y"}), "axis", axis);
    EXPECT_EQ(file.problem().empty(), axis == 1) << file.problem();
  }
}

TEST(FreeBatch, MovementKeepsTheBatchInFront) {
  const auto transposed = [](const std::vector<std::int64_t>& order) -> Fill {
    return
        [=](OnnxFile& file) { set_integers(file.node("Transpose", {"x"}, {"y"}), "perm", order); };
  };
  expect_refused(transposed({1, 0, 2}), "moves the free batch to another axis");
  expect_taken(transposed({0, 2, 1}));
  expect_refused(reshaped({4, -1}), "gives the free batch the extent 4");
  expect_taken(reshaped({-1, 24}));
  expect_taken(reshaped({0, 6, 4}));
  const auto twice = [](std::int64_t axis) -> Fill {
    return [=](OnnxFile& file) {
      set_integer(file.node("Concat", {"x", "x"}, {"y"}), "axis", axis);
    };
  };
  expect_refused(twice(0), "works along the free batch");
  expect_taken(twice(2));
}

TEST(FreeBatch, ReshapesKeepTheBatchOutermost) {
  const auto with_axes = [](const char* op, const std::vector<std::int64_t>& axes) -> Fill {
    return [=](OnnxFile& file) {
      file.integers("axes", {static_cast<std::int64_t>(axes.size())}, axes);
      file.node(op, {"x", "axes"}, {"y"});
    };
  };
  expect_refused(with_axes("Unsqueeze", {0}), "moves the free batch to another axis");
  expect_taken(with_axes("Unsqueeze", {1, 3}));
  expect_refused(with_axes("Squeeze", {0}), "takes the free batch away");
  expect_refused(reshaped({1, -1}), "mixes the free batch with other extents");
  expect_refused(reshaped({1, -1, 6}), "mixes the free batch with other extents");
  expect_taken(reshaped({1, 24}));  // read as that of one sample
  expect_taken(reshaped({0, -1}));
  // Rows of all samples may be a step on the way, not what a model gives.
  const auto rows = [](bool back) -> Fill {
    return [=](OnnxFile& file) {
      file.integers("rows", {2}, {-1, 6}).integers("samples", {3}, {-1, 4, 6});
      file.node("Reshape", {"x", "rows"}, {back ? "r" : "y"});
      if (back) file.node("Reshape", {"r", "samples"}, {"y"});
    };
  };
  expect_taken(rows(true));
  EXPECT_NE(problem(-1, rows(false)).find("output 'y': holds 4 rows of every sample"),
            std::string::npos);
  const Fill flat = [](OnnxFile& file) {
    set_integer(file.node("Flatten", {"x"}, {"y"}), "axis", 2);
  };
  EXPECT_NE(problem(-1, flat).find("holds 4 rows"), std::string::npos);
}

/// Shape → its elements `which` → between `front` and `back` the target of a Reshape of x.
Fill viewed(std::int64_t which, bool front) {
  return [=](OnnxFile& file) {
    file.integers("which", {1}, {which}).integers("rest", {1}, {-1});
    file.node("Shape", {"x"}, {"shape"});
    file.node("Gather", {"shape", "which"}, {"extent"});
    set_integer(file.node("Concat",
                          front ? std::vector<std::string>{"extent", "rest"}
                                : std::vector<std::string>{"rest", "extent"},
                          {"dims"}),
                "axis", 0);
    file.node("Reshape", {"x", "dims"}, {"y"});
  };
}

TEST(FreeBatch, CountsOfSamplesAreFollowedThroughConstants) {
  expect_taken(viewed(0, true));  // [N, -1]: what exporters write
  expect_refused(viewed(0, false), "mixes the free batch with other extents");
  expect_refused(viewed(1, true), "gives the free batch the extent 4");
  const auto scaled = [](std::int64_t which) -> Fill {
    return [=](OnnxFile& file) {
      file.integers("which", {1}, {which});
      file.node("Shape", {"x"}, {"shape"});
      file.node("Gather", {"shape", "which"}, {"extent"});
      set_integer(file.node("Cast", {"extent"}, {"real"}), "to", 1);
      file.node("Mul", {"x", "real"}, {"y"});
    };
  };
  expect_refused(scaled(0), "computes with the number of samples");
  expect_taken(scaled(1));
}

TEST(FreeBatch, CutsPadsAndPicksLeaveSamplesAlone) {
  const auto sliced = [](std::int64_t axis, std::int64_t end) -> Fill {
    return [=](OnnxFile& file) {
      file.integers("begin", {1}, {0}).integers("end", {1}, {end}).integers("axis", {1}, {axis});
      file.node("Slice", {"x", "begin", "end", "axis"}, {"y"});
    };
  };
  expect_refused(sliced(0, 1), "cuts the free batch");
  expect_taken(sliced(0, std::numeric_limits<std::int64_t>::max()));
  expect_taken(sliced(1, 1));
  const auto padded = [](const std::vector<std::int64_t>& pads) -> Fill {
    return [=](OnnxFile& file) {
      file.integers("pads", {6}, pads);
      file.node("Pad", {"x", "pads"}, {"y"});
    };
  };
  expect_refused(padded({0, 0, 0, 1, 0, 0}), "pads the free batch");
  expect_taken(padded({0, 1, 0, 0, 1, 2}));
  const auto picked = [](std::int64_t axis) -> Fill {
    return [=](OnnxFile& file) {
      file.integers("which", {1}, {0});
      set_integer(file.node("Gather", {"x", "which"}, {"y"}), "axis", axis);
    };
  };
  expect_refused(picked(0), "works along the free batch");
  expect_taken(picked(1));
}

TEST(FreeBatch, OperandsAreTheSameForEverySample) {
  expect_taken(joined("Add", {6}));
  expect_taken(joined("Mul", {1, 4, 6}, true));
  expect_refused(joined("Add", {3, 4, 6}), "fits one batch only");
  expect_refused(joined("Sub", {1, 1, 4, 6}), "moves the free batch to another axis");
  expect_taken(joined("MatMul", {6, 5}));
  expect_taken(joined("MatMul", {1, 5, 4}, true));
  expect_refused(joined("MatMul", {2, 6, 5}), "fits one batch only");
}

TEST(FreeBatch, MatrixProductsDoNotSumOverSamples) {
  for (const std::int64_t batch : {1, -1}) {
    for (const bool transposed : {false, true}) {
      OnnxFile file;  // the transposed one fits a batch of 1 only
      file.input("x", {batch, 6}).output("y");
      file.floats("w", {transposed ? 1 : 6, 2}, std::vector<float>(transposed ? 2 : 12, 1.0F));
      set_integer(file.node("Gemm", {"x", "w"}, {"y"}), "transA", transposed ? 1 : 0);
      EXPECT_EQ(file.problem().empty(), batch == 1 || !transposed) << file.problem();
    }
  }
}

}  // namespace
}  // namespace bitscale::import
