// A network: layers in execution order, each naming its producers.
#ifndef BITSCALE_WORKLOADS_MODEL_NETWORK_H_
#define BITSCALE_WORKLOADS_MODEL_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "workloads/model/layer.h"

namespace bitscale::model {

inline constexpr int kNetworkSchemaVersion = 1;

struct Network {
  std::string name;
  std::string description;  ///< variant and where its shapes come from
  std::int64_t input_channels = 1, input_height = 1, input_width = 1;
  std::vector<Layer> layers;

  std::int64_t macs() const;
  std::int64_t params() const;
  /// For each layer, the last layer that reads its output (its own index when nobody does).
  std::vector<int> last_uses() const;
  /// First and last layer with MACs, or −1.
  int first_mac_layer() const;
  int last_mac_layer() const;
};

/// Reads a network file, infers shapes and checks that every layer's input fits it.
Network read_network(base::JsonReader& reader);
void write_network(base::JsonWriter& json, const Network& network);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_NETWORK_H_
