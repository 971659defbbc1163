#include "arch/spec/accelerator.h"

#include <cmath>
#include <limits>

#include "arch/base/error.h"
#include "arch/spec/sources.h"

namespace bitscale::spec {
namespace {

constexpr double kMillion = 1e6;
constexpr double kBillion = 1e9;

}  // namespace

double AcceleratorSpec::dram_bytes_per_cycle() const {
  if (dram.infinite) return std::numeric_limits<double>::infinity();
  return dram.bandwidth_gbps * kBillion * dram.efficiency / (clock_mhz * kMillion);
}

std::int64_t AcceleratorSpec::dram_latency_cycles() const {
  if (dram.infinite) return 0;
  return static_cast<std::int64_t>(std::ceil(dram.latency_ns * clock_mhz / 1000.0));
}

double AcceleratorSpec::peak_macs_per_cycle(int weight_bits, int act_bits, bool on_pim) const {
  if (!on_pim) {
    return static_cast<double>(total_pes()) *
           macs_per_pe_cycle(mac_array.pe, weight_bits, act_bits);
  }
  BITSCALE_INVARIANT(pim.has_value(), "a layer on PIM arrays the design does not have");
  return static_cast<double>(cores * pim->arrays) *
         macs_per_array_cycle(*pim, weight_bits, act_bits);
}

AcceleratorSpec read_accelerator(base::JsonReader& reader) {
  AcceleratorSpec spec;
  reader.schema_version(kArchSchemaVersion);
  spec.name = reader.string("name");
  spec.description = reader.string("description", "");
  spec.clock_mhz = reader.number("clock_mhz", {0.001, 1e5});
  spec.clock_mode = reader.one_of("clock_mode", kClockModeNames, spec.clock_mode);
  spec.cores = reader.integer("cores", {1, 4096}, spec.cores);
  spec.core_split = reader.one_of("core_split", kCoreSplitNames, spec.core_split);
  base::JsonReader array = reader.object("mac_array");
  spec.mac_array = read_mac_array(array);
  if (reader.has("pim")) {
    base::JsonReader pim = reader.object("pim");
    spec.pim = read_pim_array(pim);
  }
  base::JsonReader buffers = reader.object("buffers");
  spec.buffers = read_buffers(buffers);
  base::JsonReader dram = reader.object("dram");
  spec.dram = read_dram(dram);
  base::JsonReader post = reader.object("post_processing", false);
  spec.post_processing.lanes = post.integer("lanes", {1, 65536}, spec.post_processing.lanes);
  spec.post_processing.fuse_elementwise =
      post.boolean("fuse_elementwise", spec.post_processing.fuse_elementwise);
  post.finish();
  base::JsonReader links = reader.object("interconnect", false);
  spec.interconnect.bytes_per_cycle =
      links.number("bytes_per_cycle", {1e-6, 1e9}, spec.interconnect.bytes_per_cycle);
  links.finish();
  spec.residency = reader.one_of("residency", kResidencyNames, spec.residency);
  spec.state = reader.one_of("state", kRunStateNames, spec.state);
  base::JsonReader sources = reader.object("sources", false);
  for (auto& [pointer, text] : sources.entries()) {
    spec.sources.emplace_back(pointer, text.as_string());
  }
  check_sources(sources, reader.value(), spec);
  reader.finish();
  return spec;
}

void write_accelerator(base::JsonWriter& json, const AcceleratorSpec& spec) {
  json.begin_object();
  json.member("schema_version", kArchSchemaVersion).member("name", spec.name);
  json.member("description", spec.description).member("clock_mhz", spec.clock_mhz);
  json.member("clock_mode", kClockModeNames.name(spec.clock_mode)).member("cores", spec.cores);
  json.member("core_split", kCoreSplitNames.name(spec.core_split));
  write_mac_array(json, spec.mac_array);
  if (spec.pim) write_pim_array(json, *spec.pim);
  write_buffers(json, spec.buffers);
  write_dram(json, spec.dram);
  json.begin_object("post_processing").member("lanes", spec.post_processing.lanes);
  json.member("fuse_elementwise", spec.post_processing.fuse_elementwise).end();
  json.begin_object("interconnect");
  json.member("bytes_per_cycle", spec.interconnect.bytes_per_cycle).end();
  json.member("residency", kResidencyNames.name(spec.residency));
  json.member("state", kRunStateNames.name(spec.state));
  json.begin_object("sources");
  for (const auto& [pointer, text] : spec.sources) json.member(pointer, text);
  json.end().end();
}

}  // namespace bitscale::spec
