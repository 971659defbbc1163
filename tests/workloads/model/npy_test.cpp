#include "workloads/model/npy.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "tests/support/reference.h"

namespace bitscale::model {
namespace {

class NpyTest : public ::testing::Test {
 protected:
  std::filesystem::path path() const {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::filesystem::path(::testing::TempDir()) / (std::string("npy_") + info->name());
  }
  void TearDown() override { std::filesystem::remove(path()); }

  /// Message of the UserError that reading `content` gives, "" when it is read.
  std::string read_problem(const std::string& content) const {
    base::write_file_atomically(path(), content);
    try {
      read_npy(path());
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "";
  }
};

std::string file_of(const std::string& header, const std::string& data, char major = 1) {
  std::string file = "\x93NUMPY";
  file += major;
  file += '\0';
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  if (major > 1) file += std::string(2, '\0');
  return file + header + data;
}

template <class T>
void round_trip(const std::filesystem::path& path) {
  const Tensor written({2, 3}, std::vector<T>{0, 1, 2, 3, 4, 5});
  write_npy(path, written);
  EXPECT_TRUE(read_npy(path) == written) << kDTypeNames.name(written.dtype());
}

TEST_F(NpyTest, EveryTypeSurvivesWritingAndReading) {
  round_trip<std::int8_t>(path());
  round_trip<std::uint8_t>(path());
  round_trip<std::int16_t>(path());
  round_trip<std::uint16_t>(path());
  round_trip<std::int32_t>(path());
  round_trip<std::uint32_t>(path());
  round_trip<std::int64_t>(path());
  round_trip<std::uint64_t>(path());
  round_trip<float>(path());
  round_trip<double>(path());
}

TEST_F(NpyTest, ScalarsVectorsAndEmptyTensorsKeepTheirShape) {
  for (const Dims& dims : {Dims{}, Dims{1}, Dims{0}, Dims{3, 0, 2}, Dims{1, 1, 1, 2}}) {
    const Tensor written(DType::Float32, dims);
    write_npy(path(), written);
    EXPECT_EQ(read_npy(path()).dims(), dims);
  }
}

TEST_F(NpyTest, WritesTheHeaderNumPyWrites) {
  std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }";
  header.append(128 - 10 - header.size() - 1, ' ');
  header += '\n';
  const std::string content = npy_content(Tensor({3}, std::vector<std::int16_t>{0, 1, 2}));
  ASSERT_EQ(content.size(), 128u + 6u);
  EXPECT_EQ(content.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(content.substr(10, 118), header);
}

TEST_F(NpyTest, ReadsFilesNumPyWrote) {
  const auto file = testing::reference_path("data/finn_tfc_w1a1/expected_output.npy");
  BITSCALE_REQUIRE_REFERENCE(file);
  EXPECT_EQ(read_npy(file).integers(), (std::vector<std::int64_t>{7, 2, 1, 0}));
}

TEST_F(NpyTest, VersionsTwoAndThreeHaveALongerLengthField) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n";
  for (const char major : {'\1', '\2', '\3'}) {
    EXPECT_EQ(read_problem(file_of(header, "\x05\x07", major)), "");
    EXPECT_EQ(read_npy(path()).integers(), (std::vector<std::int64_t>{5, 7}));
  }
  EXPECT_NE(read_problem(file_of(header, "\x05\x07", '\4')).find("version 4.0"), std::string::npos);
}

TEST_F(NpyTest, UnalignedDataIsCopied) {
  const std::string header = "{'descr': '<i4', 'fortran_order': False, 'shape': (1,)}";
  ASSERT_NE((header.size() + 10) % 4, 0u);
  EXPECT_EQ(read_problem(file_of(header, std::string("\x01\x02\0\0", 4))), "");
  EXPECT_EQ(read_npy(path()).integer(0), 513);
}

TEST_F(NpyTest, EveryTruncationIsRefused) {
  const std::string whole = npy_content(Tensor({2, 2}, std::vector<float>{1, 2, 3, 4}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(read_problem(whole.substr(0, length)), "") << length;
  }
  EXPECT_NE(read_problem(whole + "x").find("needs 16 bytes of data, the file holds 17"),
            std::string::npos);
}

TEST_F(NpyTest, AFlippedHeaderBitNeverReadsAsAnotherShapeOfTheSameSize) {
  const Tensor tensor({2, 2}, std::vector<float>{1, 2, 3, 4});
  const std::string whole = npy_content(tensor);
  for (std::size_t bit = 0; bit < 8 * (whole.size() - 16); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    base::write_file_atomically(path(), flipped);
    try {
      const Tensor read = read_npy(path());
      EXPECT_EQ(read.size_bytes(), 16u) << bit;  // "<f4" may become "<i4": same size, same shape
      EXPECT_EQ(read.elements(), 4) << bit;
    } catch (const base::UserError&) {
      continue;
    }
  }
}

TEST_F(NpyTest, HostileHeadersSayWhatIsWrong) {
  const auto problem = [&](const std::string& descr, const std::string& order,
                           const std::string& shape) {
    return read_problem(file_of(
        "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n",
        ""));
  };
  const auto expect = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  expect(problem("'<f4'", "True", "(1,)"), "Fortran order");
  expect(problem("'>f4'", "False", "(1,)"), "element type '>f4'");
  expect(problem("'|O'", "False", "(1,)"), "element type '|O'");
  expect(problem("[('a', '<f4')]", "False", "(1,)"), "record types");
  expect(problem("'<f4'", "False", "(-1,)"), "negative");
  expect(problem("'<f4'", "False", "(9999999999999999999999,)"), "too large");
  expect(problem("'<f4'", "False", "(4294967296, 4294967296)"), "elements");
  expect(problem("'<f4'", "False", "(3)"), "comma");
  expect(problem("'<f4'", "0", "(3,)"), "True or False");
  expect(read_problem(file_of("{'descr': '<f4', 'descr': '<f4'}", "")), "twice");
  expect(read_problem(file_of("{'descr': '<f4', 'shape': (1,)}", "0000")), "needs the keys");
  expect(read_problem(file_of("{'extra': 1}", "")), "unknown key 'extra'");
  expect(read_problem("not a npy file at all"), "does not begin with");
  expect(read_problem(""), "does not begin with");
}

TEST_F(NpyTest, ABooleanMustBeZeroOrOne) {
  const std::string header = "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }\n";
  EXPECT_EQ(read_problem(file_of(header, std::string("\0\1", 2))), "");
  EXPECT_NE(read_problem(file_of(header, "\1\2")).find("boolean"), std::string::npos);
}

TEST_F(NpyTest, MissingFilesAndFoldersAreUserErrors) {
  EXPECT_THROW(read_npy("no/such/file.npy"), base::UserError);
  EXPECT_THROW(read_npy(::testing::TempDir()), base::UserError);
}

TEST_F(NpyTest, AMappedTensorIsCopiedBeforeItIsWritten) {
  write_npy(path(), Tensor({2}, std::vector<float>{1, 2}));
  const Tensor mapped = read_npy(path());
  Tensor changed = mapped;
  changed.mutable_data<float>()[0] = 9;
  EXPECT_EQ(mapped.data<float>()[0], 1);
  EXPECT_EQ(changed.data<float>()[0], 9);
}

}  // namespace
}  // namespace bitscale::model
