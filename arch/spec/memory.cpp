#include "arch/spec/memory.h"

#include <limits>

#include "arch/base/file.h"
#include "arch/base/is_sound.h"
#include "arch/spec/dram_presets.h"

namespace bitscale::spec {
namespace {

constexpr std::int64_t kLargestBufferBytes = std::int64_t{1} << 40;
// Far beyond any memory, and no run of them leaves the range of cycles or energies.
constexpr base::NumberRange kEnergyRange{0, 1e9};
constexpr base::NumberRange kBandwidthRange{1e-3, 1e9};

BufferSpec read_buffer(base::JsonReader reader) {
  BufferSpec buffer;
  buffer.capacity_bytes = reader.integer("capacity_bytes", {1, kLargestBufferBytes});
  buffer.word_bits = reader.integer("word_bits", {1, 65536}, buffer.word_bits);
  buffer.banks = reader.integer("banks", {1, 65536}, buffer.banks);
  buffer.ports = reader.integer("ports", {1, 64}, buffer.ports);
  reader.finish();
  return buffer;
}

void write_buffer(base::JsonWriter& json, std::string_view key, const BufferSpec& buffer) {
  json.begin_object(key);
  json.member("capacity_bytes", buffer.capacity_bytes).member("word_bits", buffer.word_bits);
  json.member("banks", buffer.banks).member("ports", buffer.ports).end();
}

// A figure of the user's own has no interval but the one that stands beside it.
void read_energy(base::JsonReader& reader, bool has_default, DramSpec& dram) {
  static constexpr const char* kInterval = "energy_interval_pj_per_bit";
  static constexpr const char* kEnergy = "energy_pj_per_bit";
  if (!has_default || reader.has(kEnergy)) {
    dram.set_energy(reader.number(kEnergy, kEnergyRange));
  }
  if (!reader.has(kInterval)) return;
  auto ends = reader.array(kInterval);
  if (ends.size() != 2) {
    if (reader.value().find(kInterval)->kind != base::JsonValue::Kind::Array) return;  // told
    reader.problem("expected [low, high], given an array of " + std::to_string(ends.size()),
                   kInterval);
    return;
  }
  dram.energy_low_pj_per_bit = ends[0].as_number(kEnergyRange);
  dram.energy_high_pj_per_bit = ends[1].as_number(kEnergyRange);
  const auto is_energy = [](base::JsonReader& energy) { energy.as_number(kEnergyRange); };
  const bool sound = base::is_sound(ends[0], is_energy) && base::is_sound(ends[1], is_energy) &&
                     base::is_sound(reader, [](base::JsonReader& alone) {
                       alone.number(kEnergy, kEnergyRange, 0);
                     });
  if (!sound) return;
  const std::string energy = base::format_number(dram.energy_pj_per_bit);
  if (dram.energy_low_pj_per_bit > dram.energy_pj_per_bit) {
    ends[0].problem("expected at most energy_pj_per_bit " + energy + ", given " +
                    base::describe(ends[0].value()));
  }
  if (dram.energy_high_pj_per_bit < dram.energy_pj_per_bit) {
    ends[1].problem("expected at least energy_pj_per_bit " + energy + ", given " +
                    base::describe(ends[1].value()));
  }
}

}  // namespace

BuffersSpec read_buffers(base::JsonReader& reader) {
  BuffersSpec buffers;
  buffers.shared = reader.has("shared");
  if (buffers.shared) {
    buffers.weight = read_buffer(reader.object("shared"));
    std::vector<std::string> beside;
    for (const char* key : {"weight", "act", "output"}) {
      if (reader.has(key)) beside.push_back("'" + std::string(key) + "'");
      reader.object(key, false);
    }
    if (!beside.empty()) {
      reader.problem("stands beside " + base::comma_separated(beside) +
                         "; give one memory or three (--set '/arch/buffers={…}' replaces all)",
                     "shared");
    }
  } else {
    buffers.weight = read_buffer(reader.object("weight"));
    buffers.act = read_buffer(reader.object("act"));
    buffers.output = read_buffer(reader.object("output"));
  }
  buffers.packing = reader.one_of("packing", kPackingNames, buffers.packing);
  buffers.double_buffering = reader.boolean("double_buffering", buffers.double_buffering);
  buffers.im2col = reader.one_of("im2col", kIm2colNames, buffers.im2col);
  reader.finish();
  return buffers;
}

void write_buffers(base::JsonWriter& json, const BuffersSpec& buffers) {
  json.begin_object("buffers");
  if (buffers.shared) {
    write_buffer(json, "shared", buffers.weight);
  } else {
    write_buffer(json, "weight", buffers.weight);
    write_buffer(json, "act", buffers.act);
    write_buffer(json, "output", buffers.output);
  }
  json.member("packing", kPackingNames.name(buffers.packing));
  json.member("double_buffering", buffers.double_buffering);
  json.member("im2col", kIm2colNames.name(buffers.im2col)).end();
}

DramSpec read_dram(base::JsonReader& reader) {
  DramSpec dram;
  if (reader.has("preset")) dram = dram_preset(reader.one_of("preset", kDramPresetNames));
  const bool preset = !dram.preset.empty();
  const auto number = [&](std::string_view key, base::NumberRange range, double fallback) {
    return preset || dram.infinite ? reader.number(key, range, fallback)
                                   : reader.number(key, range);
  };
  dram.infinite = reader.boolean("infinite", dram.infinite);
  dram.bandwidth_gbps = number("bandwidth_gbps", kBandwidthRange, dram.bandwidth_gbps);
  dram.efficiency = reader.number("efficiency", {1e-3, 1}, dram.efficiency);
  dram.latency_ns = number("latency_ns", {0, 1e9}, dram.latency_ns);
  dram.burst_bytes = reader.integer("burst_bytes", {1, 65536}, dram.burst_bytes);
  read_energy(reader, preset || dram.infinite, dram);
  if (dram.infinite && dram.preset == kDramPresetNames.name(DramPreset::Infinite)) {
    const auto contradicts = [&](std::string_view key, double value) {
      if (!reader.has(key) || value == 0) return;
      reader.problem("given " + base::format_number(value) +
                         " beside the preset 'infinite', which takes no time at all; leave one of "
                         "them out, or give 'infinite': false too",
                     key);
    };
    contradicts("bandwidth_gbps", dram.bandwidth_gbps);
    contradicts("latency_ns", dram.latency_ns);
  }
  reader.finish();
  return dram;
}

void write_dram(base::JsonWriter& json, const DramSpec& dram) {
  json.begin_object("dram");
  if (!dram.preset.empty()) json.member("preset", dram.preset);
  json.member("infinite", dram.infinite);
  if (dram.bandwidth_gbps > 0) json.member("bandwidth_gbps", dram.bandwidth_gbps);
  json.member("efficiency", dram.efficiency).member("latency_ns", dram.latency_ns);
  json.member("burst_bytes", dram.burst_bytes);
  json.member("energy_pj_per_bit", dram.energy_pj_per_bit);
  if (dram.energy_low_pj_per_bit != dram.energy_high_pj_per_bit) {
    json.begin_array("energy_interval_pj_per_bit").value(dram.energy_low_pj_per_bit);
    json.value(dram.energy_high_pj_per_bit).end();
  }
  json.end();
}

}  // namespace bitscale::spec
