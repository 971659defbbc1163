#include "Vunit_bank.h"
#include "arch/numeric/precision.h"
#include "rtl/cosim/models/context.h"
#include "rtl/cosim/unit_model.h"

namespace bitscale::cosim {
namespace {

constexpr std::uint64_t kStartMask = (std::uint64_t{1} << numeric::kMaxAccBits) - 1;

class VerilatedUnitBank : public UnitModel {
 public:
  VerilatedUnitBank() = default;
  ~VerilatedUnitBank() override { context_.enter(); }
  VerilatedUnitBank(const VerilatedUnitBank&) = delete;
  VerilatedUnitBank& operator=(const VerilatedUnitBank&) = delete;

  void step(const UnitInputs& inputs) override {
    model_.en_i = inputs.enable ? 1 : 0;
    model_.clear_i = inputs.clear ? 1 : 0;
    model_.first_i = inputs.first ? 1 : 0;
    model_.last_i = inputs.last ? 1 : 0;
    model_.mode_i = static_cast<CData>(inputs.mode);
    model_.weight_signed_i = inputs.weight_signed ? 1 : 0;
    model_.act_signed_i = inputs.act_signed ? 1 : 0;
    for (std::size_t i = 0; i < inputs.weight.size(); ++i) model_.weight_i[i] = inputs.weight[i];
    model_.act_i = inputs.act;
    model_.preload_i = inputs.preload ? 1 : 0;
    model_.start_i = static_cast<QData>(inputs.start) & kStartMask;
    model_.clk_i = 0;  // assertions sample what stands before the edge
    model_.eval();
    context_.enter();
    model_.clk_i = 1;
    model_.eval();
    context_.check();
  }

  std::uint64_t acc(std::size_t unit, std::size_t index) const override {
    const auto& words = model_.acc_o[unit];
    return words[2 * index] | (std::uint64_t{words[2 * index + 1]} << 32);
  }

  bool overflow(std::size_t unit, std::size_t index) const override {
    return ((model_.overflow_o[unit] >> index) & 1U) != 0;
  }

 private:
  ModelContext context_{"unit_bank"};
  mutable Vunit_bank model_{context_.get()};
};

}  // namespace

std::unique_ptr<UnitModel> make_unit_bank() { return std::make_unique<VerilatedUnitBank>(); }

}  // namespace bitscale::cosim
