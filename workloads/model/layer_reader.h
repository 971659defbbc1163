// One layer of a network file: its attributes in, its attributes out. Shapes are inferred later.
#ifndef BITSCALE_WORKLOADS_MODEL_LAYER_READER_H_
#define BITSCALE_WORKLOADS_MODEL_LAYER_READER_H_

#include <string>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "workloads/model/layer.h"
#include "workloads/model/shape.h"

namespace bitscale::model {

/// A layer as written, before its producers' shapes are known.
struct LayerText {
  Layer layer;  ///< name, kind and attributes
  /// Names of the producers. Empty when not given: the previous layer.
  std::vector<std::string> inputs;
  std::vector<base::JsonReader> input_readers;  ///< where each name stands, for messages
  bool has_own_input = false;  ///< reads a tensor from outside the network, of shape own_input
  Shape own_input;
  bool depthwise = false;  ///< groups, and out_channels when 0, follow the input's channels
  bool ceil_mode = false;  ///< Pool only
  /// Gemm only: the whole input is one vector; else every pixel is a token. Needed when there is
  /// more than one pixel.
  bool has_flatten = false, flatten = false;
};

/// Reads every key of the layer and reports unknown ones.
LayerText read_layer(base::JsonReader& reader);

/// Writes name, type and attributes so that read_layer and shape inference give `layer` again.
/// `flattened` says that a Gemm's input arrives with pixels. The caller writes "inputs".
void write_layer(base::JsonWriter& json, const Layer& layer, bool flattened);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_LAYER_READER_H_
