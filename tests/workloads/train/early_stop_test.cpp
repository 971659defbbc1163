// When training ends, and which epoch's network is written.
#include <gtest/gtest.h>

#include <string>

#include "arch/base/file.h"
#include "tests/support/temp_folder.h"
#include "tests/workloads/train/easy_images.h"

namespace bitscale::train {
namespace {

// A learning rate of next to nothing gains nothing: the first epoch is the best.
TEST(EarlyStop, OnlyWhenToldTo) {
  Recipe made = recipe(WeightTraining::Float);
  made.epochs = 6;
  made.learning_rate = 1e-12;
  made.weight_decay = 0;
  const auto epochs = [&](int patience) {
    const testing::TempFolder folder;
    made.early_stop_epochs = patience;
    const TrainingResult result = train(made, data(), into(folder.path()));
    EXPECT_EQ(result.stopped_early, patience > 0);
    EXPECT_EQ(result.written_epoch == 6, patience == 0);
    return result.epochs.size();
  };
  const std::size_t one = epochs(1);
  EXPECT_LT(one, 6U);
  EXPECT_EQ(epochs(2), one + 1);
  EXPECT_EQ(epochs(0), 6U);
}

/// Long steps: every epoch leaves other weights.
Recipe restless(int patience) {
  Recipe made = recipe(WeightTraining::MaxAbs);
  made.epochs = 12;
  made.learning_rate = 0.1;
  made.early_stop_epochs = patience;
  return made;
}

std::string text_of(const testing::TempFolder& folder) {
  return base::read_text_file(folder / "trace" / "trace.json", 10'000'000);
}

// These images are soon all told apart: from then on no epoch is better, but weights go on moving.
TEST(EarlyStop, WritesTheBestEpochAndOtherwiseTheLast) {
  const testing::TempFolder two, four, never;
  const TrainingResult sooner = train(restless(2), data(), into(two.path()));
  const TrainingResult later = train(restless(4), data(), into(four.path()));
  for (const TrainingResult* result : {&sooner, &later}) {
    const auto written = static_cast<std::size_t>(result->written_epoch);
    ASSERT_GE(written, 1U);
    const double best = result->epochs[written - 1].validation_top1;
    for (const EpochRecord& epoch : result->epochs) {
      if (epoch.quantized) {
        EXPECT_LE(epoch.validation_top1, best) << epoch.epoch;
      }
    }
  }
  ASSERT_EQ(sooner.written_epoch, later.written_epoch);
  EXPECT_EQ(later.epochs.size(), sooner.epochs.size() + 2);
  EXPECT_EQ(text_of(two), text_of(four));  // whatever was trained behind it

  const TrainingResult whole = train(restless(0), data(), into(never.path()));
  EXPECT_EQ(whole.written_epoch, 12);
  EXPECT_NE(text_of(two), text_of(never));
}

TEST(EarlyStop, ResumesToTheSameBestNetwork) {
  const testing::TempFolder whole, parts;
  const TrainingResult expected = train(restless(3), data(), into(whole.path()));
  for (const int stop : {2, expected.written_epoch, expected.written_epoch + 1}) {
    train(restless(3), data(), into(parts.path(), stop));
  }
  EXPECT_EQ(train(restless(3), data(), into(parts.path())).written_epoch, expected.written_epoch);
  EXPECT_EQ(text_of(whole), text_of(parts));
  // The finished training once more: nothing is left to do, the same is written.
  EXPECT_EQ(train(restless(3), data(), into(parts.path())).written_epoch, expected.written_epoch);
  EXPECT_EQ(text_of(whole), text_of(parts));
}

}  // namespace
}  // namespace bitscale::train
