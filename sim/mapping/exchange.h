// Resident tensors on several cores: what each core holds of one, and what crosses between cores
// before a task can read it.
//
// A core holds what it made. Before a task runs, every core fetches from the others what its share
// of the task reads and it does not hold; it then keeps that until the tensor's last use, so later
// readers find it there.
//   share divides  first operand               second operand        skips
//   channels       everything                  its columns           its channels
//   groups         its groups                  its groups            its groups
//   rows           rows under its windows      everything            its rows
//   images         its images                  everything            its images
// Where maker and reader divide the same loop alike, shares are intervals and what crosses is exact
// (a halo, or rows that shift because layers have other sizes). Where they divide different loops a
// core holds of any part the fraction it holds of all, which is exact up to rounding.
//
// A part that several cores need is read once where it stands, crosses the links once for each
// receiver and is written in each receiver.
#ifndef BITSCALE_SIM_MAPPING_EXCHANGE_H_
#define BITSCALE_SIM_MAPPING_EXCHANGE_H_

#include "sim/mapping/task.h"

namespace bitscale::mapping {

/// Fills Tensor::core_elements and the tasks' exchanges for a chip of `cores`.
void place_on_cores(TaskGraph& graph, std::int64_t cores);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_EXCHANGE_H_
