// PimModel over any Verilated pim_array: their ports differ only in width.
#ifndef BITSCALE_RTL_COSIM_MODELS_PIM_H_
#define BITSCALE_RTL_COSIM_MODELS_PIM_H_

#include <memory>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "rtl/cosim/models/context.h"
#include "rtl/cosim/models/ports.h"
#include "rtl/cosim/pim_model.h"

namespace bitscale::cosim {

template <class Model>
class VerilatedPim : public PimModel {
 public:
  explicit VerilatedPim(const std::string& name) : context_(name) {
    for (const NamedSet& set : named_sets_of("pim_array")) {
      if (set.name == name) pim_ = pim_spec(set);
    }
    model_.rst_ni = 0;
    model_.write_valid_i = 0;
    model_.vector_valid_i = 0;
    for (int i = 0; i < 2; ++i) tick();
    model_.rst_ni = 1;
  }
  ~VerilatedPim() override { context_.enter(); }
  VerilatedPim(const VerilatedPim&) = delete;
  VerilatedPim& operator=(const VerilatedPim&) = delete;

  std::int64_t write(const std::vector<std::int32_t>& weights) override {
    const auto cols = static_cast<std::size_t>(pim_.cols);
    Words words;
    std::int64_t cycles = 0;
    for (std::size_t line = 0; line < weights.size() / cols; ++line, ++cycles) {
      settle();
      BITSCALE_INVARIANT(model_.write_ready_o != 0, "the idle array takes a write");
      model_.write_valid_i = 1;
      put(model_.write_line_i, {static_cast<std::uint32_t>(line)});
      pack_codes(weights.data() + line * cols, cols, pim_.mac.weights.bits, words);
      put(model_.write_weight_i, words);
      tick();
    }
    model_.write_valid_i = 0;
    return cycles;
  }

  PimRun run(const std::vector<PimVector>& vectors, PimProbe* probe) override {
    PimRun run;
    run.sums.resize(vectors.size());
    std::vector<std::size_t> done(static_cast<std::size_t>(pim_.col_mux), 0);
    std::size_t offered = 0;
    while (done.back() < vectors.size()) {
      offer(vectors, offered);
      settle();
      const bool accepted = offered < vectors.size() && model_.vector_ready_o != 0;
      run.compute_cycles += model_.busy_o != 0;
      collect(done, run, probe);
      if (probe != nullptr) {
        probe->cycle({offered < vectors.size() ? &vectors[offered] : nullptr,
                      model_.vector_ready_o != 0, model_.busy_o != 0, valid_, sums_, overflow_});
      }
      tick();
      offered += accepted ? 1 : 0;
    }
    return run;
  }

 private:
  void offer(const std::vector<PimVector>& vectors, std::size_t index) {
    model_.vector_valid_i = index < vectors.size() ? 1 : 0;
    if (index >= vectors.size()) return;
    const PimVector& vector = vectors[index];
    Words words;
    pack_codes(vector.acts.data(), vector.acts.size(), pim_.mac.acts.bits, words);
    put(model_.act_i, words);
    put(model_.act_bits_i, {static_cast<std::uint32_t>(vector.format.bits)});
    model_.act_signed_i = vector.format.is_signed ? 1 : 0;
    model_.vector_clear_i = vector.clear ? 1 : 0;
  }

  /// Columns c with c mod col_mux == k are new when bit k of result_valid_o is set.
  void collect(std::vector<std::size_t>& done, PimRun& run, PimProbe* probe) {
    get(model_.result_valid_o, valid_);
    get(model_.result_o, sums_);
    get(model_.overflow_o, overflow_);
    for (std::size_t k = 0; k < done.size(); ++k) {
      if (((valid_[k / 32] >> (k % 32)) & 1U) == 0) continue;
      if (probe != nullptr) probe->sums(done[k], k);
      std::vector<ArraySum>& out = run.sums.at(done[k]++);
      out.resize(static_cast<std::size_t>(pim_.cols));
      for (std::size_t c = k; c < out.size(); c += done.size()) {
        const std::uint64_t bits = unpack_field(sums_, c, pim_.mac.acc_bits);
        out[c] = {numeric::wrap_to_bits(static_cast<std::int64_t>(bits), pim_.mac.acc_bits),
                  ((overflow_[c / 32] >> (c % 32)) & 1U) != 0};
      }
    }
  }

  void settle() {
    model_.clk_i = 0;
    model_.eval();
  }

  void tick() {
    context_.enter();
    model_.clk_i = 0;
    model_.eval();
    model_.clk_i = 1;
    model_.eval();
    context_.check();
  }

  PimSpec pim_;
  Words valid_, sums_, overflow_;
  ModelContext context_;
  Model model_{context_.get()};
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MODELS_PIM_H_
