// Made-up images that a few epochs learn, and short recipes on them.
#ifndef BITSCALE_TESTS_WORKLOADS_TRAIN_EASY_IMAGES_H_
#define BITSCALE_TESTS_WORKLOADS_TRAIN_EASY_IMAGES_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <random>

#include "workloads/exec/batch.h"
#include "workloads/import/onnx.h"
#include "workloads/model/lowering.h"
#include "workloads/train/trainer.h"

namespace bitscale::train {

/// Ten classes, each a bright row and noise: easy, so that learning shows.
inline bitscale::import::LabelledImages images(std::int64_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  bitscale::import::LabelledImages data{model::Tensor(model::DType::Float32, {count, 1, 28, 28}),
                                        model::Tensor(model::DType::Int64, {count})};
  float* pixels = data.pixels.mutable_data<float>();
  auto* labels = data.labels.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i) {
    labels[i] = static_cast<std::int64_t>(random() % 10);
    for (std::int64_t p = 0; p < 784; ++p) {
      const bool bright = p / 28 / 2 == labels[i] + 1;
      pixels[i * 784 + p] = static_cast<float>(random() % 100 + (bright ? 150 : 0)) / 255.0F;
    }
  }
  return data;
}

inline TrainingData data() { return {images(900, 1), images(120, 2)}; }

inline Recipe recipe(WeightTraining weights) {
  Recipe made;
  made.name = "test";
  made.weights = weights;
  made.acts = weights == WeightTraining::Float ? ActTraining::Float : ActTraining::Pact;
  made.epochs = 4;
  made.float_epochs = weights == WeightTraining::Float ? 0 : 1;
  made.batch = 32;
  made.train_samples = 800;
  made.validation_samples = 100;
  made.edge_bits = 4;
  made.acc_bits = 14;
  return made;
}

inline TrainingOptions into(const std::filesystem::path& folder, int stop_after = 0) {
  TrainingOptions options;
  options.output = folder;
  options.stop_after = stop_after;
  return options;
}

/// The QONNX file is the trace's network: every output of every test image, on pixels and on bytes.
inline void expect_same_integers(const model::QuantizedGraph& traced,
                                 const std::filesystem::path& onnx) {
  const model::QuantizedGraph imported = model::lower(import::import_onnx(onnx));
  EXPECT_TRUE(imported.float_macs.empty());
  const bitscale::import::LabelledImages test = data().test;
  model::Tensor bytes(model::DType::UInt8, test.pixels.dims());
  for (std::int64_t i = 0; i < bytes.elements(); ++i) {
    bytes.mutable_data<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(std::lround(test.pixels.data<float>()[i] * 255.0F));
  }
  EXPECT_EQ(exec::run_batch(exec::IntegerExecutor(traced, {}), {bytes}, {}).outputs,
            exec::run_batch(exec::IntegerExecutor(imported, {}), {test.pixels}, {}).outputs);
}

}  // namespace bitscale::train

#endif  // BITSCALE_TESTS_WORKLOADS_TRAIN_EASY_IMAGES_H_
