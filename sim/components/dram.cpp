#include "sim/components/dram.h"

#include <algorithm>

#include "sim/components/cycle_time.h"

namespace bitscale::components {

Dram::Dram(const sc_core::sc_module_name& name, const spec::AcceleratorSpec& accelerator,
           SpanSink* spans)
    : sc_core::sc_module(name),
      cycles_per_byte_(1 / accelerator.dram_bytes_per_cycle()),
      latency_cycles_(static_cast<double>(accelerator.dram_latency_cycles())),
      spans_(spans) {}

double Dram::occupy(std::int64_t bytes, const char* what) {
  const double start = std::max(free_at_, now_cycles());
  free_at_ = start + static_cast<double>(bytes) * cycles_per_byte_;
  if (spans_ != nullptr) spans_->span(basename(), what, start, free_at_);
  return free_at_;
}

double Dram::read(std::int64_t bytes) {
  bytes_read_ += bytes;
  return occupy(bytes, "read") + latency_cycles_;
}

double Dram::write(std::int64_t bytes) {
  bytes_written_ += bytes;
  return occupy(bytes, "write");
}

}  // namespace bitscale::components
