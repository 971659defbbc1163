// The per-layer table of a network on a design: latency, energy and area by operand widths.
//
// Each option is an estimate of the whole network with every layer at its widths (w, a, acc), so a
// row holds a layer beside neighbours of its own width: what it finds on chip and how wide its
// inputs are stored follow from that. Sums over mixed options are therefore predictions; the search
// estimates the network it chose once more. Area belongs to the option: the design's, or with
// `fit_pe` that of PEs just as wide as the option.
#ifndef BITSCALE_SIM_SWEEP_LAYER_TABLE_H_
#define BITSCALE_SIM_SWEEP_LAYER_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/json_value.h"

namespace bitscale::sweep {

inline constexpr int kLayerTableSchemaVersion = 1;

struct WidthOption {
  int weight_bits = 8, act_bits = 8, acc_bits = 32;
  bool acc_given = false;    ///< else as the precision or the design have it
  std::string name() const;  ///< "w4a8acc32"
};

/// Reads "4:4,8:8:24": weight:act or weight:act:acc, commas between. Throws UserError at `where`
/// when a number is missing, out of range, or an option comes twice.
std::vector<WidthOption> parse_width_options(const std::string& text, const std::string& where);

struct LayerCost {
  std::int64_t latency_cycles = 0;
  double energy_pj = 0;
};

struct TableLayer {
  std::string name;   ///< of the task, "conv1+add" with fused layers
  std::string layer;  ///< the network's layer that shapes it
  bool has_macs = false;
  std::int64_t macs = 0;         ///< of the batch
  std::int64_t weights = 0;      ///< elements
  std::vector<LayerCost> costs;  ///< per option
};

struct LayerTable {
  std::string network, architecture;
  double clock_mhz = 0;
  std::int64_t batch = 1;
  std::vector<WidthOption> options;
  std::vector<double> area_um2;  ///< per option
  std::vector<bool> idle_array;  ///< per option: no layer has its MACs on the MAC array
  std::vector<TableLayer> layers;
};

struct LayerTableRequest {
  base::JsonValue document;  ///< run::assemble_document()
  std::vector<WidthOption> options;
  bool fit_pe = false;
};

/// The options' accumulators are those of the first layer with MACs. Throws UserError for all
/// options the design refuses, naming each; and for `fit_pe` where every
/// layer runs on PIM arrays under all options, so that it would change PEs that do nothing.
LayerTable make_layer_table(const LayerTableRequest& request);

/// The document's precision at these widths: of its own rules it keeps everything but the widths of
/// weights and activations, and of accumulators where the option gives one.
base::JsonValue precision_at(const base::JsonValue& document, const WidthOption& option);

/// layer, has_macs, macs, weights, weight_bits, act_bits, acc_bits, latency_cycles, energy_pj,
/// area_um2: a row per layer and option.
std::string layer_table_csv(const LayerTable& table);
/// configs/schema/lut.schema.json
std::string layer_table_json(const LayerTable& table);
/// float64 [layers, options, 3]: latency_cycles, energy_pj, area_um2, as a .npy file.
std::string layer_table_npy(const LayerTable& table);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_LAYER_TABLE_H_
