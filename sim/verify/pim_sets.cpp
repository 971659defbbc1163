// The named pim_array sets: digits layers and small layers, cut to wordlines and columns.
//
// A tile is up to `wordlines` steps of the reduction by up to `cols` output channels: its weights
// are written, then every output pixel is one vector. The tile's dot products are exact and
// narrowed once, so the executor's order is chunks of `wordlines`, saturated (if at all) at the
// end.
#include <algorithm>
#include <string>

#include "arch/timing/pim.h"
#include "rtl/cosim/end_cases.h"
#include "rtl/cosim/pim_check.h"
#include "sim/verify/array_layers.h"
#include "sim/verify/cosim_run.h"
#include "sim/verify/layer_operands.h"

namespace bitscale::verify {
namespace {

constexpr int kPsumBits = 32;
constexpr int kMostActBits = 8;

class PimSet {
 public:
  PimSet(const cosim::NamedSet& set, const CosimInputs& inputs)
      : inputs_(inputs),
        pim_(cosim::pim_spec(set)),
        model_(cosim::make_pim(set.name)),
        outcome_(outcome_of(set)) {
    outcome_.cycles.emplace();
  }

  SetOutcome run() {
    for (const DigitsLayer& layer : inputs_.digits) digits(layer);
    const int bits = std::min(pim_.mac.acts.bits, kMostActBits);
    std::uint64_t seed = inputs_.seed;
    for (const model::Layer& one : small_layers().layers) {
      layer(one, {bits, false}, ++seed);
      layer(one, {std::max(1, bits / 2), true}, ++seed);
    }
    for (const cosim::PimCase& test : cosim::end_cases(pim_)) {
      take(cosim::check_pim(*model_, pim_, test));
    }
    // Weights count with the signedness of the cells, activations with both.
    outcome_.corners =
        cosim::count_corners(outcome_.coverage, pim_.mac.weights.codes().is_signed, true);
    outcome_.count_ends({true, true});
    return std::move(outcome_);
  }

 private:
  struct Product {  // acts [m × k], weights [k × n]
    std::string name;
    std::int64_t m, k, n;
    std::vector<std::int32_t> acts, weights;
    numeric::IntegerFormat format;
    std::uint64_t seed;
  };

  void digits(const DigitsLayer& layer) {
    cosim::MacSpec mac = pim_.mac;
    mac.acts.is_signed = false;
    const std::optional<cosim::Gemm> gemm = encode(layer, mac);
    if (!gemm) return;
    int bits = 1;
    while (numeric::IntegerFormat{bits, false}.max() < layer.max_act) ++bits;
    product({"digits " + layer.name,
             gemm->m,
             gemm->k,
             gemm->n,
             gemm->acts,
             gemm->weights,
             {bits, false},
             0});
    outcome_.digits_vectors += layer.macs();
  }

  void layer(const model::Layer& shape, const numeric::IntegerFormat& format, std::uint64_t seed) {
    cosim::MacSpec mac = pim_.mac;
    mac.acts = format;
    const LayerOperands operands(shape, mac, seed);
    const std::int64_t channels = shape.out_channels / shape.groups;
    std::vector<std::int64_t> sums;
    for (std::int64_t g = 0; g < shape.groups; ++g) {
      Product part{shape.name, shape.out_pixels(), shape.reduction(), channels, {}, {}, format,
                   seed};
      for (std::int64_t p = 0; p < part.m; ++p) {
        for (std::int64_t k = 0; k < part.k; ++k) part.acts.push_back(operands.act(g, p, k));
      }
      for (std::int64_t k = 0; k < part.k; ++k) {
        for (std::int64_t c = 0; c < part.n; ++c) {
          part.weights.push_back(operands.weight(g * channels + c, k));
        }
      }
      const std::vector<std::int64_t> outputs = product(part);
      for (std::int64_t c = 0; c < part.n; ++c) {
        for (std::int64_t p = 0; p < part.m; ++p) {
          sums.push_back(outputs[static_cast<std::size_t>(p * part.n + c)]);
        }
      }
    }
    ++outcome_.layers;
    compare(operands, sums);
  }

  /// Outputs [pixel][channel] of all tiles added up.
  std::vector<std::int64_t> product(const Product& all) {
    std::vector<std::int64_t> sums(static_cast<std::size_t>(all.m * all.n), 0);
    std::int64_t tiles = 0, most_planes = 0;
    std::int64_t longest_write = 0, longest_compute = 0;
    for (std::int64_t c0 = 0; c0 < all.n; c0 += pim_.cols) {
      for (std::int64_t k0 = 0; k0 < all.k; k0 += pim_.wordlines) {
        const cosim::PimCase test = tile(all, k0, c0);
        const cosim::PimCheck check = cosim::check_pim(*model_, pim_, test);
        take(check);
        ++tiles;
        most_planes = std::max(most_planes, cosim::planes_of(pim_, test.vectors));
        longest_write = std::max(longest_write, check.run.write_cycles);
        longest_compute = std::max(longest_compute, check.run.compute_cycles);
        for (std::size_t p = 0; p < check.run.sums.size(); ++p) {
          for (std::int64_t c = c0; c < std::min(all.n, c0 + pim_.cols); ++c) {
            std::int64_t& sum =
                sums[p * static_cast<std::size_t>(all.n) + static_cast<std::size_t>(c)];
            const std::int64_t chunk = check.run.sums[p][static_cast<std::size_t>(c - c0)].value;
            sum = numeric::accumulate(sum, chunk, kPsumBits, numeric::OverflowPolicy::Wrap).value;
          }
        }
      }
    }
    compare_times(all, tiles, longest_write + longest_compute, most_planes);
    return sums;
  }

  /// The simulator lays the tiles on arrays of their own, writes all of them, then computes: the
  /// one with the most wordlines and the one with the most planes set the time.
  void compare_times(const Product& all, std::int64_t tiles, std::int64_t longest,
                     std::int64_t most_planes) {
    const spec::PimArraySpec simulated = cosim::simulated_pim(pim_);
    const timing::PimGrid grid = timing::pim_grid(
        simulated, {1, all.m, all.n, all.k, pim_.mac.weights.bits, all.format.bits});
    const std::int64_t expected =
        timing::pim_write_cycles(grid.wordlines) + timing::pim_plane_cycles(simulated, most_planes);
    if (grid.row_tiles * grid.col_tiles == tiles && expected == longest) return;
    ++outcome_.mismatches;
    if (outcome_.failure) return;
    outcome_.failure =
        cosim::Failure{longest,
                       pim_.name + ", " + all.name + ": the simulator has " +
                           std::to_string(grid.row_tiles * grid.col_tiles) + " arrays and " +
                           std::to_string(expected) + " cycles, the RTL " + std::to_string(tiles) +
                           " and " + std::to_string(longest),
                       ""};
  }

  cosim::PimCase tile(const Product& all, std::int64_t k0, std::int64_t c0) const {
    const std::int64_t lines = std::min<std::int64_t>(pim_.wordlines, all.k - k0);
    cosim::PimCase test{all.name, {}, {}, all.seed};
    for (std::int64_t k = k0; k < k0 + lines; ++k) {
      for (std::int64_t c = c0; c < c0 + pim_.cols; ++c) {
        test.weights.push_back(c < all.n ? all.weights[static_cast<std::size_t>(k * all.n + c)]
                                         : 0);
      }
    }
    for (std::int64_t p = 0; p < all.m; ++p) {
      const auto first = all.acts.begin() + p * all.k + k0;
      cosim::PimVector vector{{first, first + lines}, all.format, true};
      vector.acts.resize(static_cast<std::size_t>(pim_.wordlines), 0);
      test.vectors.push_back(std::move(vector));
    }
    return test;
  }

  void take(const cosim::PimCheck& check) {
    ++outcome_.tiles;
    outcome_.vectors += check.macs;
    outcome_.mismatches += check.mismatches;
    outcome_.cycles->rtl += check.rtl_cycles;
    outcome_.cycles->expected += check.expected_cycles;
    outcome_.coverage.add(check.coverage);
    if (!outcome_.failure) outcome_.failure = check.failure;
  }

  void compare(const LayerOperands& operands, const std::vector<std::int64_t>& sums) {
    const auto policy = pim_.mac.policy == numeric::OverflowPolicy::Wrap
                            ? numeric::OverflowPolicy::Wrap
                            : numeric::OverflowPolicy::SaturateAtEnd;
    const std::vector<std::int64_t> expected = operands.sums(
        {pim_.mac.acc_bits, kPsumBits, policy, static_cast<std::size_t>(pim_.wordlines)});
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (sums[i] == expected[i]) continue;
      ++outcome_.mismatches;
      if (outcome_.failure) continue;
      outcome_.failure = cosim::Failure{0,
                                        pim_.name + ", " + operands.layer().name + ": output " +
                                            std::to_string(i) + ": the executor has " +
                                            std::to_string(expected[i]) + ", the tiles add up to " +
                                            std::to_string(sums[i]),
                                        ""};
    }
  }

  const CosimInputs& inputs_;
  cosim::PimSpec pim_;
  std::unique_ptr<cosim::PimModel> model_;
  SetOutcome outcome_;
};

}  // namespace

SetOutcome check_pim_set(const cosim::NamedSet& set, const CosimInputs& inputs) {
  return PimSet(set, inputs).run();
}

}  // namespace bitscale::verify
