#include "workloads/model/tensor.h"

#include <gtest/gtest.h>

#include <limits>

namespace bitscale::model {
namespace {

TEST(TensorTest, StartsWithZerosAndKnowsItsSize) {
  const Tensor tensor(DType::Int16, {2, 3});
  EXPECT_EQ(tensor.elements(), 6);
  EXPECT_EQ(tensor.size_bytes(), 12u);
  EXPECT_EQ(tensor.integers(), std::vector<std::int64_t>(6, 0));
  EXPECT_EQ(Tensor(DType::Float32, {}).elements(), 1);
  EXPECT_EQ(Tensor().elements(), 0);
}

TEST(TensorTest, IllegalShapesAreFound) {
  EXPECT_EQ(checked_elements({}), 1);
  EXPECT_EQ(checked_elements({0, 5}), 0);
  EXPECT_FALSE(checked_elements({-1}).has_value());
  EXPECT_FALSE(checked_elements({0, -1}).has_value());
  EXPECT_TRUE(checked_elements({kMaxElements}).has_value());
  EXPECT_FALSE(checked_elements({kMaxElements + 1}).has_value());
  EXPECT_FALSE(checked_elements({std::int64_t{1} << 32, std::int64_t{1} << 32}).has_value());
  EXPECT_EQ(checked_elements({kMaxBesideZero, 0}), 0);
  EXPECT_FALSE(checked_elements({kMaxBesideZero + 1, 0}).has_value());
  EXPECT_FALSE(checked_elements({0, kMaxBesideZero, 2}).has_value());
  EXPECT_THROW(Tensor(DType::Int8, {-1}), base::InternalError);
}

TEST(TensorTest, CopiesShareUntilOneIsWritten) {
  Tensor first({3}, std::vector<std::int32_t>{1, 2, 3});
  const Tensor second = first;
  EXPECT_EQ(first.bytes(), second.bytes());
  first.mutable_data<std::int32_t>()[1] = 7;
  EXPECT_EQ(second.integers(), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(first.integers(), (std::vector<std::int64_t>{1, 7, 3}));
}

TEST(TensorTest, ReadingAsAnotherTypeIsAnInvariant) {
  const Tensor tensor({1}, std::vector<float>{1.5F});
  EXPECT_THROW(static_cast<void>(tensor.data<double>()), base::InternalError);
  EXPECT_THROW(static_cast<void>(tensor.integer(0)), base::InternalError);
  EXPECT_THROW(static_cast<void>(tensor.real(1)), base::InternalError);
  EXPECT_EQ(tensor.real(0), 1.5);
  const Tensor huge({1}, std::vector<std::uint64_t>{std::numeric_limits<std::uint64_t>::max()});
  EXPECT_THROW(static_cast<void>(huge.integer(0)), base::InternalError);
}

TEST(TensorTest, CastsAndReshapes) {
  const Tensor tensor({2, 2}, std::vector<std::int8_t>{-1, 0, 1, 2});
  EXPECT_EQ(tensor.cast(DType::Float32).reals(), (std::vector<double>{-1, 0, 1, 2}));
  EXPECT_EQ(tensor.cast(DType::Int64).integers(), (std::vector<std::int64_t>{-1, 0, 1, 2}));
  EXPECT_EQ(tensor.reshaped({4}).dims(), Dims{4});
  EXPECT_THROW(tensor.reshaped({3}), base::InternalError);
  EXPECT_TRUE(tensor != tensor.reshaped({4}));
}

TEST(TensorTest, StorageIsTheSmallestTypeThatHoldsTheCodes) {
  EXPECT_EQ(storage_type({1, false}), DType::UInt8);
  EXPECT_EQ(storage_type({8, true}), DType::Int8);
  EXPECT_EQ(storage_type({9, true}), DType::Int16);
  EXPECT_EQ(storage_type({16, false}), DType::UInt16);
  EXPECT_EQ(storage_type({17, true}), DType::Int32);
  EXPECT_EQ(storage_type({33, true}), DType::Int64);
  EXPECT_EQ(integer_format(DType::UInt8).max(), 255);
  EXPECT_THROW(integer_format(DType::Float32), base::InternalError);
}

}  // namespace
}  // namespace bitscale::model
