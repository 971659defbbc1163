// Bits per layer: the least loss within a budget, from a layer table and the layers' losses, then
// the network so mixed estimated once more as a whole.
#ifndef BITSCALE_SIM_SWEEP_PRECISION_SEARCH_H_
#define BITSCALE_SIM_SWEEP_PRECISION_SEARCH_H_

#include <string>
#include <vector>

#include "arch/base/names.h"
#include "sim/sweep/assign_widths.h"
#include "sim/sweep/layer_table.h"

namespace bitscale::sweep {

/// EnergyPj and LatencyMs of one batch, cold; SizeBytes of all weights; Bops = Σ MACs · w · a
/// (bit operations, Baskin et al., arXiv 1804.10969, without their accumulator term).
enum class BudgetKind { EnergyPj, LatencyMs, SizeBytes, Bops };
inline const base::NameTable<BudgetKind> kBudgetKindNames = {{BudgetKind::EnergyPj, "energy_pj"},
                                                             {BudgetKind::LatencyMs, "latency_ms"},
                                                             {BudgetKind::SizeBytes, "size_bytes"},
                                                             {BudgetKind::Bops, "bops"}};

struct Budget {
  BudgetKind kind = BudgetKind::EnergyPj;
  double limit = 0;
};

/// Reads "energy_pj=1e9". Throws UserError placed at `where`.
Budget parse_budget(const std::string& text, const std::string& where);

/// What a layer costs of the budget under an option. Layers without MACs take their dearest one:
/// their widths follow their neighbours'.
double budget_cost(const LayerTable& table, const TableLayer& layer, std::size_t option,
                   BudgetKind kind);

struct PrecisionSearch {
  Budget budget;
  std::vector<std::string> layers;   ///< with MACs
  std::vector<std::size_t> options;  ///< per layer, an index of the table's options
  double loss = 0;
  double predicted = 0;        ///< of the budget's kind, summed from the table
  double estimated = 0;        ///< the mixed network estimated as a whole
  int rounds = 1;              ///< how often the table was solved
  std::string precision_json;  ///< a plan for --precision
};

/// The assignment of least loss within the budget by the table, exactly. A layer's neighbours of
/// other widths change what it costs: when the network as a whole is above the budget, the table is
/// solved again at limits between its cheapest assignment and the budget (by the excess, then by
/// halves, up and down), the same width everywhere is tried too, and of what is within the budget
/// as a whole the least loss is taken. That is exact for the table, not for the whole. `estimated`
/// is above the budget only when all of these are. `losses` as read_losses() gives them. Throws
/// UserError when nothing fits, by the table or as a whole, with the least there is.
PrecisionSearch search_precision(const LayerTableRequest& request, const LayerTable& table,
                                 const std::vector<std::vector<double>>& losses,
                                 const Budget& budget);

std::string search_json(const PrecisionSearch& search, const LayerTable& table);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_PRECISION_SEARCH_H_
