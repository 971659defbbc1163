// Keeps what runs inside this process off its standard output.
#ifndef BITSCALE_RTL_COSIM_STDOUT_REDIRECT_H_
#define BITSCALE_RTL_COSIM_STDOUT_REDIRECT_H_

namespace bitscale::cosim {

/// While it lives, everything this process writes to standard output goes to standard error: what a
/// user's RTL prints ($display, $fdisplay, C functions by DPI) must not stand in a result's JSON.
class StdoutToStderr {
 public:
  StdoutToStderr();
  ~StdoutToStderr();
  StdoutToStderr(const StdoutToStderr&) = delete;
  StdoutToStderr& operator=(const StdoutToStderr&) = delete;

 private:
  int kept_;  // a copy of standard output, below 0 when there is none
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_STDOUT_REDIRECT_H_
