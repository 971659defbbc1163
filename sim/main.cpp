// The program's entry: SystemC wants to own it, so main hands over and sc_main runs the command.
#include <cstdlib>
#include <iostream>
#include <string>
#include <systemc>
#include <vector>

#include "sim/cli/command.h"

int sc_main(int argc, char** argv) {
  return bitscale::cli::run_line({argv, argv + argc}, std::cout, std::cerr);
}

int main(int argc, char** argv) {
  // The banner would stand in the middle of --json output.
  ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
