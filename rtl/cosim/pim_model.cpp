#include "rtl/cosim/pim_model.h"

#include "arch/base/error.h"
#include "arch/timing/pim.h"

namespace bitscale::cosim {

PimSpec pim_spec(const NamedSet& set) {
  PimSpec pim;
  pim.name = set.name;
  pim.wordlines = set.integer("Wordlines", 16);
  pim.cols = set.integer("Cols", 4);
  pim.slice_bits = set.integer("SliceBits", 2);
  pim.bits_per_cell = set.integer("BitsPerCell", 1);
  pim.col_mux = set.integer("ColMux", 1);
  pim.skip_zero_planes = set.get("SkipZeroPlanes", 0) != 0;
  if (set.get("WeightOffset", 0) != 0) pim.sign = numeric::SliceSign::Offset;
  pim.mac = mac_spec(set);
  return pim;
}

spec::PimArraySpec simulated_pim(const PimSpec& pim) {
  spec::PimArraySpec simulated;
  simulated.wordlines = simulated.adder_tree_inputs = pim.wordlines;
  simulated.bits_per_cell = pim.bits_per_cell;
  simulated.slice_bits = pim.slice_bits;
  simulated.sign = pim.sign;
  simulated.bitlines = pim.cols * spec::cells_per_weight(simulated, pim.mac.weights.bits);
  simulated.col_mux = pim.col_mux;
  simulated.weight_bits = pim.mac.weights.bits;
  simulated.act_bits = pim.mac.acts.bits;
  simulated.acc_bits = pim.mac.acc_bits;
  simulated.overflow = pim.mac.policy;
  simulated.skip_zero_planes = pim.skip_zero_planes;
  return simulated;
}

// Defined by the generated list of models, or by models/missing.cpp.
std::unique_ptr<PimModel> make_pim_model(const std::string& name);

std::unique_ptr<PimModel> make_pim(const std::string& name) {
  std::unique_ptr<PimModel> model = make_pim_model(name);
  if (model == nullptr) {
    std::vector<std::string> names;
    for (const NamedSet& set : named_sets_of("pim_array")) names.push_back(set.name);
    throw base::UserError("pim", base::unknown_name_message("PIM array", name, names));
  }
  return model;
}

std::vector<std::vector<ArraySum>> expected_pim_sums(const PimSpec& pim,
                                                     const std::vector<std::int32_t>& weights,
                                                     const std::vector<PimVector>& vectors) {
  const numeric::WeightSlicer slicer(pim.mac.weights.codes(), pim.slice_bits, pim.sign);
  std::vector<std::vector<ArraySum>> all;
  std::vector<ArraySum> sums(static_cast<std::size_t>(pim.cols));
  const auto lines = static_cast<std::ptrdiff_t>(weights.size() / sums.size());
  for (const PimVector& vector : vectors) {
    const std::vector<std::int64_t> acts(vector.acts.begin(), vector.acts.begin() + lines);
    for (std::size_t c = 0; c < sums.size(); ++c) {
      std::vector<std::int64_t> column;
      for (std::size_t w = 0; w < acts.size(); ++w) {
        column.push_back(weights[w * sums.size() + c]);
      }
      const std::int64_t dot = numeric::sliced_dot(column, acts, slicer, vector.format, 0).value;
      const numeric::AccumulatorStep step = numeric::accumulate(
          vector.clear ? 0 : sums[c].value, dot, pim.mac.acc_bits, pim.mac.policy);
      sums[c] = {step.value, step.overflow || (sums[c].overflow && !vector.clear)};
    }
    all.push_back(sums);
  }
  return all;
}

std::int64_t planes_of(const PimSpec& pim, const std::vector<PimVector>& vectors) {
  std::int64_t planes = 0;
  for (const PimVector& vector : vectors) {
    std::int64_t any = 0;
    for (const std::int32_t act : vector.acts) any |= act;
    planes +=
        pim.skip_zero_planes ? numeric::planes_with_ones(any, vector.format) : vector.format.bits;
  }
  return planes;
}

std::int64_t pim_compute_cycles(const PimSpec& pim, const std::vector<PimVector>& vectors) {
  return timing::pim_plane_cycles(simulated_pim(pim), planes_of(pim, vectors));
}

}  // namespace bitscale::cosim
