// The parts of trace.json in both directions: attributes, quantizers, encodings, layer geometry.
// Writers leave out what has its default.
#ifndef BITSCALE_WORKLOADS_MODEL_TRACE_JSON_H_
#define BITSCALE_WORKLOADS_MODEL_TRACE_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "workloads/model/graph.h"
#include "workloads/model/layer.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

void write_integers(base::JsonWriter& json, std::string_view key,
                    const std::vector<std::int64_t>& values);
/// Array member of integers within `range`; empty and no problem when it is missing.
std::vector<std::int64_t> read_integers(base::JsonReader& reader, std::string_view key,
                                        base::IntegerRange range = {});

/// Members "encoding", "bits", "signed", "zero_point" of the open object.
void write_encoding(base::JsonWriter& json, const numeric::OperandEncoding& encoding);
numeric::OperandEncoding read_encoding(base::JsonReader& reader);

/// The open object's members that describe one layer's geometry.
void write_layer_geometry(base::JsonWriter& json, const Layer& layer);
Layer read_layer_geometry(base::JsonReader& reader);

/// Members of the open object; the operator is a member too.
void write_attributes(base::JsonWriter& json, Operator op, const Attributes& attributes);
Operator read_attributes(base::JsonReader& reader, Attributes& attributes);

/// Everything of a quantizer but scales and zero points, which may be tensors.
void write_quantizer_kind(base::JsonWriter& json, const Quantizer& quantizer);
void read_quantizer_kind(base::JsonReader& reader, Quantizer& quantizer);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_TRACE_JSON_H_
