// What a finished training leaves: the network, its samples and a record of the run.
#ifndef BITSCALE_WORKLOADS_TRAIN_TRAINING_OUTPUT_H_
#define BITSCALE_WORKLOADS_TRAIN_TRAINING_OUTPUT_H_

#include <torch/torch.h>

#include "workloads/train/network.h"
#include "workloads/train/trainer.h"

namespace bitscale::train {

/// The class of every image [n], without gradients.
torch::Tensor predict(TrainedNetwork& network, const torch::Tensor& pixels, bool quantized);

/// Fraction of images put in their class.
double evaluate(TrainedNetwork& network, const torch::Tensor& pixels, const torch::Tensor& labels,
                bool quantized);

/// Writes training.json, epochs.csv, model.onnx (of a quantized network as QONNX, on real pixels)
/// and, quantized, trace/ with the first test images, on bytes. Fills the integer and
/// fake-quantized accuracies of `result`. Throws UserError on bad paths; a trace whose sums could
/// leave an accumulator the recipe guarantees is an invariant.
void write_outputs(const Recipe& recipe, const TrainingData& data, const TrainingOptions& options,
                   TrainedNetwork& network, TrainingResult& result);

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_TRAINING_OUTPUT_H_
