#include "rtl/cosim/stdout_redirect.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace bitscale::cosim {
namespace {

void flush() {
  std::cout.flush();
  std::fflush(stdout);
}

}  // namespace

StdoutToStderr::StdoutToStderr() : kept_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) {
  flush();
  if (kept_ >= 0) ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

StdoutToStderr::~StdoutToStderr() {
  flush();
  if (kept_ < 0) return;
  ::dup2(kept_, STDOUT_FILENO);
  ::close(kept_);
}

}  // namespace bitscale::cosim
