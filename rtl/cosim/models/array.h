// ArrayModel over any Verilated mac_array: their ports differ only in width.
#ifndef BITSCALE_RTL_COSIM_MODELS_ARRAY_H_
#define BITSCALE_RTL_COSIM_MODELS_ARRAY_H_

#include <memory>
#include <string>

#include "rtl/cosim/array_model.h"
#include "rtl/cosim/models/context.h"
#include "rtl/cosim/models/ports.h"

namespace bitscale::cosim {

template <class Model>
class VerilatedArray : public ArrayModel {
 public:
  explicit VerilatedArray(const std::string& name) : context_(name) {
    model_.rst_ni = 0;
    offer(0, 0, 0);
    for (int i = 0; i < 2; ++i) {
      settle();
      tick();
    }
    model_.rst_ni = 1;
  }
  ~VerilatedArray() override { context_.enter(); }
  VerilatedArray(const VerilatedArray&) = delete;
  VerilatedArray& operator=(const VerilatedArray&) = delete;

  void set_zero_point(std::uint32_t code) override { put(model_.zero_point_i, {code}); }

  void offer(std::uint32_t steps, std::uint32_t rows, std::uint32_t cols) override {
    model_.fold_valid_i = steps != 0 ? 1 : 0;
    assign(model_.fold_steps_i, steps);
    assign(model_.fold_rows_i, rows);
    assign(model_.fold_cols_i, cols);
  }

  ArraySignals settle() override {
    model_.clk_i = 0;
    model_.eval();
    return {model_.fold_ready_o != 0, model_.top_ready_o != 0, model_.left_ready_o != 0,
            model_.busy_o != 0};
  }

  void set_top(const Words& words) override { put(model_.top_i, words); }
  void set_left(const Words& words) override { put(model_.left_i, words); }

  void tick() override {
    context_.enter();
    model_.clk_i = 1;
    model_.eval();
    context_.check();
  }

  void read_valid(Words& valid) const override { get(model_.result_valid_o, valid); }

  void read_results(Words& words, Words& overflow) const override {
    get(model_.result_o, words);
    get(model_.overflow_o, overflow);
  }

 private:
  template <class Port>
  static void assign(Port& port, std::uint32_t value) {
    port = static_cast<Port>(value);
  }

  ModelContext context_;
  mutable Model model_{context_.get()};
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MODELS_ARRAY_H_
