// Short trainings on made-up images: same seed, same result, also after a stop.
#include "workloads/train/trainer.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <random>

#include "arch/base/file.h"
#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"
#include "tests/workloads/train/easy_images.h"
#include "workloads/exec/batch.h"
#include "workloads/import/onnx.h"
#include "workloads/model/lowering.h"
#include "workloads/model/trace.h"

namespace bitscale::train {
namespace {

TEST(Trainer, LearnsAndItsIntegersPredictTheSame) {
  for (const WeightTraining weights : {WeightTraining::MaxAbs, WeightTraining::Sawb,
                                       WeightTraining::A2q, WeightTraining::A2qPlus}) {
    const testing::TempFolder folder;
    const TrainingResult result = train(recipe(weights), data(), into(folder.path()));
    EXPECT_GT(result.test_top1, 0.9) << kWeightTrainingNames.name(weights);
    EXPECT_LT(result.epochs.back().loss, result.epochs.front().loss);
    EXPECT_LE(result.differing_samples.size(), 1U);
    const model::QuantizedGraph graph = model::read_trace(folder / "trace").graph;
    EXPECT_TRUE(graph.float_macs.empty());
    expect_same_integers(graph, folder / "model.onnx");
    if (weights != WeightTraining::A2q && weights != WeightTraining::A2qPlus) continue;
    for (const model::QuantizedNode& node : graph.nodes) {
      if (node.op != model::QuantizedOp::Mac) continue;
      EXPECT_LE(model::sum_range(graph, node).signed_bits(), 14) << node.name;
    }
  }
}

/// The bytes of trace.json hold checksums of every tensor.
std::string trace_text(const std::filesystem::path& folder) {
  return base::read_text_file(folder / "trace" / "trace.json", 10'000'000);
}

TEST(Trainer, StopsAndResumesToTheSameNetwork) {
  const testing::TempFolder whole, parts;
  train(recipe(WeightTraining::A2q), data(), into(whole.path()));
  for (const int stop : {1, 3, 0}) {
    const TrainingResult part =
        train(recipe(WeightTraining::A2q), data(), into(parts.path(), stop));
    EXPECT_EQ(part.finished, stop == 0);
  }
  EXPECT_EQ(trace_text(whole.path()), trace_text(parts.path()));
}

// A process killed in the middle of an epoch, then resumed.
TEST(Trainer, ResumesAfterKill) {
  const testing::TempFolder whole, parts;
  train(recipe(WeightTraining::MaxAbs), data(), into(whole.path()));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    TrainingOptions options = into(parts.path());
    int epochs = 0;
    options.progress = [&](const std::string&) {  // called before the epoch's checkpoint
      if (++epochs == 3) raise(SIGKILL);
    };
    train(recipe(WeightTraining::MaxAbs), data(), options);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  std::string said;
  TrainingOptions options = into(parts.path());
  options.progress = [&](const std::string& text) { said += text + "\n"; };
  EXPECT_TRUE(train(recipe(WeightTraining::MaxAbs), data(), options).finished);
  EXPECT_NE(said.find("resumed after epoch 2"), std::string::npos) << said;
  EXPECT_EQ(trace_text(whole.path()), trace_text(parts.path()));
}

// Skip additions and strided layers become integers as well.
TEST(Trainer, EveryNetworkPredictsTheSameInIntegers) {
  for (const Architecture architecture :
       {Architecture::Lenet, Architecture::Resnet8, Architecture::VggSmall}) {
    const testing::TempFolder folder;
    Recipe made = recipe(WeightTraining::Sawb);
    made.architecture = architecture;
    made.epochs = 2;
    const TrainingResult result = train(made, data(), into(folder.path()));
    EXPECT_LE(result.differing_samples.size(), 1U) << kArchitectureNames.name(architecture);
    EXPECT_TRUE(model::read_trace(folder / "trace").graph.float_macs.empty());
    EXPECT_EQ(result.epochs.back().quantized, true);
  }
}

// Three channels of 32 × 32, as CIFAR-10 has them.
TEST(Trainer, TrainsOnColours) {
  const testing::TempFolder folder;
  std::string records;
  std::mt19937_64 random(5);
  for (int i = 0; i < 40; ++i) {
    records += static_cast<char>(i % 10);
    for (int p = 0; p < 3072; ++p) {  // the class is a bright row of the red channel
      const bool bright = p < 1024 && p / 32 / 3 == i % 10;
      records += static_cast<char>(random() % 60 + (bright ? 190 : 0));
    }
  }
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}) {
    folder.write(name, records);
  }
  Recipe made = recipe(WeightTraining::Sawb);
  made.architecture = Architecture::VggSmall;
  made.epochs = 3;
  made.batch = 8;
  made.train_samples = 160;
  made.validation_samples = 40;
  const TrainingResult result =
      train(made, read_training_data(folder.path()), into(folder / "made"));
  EXPECT_LE(result.differing_samples.size(), 1U);
  EXPECT_LT(result.epochs[0].loss, 2.5);
  const model::QuantizedGraph graph = model::read_trace(folder / "made" / "trace").graph;
  EXPECT_EQ(graph.network.layers[0].in_channels, 3);
  EXPECT_EQ(model::read_trace(folder / "made" / "trace").licence, "that of the images");
  EXPECT_EQ(graph.value(graph.inputs[0].value).dims, (model::Dims{1, 3, 32, 32}));
}

TEST(Trainer, SmokeRecipeLearnsFashion) {
  const std::filesystem::path images = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(images)) GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const testing::TempFolder folder;
  const Recipe smoke = read_recipe(testing::source_path("configs/training/smoke.json"));
  const TrainingResult result = train(smoke, read_training_data(images), into(folder.path()));
  EXPECT_GT(result.test_top1, 0.78);
  EXPECT_NEAR(result.integer_top1, result.fake_top1, 0.001);
}

TEST(Trainer, KeepsCheckpointsOfOtherRecipesApart) {
  const testing::TempFolder folder;
  TrainingOptions options = into(folder.path(), 1);
  train(recipe(WeightTraining::MaxAbs), data(), options);
  const auto other = [&] { train(recipe(WeightTraining::A2q), data(), options); };
  EXPECT_NE(testing::user_error_of(other).find("another recipe"), std::string::npos);
  options.restart = true;
  EXPECT_EQ(testing::user_error_of(other), "");
  folder.write("checkpoint.pt", "no archive");
  options.restart = false;
  EXPECT_NE(testing::user_error_of(other).find("no checkpoint"), std::string::npos);
}

TEST(Trainer, RefusesADamagedCheckpoint) {
  const testing::TempFolder folder;
  const TrainingOptions options = into(folder.path(), 1);
  const Recipe made = recipe(WeightTraining::MaxAbs);
  train(made, data(), options);
  const std::string whole = base::read_text_file(folder / "checkpoint.pt", 1u << 26);
  const auto resume = [&](const std::string& bytes) {
    folder.write("checkpoint.pt", bytes);
    return testing::user_error_of([&] { train(made, data(), options); });
  };
  for (const std::size_t place : {whole.size() / 3, whole.size() / 2, whole.size() - 100}) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    EXPECT_NE(resume(damaged).find("is damaged"), std::string::npos) << place;
  }
  EXPECT_NE(resume(whole.substr(0, whole.size() - 1)).find("no checkpoint"), std::string::npos);
  EXPECT_EQ(resume(whole), "");
}

TEST(Trainer, KeepsCheckpointsOfOtherDataApart) {
  const testing::TempFolder folder;
  TrainingOptions options = into(folder.path(), 1);
  const Recipe made = recipe(WeightTraining::MaxAbs);
  train(made, data(), options);
  TrainingData other = data();
  const auto resume = [&] { train(made, other, options); };
  EXPECT_EQ(testing::user_error_of(resume), "");
  other.train.pixels.mutable_data<float>()[899 * 784 - 1] += 0.5F;  // image 899: validation
  EXPECT_NE(testing::user_error_of(resume).find("other images or labels"), std::string::npos);
  other = data();
  other.train.labels.mutable_data<std::int64_t>()[0] ^= 1;
  EXPECT_NE(testing::user_error_of(resume).find("other images or labels"), std::string::npos);
  options.restart = true;
  EXPECT_EQ(testing::user_error_of(resume), "");
}

TEST(Trainer, RefusesAnOutputThatCannotBeWritten) {
  int epochs = 0;
  const auto message = [&](const std::filesystem::path& output) {
    TrainingOptions options = into(output, 1);
    options.progress = [&](const std::string&) { ++epochs; };
    return testing::user_error_of([&] { train(recipe(WeightTraining::MaxAbs), data(), options); });
  };
  EXPECT_NE(message("/proc/x").find("cannot be made"), std::string::npos);
  const testing::TempFolder folder;
  folder.write("file", "");
  EXPECT_NE(message(folder / "file"), "");
  EXPECT_EQ(epochs, 0);  // before any work
  // A checkpoint that cannot be replaced, found when it is written.
  std::filesystem::create_directories(folder / "made" / "checkpoint.pt" / "taken");
  TrainingOptions options = into(folder / "made", 1);
  options.restart = true;
  EXPECT_NE(testing::user_error_of([&] {
              train(recipe(WeightTraining::MaxAbs), data(), options);
            }).find("checkpoint.pt"),
            std::string::npos);
}

TEST(Trainer, DensityMovesTheWidths) {
  const testing::TempFolder folder;
  Recipe moving = recipe(WeightTraining::MaxAbs);
  moving.density_schedule = true;
  moving.edge_bits = 16;
  const TrainingResult result = train(moving, data(), into(folder.path()));
  ASSERT_EQ(result.epochs.size(), 4U);
  EXPECT_EQ(result.epochs[1].input_bits[1], 16);
  EXPECT_LT(result.epochs[2].input_bits[1], 16);
  EXPECT_LE(result.epochs[3].input_bits[1], result.epochs[2].input_bits[1]);
}

Recipe pruning() {
  Recipe made = recipe(WeightTraining::MaxAbs);
  made.density_schedule = true;
  made.density_prune_rounds = 1;
  made.edge_bits = 16;
  made.alpha_start = 3;
  made.epochs = 20;
  return made;
}

TEST(Trainer, DensityEndsWhenNothingChangesAnyMore) {
  const testing::TempFolder folder;
  const Recipe made = pruning();
  const TrainingResult result = train(made, data(), into(folder.path()));
  ASSERT_TRUE(result.settled);
  ASSERT_LT(result.epochs.size(), 20U);
  EXPECT_EQ(result.epochs.size(),
            static_cast<std::size_t>(result.last_change + made.density_settle_epochs));
  const EpochRecord& last = result.epochs.back();
  const EpochRecord& changed = result.epochs[static_cast<std::size_t>(result.last_change) - 1];
  EXPECT_TRUE(changed.input_bits != last.input_bits || changed.channels != last.channels);
  for (std::size_t e = static_cast<std::size_t>(result.last_change); e < result.epochs.size();
       ++e) {
    EXPECT_EQ(result.epochs[e].input_bits, last.input_bits);
    EXPECT_EQ(result.epochs[e].channels, last.channels);
  }
}

// One round of pruning: C ← round(C · density), in the trace too, which still predicts the same.
TEST(Trainer, DensityPrunesChannelsOnce) {
  for (const Architecture architecture : {Architecture::Mlp, Architecture::Lenet}) {
    const testing::TempFolder folder;
    Recipe made = pruning();
    made.architecture = architecture;
    made.epochs = 5;
    const TrainingResult result = train(made, data(), into(folder.path()));
    const EpochRecord& first = result.epochs[1];
    const EpochRecord& after = result.epochs[2];
    for (std::size_t i = 0; i + 1 < first.channels.size(); ++i) {
      const double kept = static_cast<double>(first.channels[i]) * first.densities[i];
      EXPECT_EQ(after.channels[i], std::max(1L, std::lround(kept))) << i;
    }
    EXPECT_EQ(after.channels.back(), 10);
    EXPECT_EQ(result.epochs.back().channels, after.channels);
    EXPECT_LE(result.differing_samples.size(), 1U);
    const model::QuantizedGraph graph = model::read_trace(folder / "trace").graph;
    std::size_t layer = 0;
    for (const model::Layer& entry : graph.network.layers) {
      if (!entry.has_macs()) continue;
      EXPECT_EQ(entry.out_channels, after.channels[layer++]);
    }
  }
}

TEST(Trainer, ResumesAPrunedNetwork) {
  const testing::TempFolder whole, parts;
  Recipe made = pruning();
  made.epochs = 5;
  train(made, data(), into(whole.path()));
  for (const int stop : {2, 3, 0}) train(made, data(), into(parts.path(), stop));
  EXPECT_EQ(trace_text(whole.path()), trace_text(parts.path()));
}

TEST(Trainer, RefusesWhatCannotBeTrained) {
  const testing::TempFolder folder;
  const auto message = [&](const Recipe& wrong) {
    TrainingOptions options = into(folder.path());
    options.restart = true;
    return testing::user_error_of([&] { train(wrong, data(), options); });
  };
  Recipe wrong = recipe(WeightTraining::A2q);
  wrong.acc_bits = 8;  // pixels have 8 bits
  const std::string narrow = message(wrong);
  for (const char* part :
       {"test:/quantizers/acc_bits: given 8", "fc1", "output channel 0", "allowed from 10 on"}) {
    EXPECT_NE(narrow.find(part), std::string::npos) << part << " in " << narrow;
  }
  wrong = recipe(WeightTraining::MaxAbs);
  wrong.train_samples = 5000;
  wrong.file = "recipes/r.json";
  EXPECT_NE(message(wrong).find("recipes/r.json:/train_samples: given 5000"), std::string::npos);
  EXPECT_NE(message(wrong).find("900"), std::string::npos);
  wrong = recipe(WeightTraining::MaxAbs);
  wrong.float_epochs = 0;
  wrong.alpha_start = 1e-3;
  wrong.learning_rate = 0.5;
  EXPECT_NE(message(wrong).find("alpha"), std::string::npos) << message(wrong);
  wrong = recipe(WeightTraining::A2q);
  wrong.learning_rate = 1;  // so long steps leave channels without a weight: said
  const TrainingResult dead = [&] {
    TrainingOptions options = into(folder.path());
    options.restart = true;
    return train(wrong, data(), options);
  }();
  ASSERT_FALSE(dead.dead_channels.empty());
  for (const DeadChannels& entry : dead.dead_channels) {
    EXPECT_GT(entry.dead, 0);
    EXPECT_LE(entry.dead, entry.channels);
  }
  EXPECT_NE(testing::user_error_of([&] {
              read_training_data(folder.path());
            }).find("train-images-idx3-ubyte"),
            std::string::npos);
}

}  // namespace
}  // namespace bitscale::train
