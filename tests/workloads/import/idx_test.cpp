#include "workloads/import/idx.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <string>

#include "arch/base/error.h"
#include "tests/support/temp_folder.h"

namespace bitscale::import {
namespace {

/// Header of `type` and extents, then `data`.
std::string idx(char type, const std::vector<int>& dims, const std::string& data) {
  std::string file = {'\0', '\0', type, static_cast<char>(dims.size())};
  for (const int extent : dims) {
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(extent >> shift & 0xff);
  }
  return file + data;
}

std::string problem_of(const std::string& bytes) {
  try {
    parse_idx(bytes, "a.idx");
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(Idx, ReadsBytesAndBigEndianNumbers) {
  const model::Tensor bytes = parse_idx(idx(8, {2, 2}, "\x01\x02\x03\xff"), "a.idx");
  EXPECT_EQ(bytes.integers(), (std::vector<std::int64_t>{1, 2, 3, 255}));
  const model::Tensor shorts = parse_idx(idx(11, {2}, std::string("\x01\x00\xff\xfe", 4)), "a.idx");
  EXPECT_EQ(shorts.integers(), (std::vector<std::int64_t>{256, -2}));
  const model::Tensor reals = parse_idx(idx(13, {1}, std::string("\x3f\xc0\x00\x00", 4)), "a.idx");
  EXPECT_EQ(reals.real(0), 1.5);
}

TEST(Idx, WhatIsNoIdxFileSaysSo) {
  const auto expect = [](const std::string& problem, const char* part) {
    EXPECT_NE(problem.find(part), std::string::npos) << problem;
  };
  const std::string whole = idx(8, {2, 2}, "1234");
  EXPECT_EQ(problem_of(whole), "");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(problem_of(whole.substr(0, length)), "") << length;
  }
  expect(problem_of(whole + "5"), "states the shape [2, 2] of 1-byte elements, but holds 5 bytes");
  expect(problem_of(idx(7, {1}, "1")), "element type 7");
  expect(problem_of("PNG and more"), "two zero bytes");
  expect(problem_of(idx(8, {-1, -1, -1}, "")), "states the shape");
}

TEST(Idx, ReadsGzipAndRefusesADamagedOne) {
  const testing::TempFolder folder;
  const std::string path = (folder / "a.gz").string();
  const std::string content = idx(8, {1000}, std::string(1000, '\x05'));
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  EXPECT_EQ(read_idx(path).elements(), 1000);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4);
  EXPECT_THROW(read_idx(path), base::UserError);
  EXPECT_THROW(read_idx(folder / "absent.gz"), base::UserError);
}

TEST(Idx, UnpacksNoMoreThanTheHeaderStates) {
  const testing::TempFolder folder;
  const std::string path = (folder / "bomb.gz").string();
  const std::string start = idx(8, {2000}, std::string(2000, '\x05'));
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, start.data(), static_cast<unsigned>(start.size()));
  const std::string zeros(std::size_t{1} << 20, '\0');
  for (int i = 0; i < 64; ++i) gzwrite(file, zeros.data(), static_cast<unsigned>(zeros.size()));
  gzclose(file);
  try {
    read_idx(path);
    FAIL() << "64 MiB behind the last element were taken";
  } catch (const base::UserError& error) {
    const std::string problem = error.what();
    EXPECT_NE(problem.find("holds more than the 2008 bytes that its header states"),
              std::string::npos)
        << problem;
  }
}

TEST(Idx, ImagesAndLabelsMustBelongTogether) {
  const testing::TempFolder folder;
  const auto images = folder.write("images", idx(8, {2, 1, 2}, std::string("\x00\xff\x33\x66", 4)));
  const auto labels = folder.write("labels", idx(8, {2}, "\x03\x07"));
  const LabelledImages read = read_idx_images(images, labels);
  EXPECT_EQ(read.pixels.dims(), (model::Dims{2, 1, 1, 2}));
  EXPECT_FLOAT_EQ(read.pixels.data<float>()[1], 1.0F);
  EXPECT_FLOAT_EQ(read.pixels.data<float>()[2], 0.2F);
  EXPECT_EQ(read.labels.integers(), (std::vector<std::int64_t>{3, 7}));
  const auto fewer = folder.write("fewer", idx(8, {1}, "\x03"));
  EXPECT_THROW(read_idx_images(images, fewer), base::UserError);
  EXPECT_THROW(read_idx_images(labels, labels), base::UserError);
}

TEST(Idx, ReadsFashionMnist) {
  const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "package dataset-fashion-mnist is absent";
  const LabelledImages test =
      read_idx_images(folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz");
  EXPECT_EQ(test.pixels.dims(), (model::Dims{10000, 1, 28, 28}));
  std::vector<int> per_class(10, 0);
  for (const std::int64_t label : test.labels.integers())
    ++per_class.at(static_cast<std::size_t>(label));
  EXPECT_EQ(per_class, std::vector<int>(10, 1000));
}

}  // namespace
}  // namespace bitscale::import
