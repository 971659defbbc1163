// Any bytes: reading them as a SCALE-Sim topology either reports problems or gives a network whose
// counts make sense.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "workloads/import/scalesim_topology.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("topology", 0);  // the reader takes a path
  BITSCALE_INVARIANT(file >= 0 && write(file, data, size) == static_cast<ssize_t>(size), "no file");
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  bitscale::base::Problems problems;
  std::vector<std::string> notes;
  try {
    const auto network = bitscale::import::read_scalesim_topology(path, problems, notes);
    BITSCALE_INVARIANT(!problems.empty() || (network.macs() > 0 && network.params() > 0),
                       "a network without problems has no work");
  } catch (const bitscale::base::UserError&) {
  }
  close(file);
  return 0;
}
