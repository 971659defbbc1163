#include "sim/report/conservation.h"

#include <algorithm>
#include <cstdlib>

#include "sim/report/law.h"

namespace bitscale::report {
namespace {

using cost::Action;
using cost::LayerActivity;
using cost::RunActivity;

constexpr std::int64_t kMostPsumBits = 48;

bool dense(const RunActivity& run) {
  return run.accelerator.buffers.packing == spec::Packing::Dense;
}

bool on_pim(const LayerActivity& layer) { return layer.count(Action::PimMac) > 0; }

std::int64_t dram_bits(const LayerActivity& layer) {
  return layer.count(Action::DramReadBit) + layer.count(Action::DramWriteBit);
}

bool keeps_output(const LayerActivity& layer) { return layer.count(Action::DramWriteBit) == 0; }

std::int64_t outputs_stored(const LayerActivity& layer, const WorkloadShape& shape) {
  return keeps_output(layer) ? 0 : shape.output_bits;
}

// Visits every layer of both states with its name.
template <class Visit>
void each_layer(const RunActivity& run, Visit visit) {
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    visit(run.layers[i].name, run.layers[i], i);
  }
  for (std::size_t i = 0; i < run.steady_layers.size(); ++i) {
    visit("steady " + run.steady_layers[i].name, run.steady_layers[i], i);
  }
}

std::vector<WorkloadShape> shapes_of(const RunActivity& run, const Workload* workload) {
  std::string ignored;  // macs_match_shapes says it
  if (workload == nullptr) return {};
  return workload_shapes(run.layers, run.batch, *workload, ignored);
}

// A weight offset has the activations summed once for every tile of output channels: whole times.
void hold_post_processing(Law& law, const std::string& name, std::int64_t operations,
                          const WorkloadShape& shape) {
  if (shape.summed_acts == 0) {
    law.equal(name + " post-processing", operations, shape.post_operations);
    return;
  }
  const std::int64_t sums = operations - shape.post_operations;
  law.at_most(name + " activation sums", shape.summed_acts, sums);
  law.equal(name + " activation sums", sums % shape.summed_acts, 0);
}

}  // namespace

CheckResult macs_match_shapes(const RunActivity& run, const Workload* workload) {
  Law law("macs", "MACs executed = shape product × batch");
  each_layer(run, [&](const std::string& name, const LayerActivity& layer, std::size_t) {
    law.equal(name, layer.count(Action::Mac) + layer.count(Action::PimMac), layer.macs);
    law.at_most(name + " padding", layer.padding_macs, layer.macs);
  });
  if (workload == nullptr) return law.take();
  for (const auto* layers : {&run.layers, &run.steady_layers}) {
    std::string problem;
    const auto shapes = workload_shapes(*layers, run.batch, *workload, problem);
    if (!problem.empty() && !layers->empty()) law.offence(problem);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      law.equal((*layers)[i].name + " of " + workload->network.name, (*layers)[i].macs,
                shapes[i].macs);
    }
  }
  return law.take();
}

CheckResult idle_is_the_rest(const RunActivity& run) {
  Law law("idle", "idle PE cycles = PEs × latency − MACs / MACs per PE cycle");
  const std::int64_t pes = run.accelerator.total_pes();
  each_layer(run, [&](const std::string& name, const LayerActivity& layer, std::size_t) {
    std::int64_t busy = 0;
    if (layer.count(Action::Mac) > 0) {
      const double per_cycle = spec::macs_per_pe_cycle(
          run.accelerator.mac_array.pe, layer.precision.weight_bits, layer.precision.act_bits);
      busy = static_cast<std::int64_t>(static_cast<double>(layer.count(Action::Mac)) / per_cycle);
    }
    law.equal(name, layer.count(Action::IdlePeCycle), pes * layer.latency_cycles - busy);
  });
  return law.take();
}

CheckResult dram_agrees_with_dma(const RunActivity& run) {
  Law law("dram_dma", "the DRAM moves whole bursts, and what the DMA moves");
  const std::int64_t burst_bits = 8 * run.accelerator.dram.burst_bytes;
  const std::int64_t cores = run.accelerator.cores;
  each_layer(run, [&](const std::string& name, const LayerActivity& layer, std::size_t) {
    const std::int64_t moved = dram_bits(layer);
    const std::int64_t dma = layer.count(Action::DmaBit);
    if (burst_bits > 0) {
      law.equal(name + " read bursts", layer.count(Action::DramReadBit) % burst_bits, 0);
      law.equal(name + " write bursts", layer.count(Action::DramWriteBit) % burst_bits, 0);
    }
    law.at_most(name, dma, moved * cores);
    if (moved > 0 && dma == 0) law.offence(name + ": the DRAM moves what no DMA does");
  });
  return law.take();
}

CheckResult buffers_agree_with_dma(const RunActivity& run, const Workload* workload) {
  Law law("dma_buffers", "what DMA and links move is what the buffers take and give");
  const auto shapes = shapes_of(run, workload);
  const bool expands = run.accelerator.buffers.im2col == spec::Im2col::Materialized;
  each_layer(run, [&](const std::string& name, const LayerActivity& layer, std::size_t i) {
    const std::int64_t written =
        layer.count(Action::WeightWriteBit) + layer.count(Action::ActWriteBit);
    const std::int64_t moved = layer.count(Action::DmaBit) + layer.count(Action::InterconnectBit);
    // What the DMA moved and no buffer took is on its way to the DRAM.
    law.at_most(name, moved - layer.count(Action::DramWriteBit), written);
    if (shapes.empty()) return;
    const WorkloadShape& shape = shapes[i];
    const std::int64_t stored = outputs_stored(layer, shape);
    const std::int64_t kept = shape.output_bits - stored;
    if (!dense(run) || (expands && shape.windowed)) {
      law.at_most(name + " buffers", moved + kept, written + stored);
    } else {
      law.equal(name + " buffers", moved + kept, written + stored);
    }
  });
  return law.take();
}

CheckResult array_agrees_with_buffers(const RunActivity& run) {
  Law law("buffers_array", "what the array reads was written, what it writes is read");
  const spec::BuffersSpec& buffers = run.accelerator.buffers;
  const std::int64_t word_bits =
      buffers.shared ? buffers.weight.word_bits : buffers.output.word_bits;
  const spec::Dataflow dataflow = run.accelerator.mac_array.dataflow;
  each_layer(run, [&](const std::string& name, const LayerActivity& layer, std::size_t) {
    if (on_pim(layer)) return;
    const std::int64_t held = layer.count(Action::StationaryLoadBit);
    if (dataflow == spec::Dataflow::OutputStationary) law.equal(name + " stationary", held, 0);
    if (dataflow == spec::Dataflow::InputStationary) {
      law.at_most(name + " stationary", held, layer.count(Action::ActReadBit));
    }
    if (dataflow == spec::Dataflow::WeightStationary) {
      law.at_most(name + " stationary", held, layer.count(Action::WeightReadBit));
      if (dense(run)) law.equal(name + " stationary", held, layer.count(Action::WeightReadBit));
    }
    const std::int64_t read = layer.count(Action::OutputReadBit);
    const std::int64_t wrote = layer.count(Action::OutputWriteBit);
    // Aligned words round up each of a tile's three accesses.
    const std::int64_t slack =
        dense(run) ? 0 : 3 * (word_bits + kMostPsumBits) * layer.tiles * run.accelerator.cores;
    law.at_most(name + " sums", std::abs(read - wrote), slack);
  });
  return law.take();
}

CheckResult tensors_are_whole(const RunActivity& run, const Workload& workload) {
  Law law("tensors",
          "weights and outputs move whole, each output is processed, nothing is loaded that was "
          "not stored");
  const auto shapes = shapes_of(run, &workload);
  const std::int64_t burst_bits = 8 * run.accelerator.dram.burst_bytes;
  const auto check = [&](const std::vector<LayerActivity>& layers, bool cold, const char* state) {
    for (std::size_t i = 0; i < std::min(layers.size(), shapes.size()); ++i) {
      const LayerActivity& layer = layers[i];
      const WorkloadShape& shape = shapes[i];
      const std::string name = state + layer.name;
      const std::int64_t weights = layer.count(Action::WeightWriteBit);
      if (cold || weights > 0) law.at_most(name + " weights", shape.weight_bits, weights);
      hold_post_processing(law, name, layer.count(Action::PostOperation), shape);
      if (!keeps_output(layer)) {
        const std::int64_t stored = layer.count(Action::DramWriteBit);
        law.at_most(name + " outputs", shape.output_bits, stored);
        law.at_most(name + " outputs in bursts", stored,
                    shape.output_bits + burst_bits * layer.tiles);
      }
      const bool all_kept =
          std::all_of(shape.producers.begin(), shape.producers.end(), [&](int producer) {
            return producer >= 0 && keeps_output(layers[static_cast<std::size_t>(producer)]);
          });
      if (!all_kept || shape.producers.empty() || !dense(run)) continue;
      const std::int64_t constant = shape.weight_bits > 0 ? weights : 0;
      law.equal(name + " loads", layer.count(Action::DmaBit) - outputs_stored(layer, shape),
                constant);
    }
  };
  check(run.layers, true, "");
  check(run.steady_layers, false, "steady ");
  return law.take();
}

}  // namespace bitscale::report
