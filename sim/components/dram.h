// External memory: one channel that serves transfers in the order they are asked for. A transfer
// occupies the channel for bytes / usable bandwidth; a read's data arrive one latency later, which
// the next transfer does not wait for. Bytes are whole bursts already (mapping/transfer.h).
#ifndef BITSCALE_SIM_COMPONENTS_DRAM_H_
#define BITSCALE_SIM_COMPONENTS_DRAM_H_

#include <systemc>

#include <cstdint>

#include "arch/spec/accelerator.h"
#include "sim/components/span_sink.h"

namespace bitscale::components {

class DramIf : public virtual sc_core::sc_interface {
 public:
  /// Cycle at which the data of a read asked for now have arrived.
  virtual double read(std::int64_t bytes) = 0;
  /// Cycle at which a write asked for now has left the chip.
  virtual double write(std::int64_t bytes) = 0;
};

class Dram : public sc_core::sc_module, public DramIf {
 public:
  /// `spans` may be null.
  Dram(const sc_core::sc_module_name& name, const spec::AcceleratorSpec& accelerator,
       SpanSink* spans = nullptr);

  double read(std::int64_t bytes) override;
  double write(std::int64_t bytes) override;
  std::int64_t bytes_read() const { return bytes_read_; }
  std::int64_t bytes_written() const { return bytes_written_; }

 private:
  double occupy(std::int64_t bytes, const char* what);

  double cycles_per_byte_;
  double latency_cycles_;
  double free_at_ = 0;
  std::int64_t bytes_read_ = 0;
  std::int64_t bytes_written_ = 0;
  SpanSink* spans_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_DRAM_H_
