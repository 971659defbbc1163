#include <type_traits>

#include "Vmac_bank.h"
#include "arch/numeric/precision.h"
#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/models/context.h"

namespace bitscale::cosim {
namespace {

constexpr std::uint64_t kStartMask = (std::uint64_t{1} << numeric::kMaxAccBits) - 1;

class VerilatedMacBank : public MacModel {
 public:
  VerilatedMacBank() = default;
  ~VerilatedMacBank() override { context_.enter(); }
  VerilatedMacBank(const VerilatedMacBank&) = delete;
  VerilatedMacBank& operator=(const VerilatedMacBank&) = delete;

  std::size_t size() const override {
    return std::extent_v<std::remove_reference_t<decltype(model_.acc_o)>>;
  }
  std::size_t delay() const override { return 1; }  // the bank's operand registers
  std::uint64_t acc(std::size_t index) const override { return model_.acc_o[index]; }
  bool overflow(std::size_t index) const override { return model_.overflow_o[index] != 0; }

  bool can_preload() const override { return true; }

  void step(const MacOperands& operands) override {
    model_.clk_i = 0;
    model_.eval();
    model_.weight_i = operands.weight;
    model_.zero_point_i = operands.zero_point;
    model_.act_i = operands.act;
    model_.clear_i = operands.clear ? 1 : 0;
    model_.preload_i = operands.preload ? 1 : 0;
    model_.start_i = static_cast<QData>(operands.start) & kStartMask;
    context_.enter();
    model_.clk_i = 1;
    model_.eval();
    context_.check();
  }

 private:
  ModelContext context_{"mac_bank"};
  mutable Vmac_bank model_{context_.get()};
};

}  // namespace

bool has_rtl_models() { return true; }

std::unique_ptr<MacModel> make_mac_bank() { return std::make_unique<VerilatedMacBank>(); }

}  // namespace bitscale::cosim
