// The Verilator context of one model: one thread, errors kept for check() instead of aborting.
#ifndef BITSCALE_RTL_COSIM_MODELS_CONTEXT_H_
#define BITSCALE_RTL_COSIM_MODELS_CONTEXT_H_

#include <string>
#include <utility>

#include "arch/base/error.h"
#include "verilated.h"

namespace bitscale::cosim {

class ModelContext {
 public:
  explicit ModelContext(std::string name) : name_(std::move(name)) {
    context_.threads(1);
    context_.fatalOnError(false);
    enter();
  }

  VerilatedContext* get() { return &context_; }

  /// Before every clock edge and before the model is destroyed: Verilator books assertions and
  /// scopes on the calling thread's current context, which another model may have set.
  void enter() { Verilated::threadContextp(&context_); }

  /// After every clock edge. An assertion that failed is our bug.
  void check() const {
    BITSCALE_INVARIANT(!context_.gotError(), name_ + ": an assertion of the RTL failed");
  }

 private:
  std::string name_;
  VerilatedContext context_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MODELS_CONTEXT_H_
