#include "sim/reproduce/trained_density.h"

#include <sstream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/cost/pim_cost.h"
#include "sim/reproduce/activation_density.h"

namespace bitscale::reproduce {
namespace {

constexpr int kEdgeBits = 16;  // weights of first and last layer in the recipes

std::vector<double> numbers_of(const std::string& line, const std::string& where) {
  std::vector<double> numbers;
  std::istringstream cells(line);
  for (std::string cell; std::getline(cells, cell, ',');) {
    std::istringstream text(cell);
    double number = 0;
    if (!(text >> number) || !text.eof())
      throw base::UserError(where, "'" + cell + "' is no number");
    numbers.push_back(number);
  }
  return numbers;
}

/// MACs of each layer with the channels of an epoch: products of what it reads and gives.
std::vector<double> macs_at(const std::vector<double>& last_macs, const DensityEpoch& last,
                            const DensityEpoch& epoch) {
  const auto share = [&](std::size_t layer) {
    return static_cast<double>(epoch.channels[layer]) / static_cast<double>(last.channels[layer]);
  };
  std::vector<double> macs = last_macs;
  for (std::size_t i = 0; i < macs.size(); ++i) macs[i] *= share(i) * (i > 0 ? share(i - 1) : 1);
  return macs;
}

bool same_shape(const DensityEpoch& a, const DensityEpoch& b) {
  return a.quantized == b.quantized && a.bits == b.bits && a.channels == b.channels;
}

}  // namespace

std::vector<DensityEpoch> read_density_epochs(const std::filesystem::path& file,
                                              std::size_t layers) {
  std::istringstream lines(base::read_text_file(file, 1'000'000));
  std::string line;
  std::getline(lines, line);
  std::vector<DensityEpoch> epochs;
  for (int number = 2; std::getline(lines, line); ++number) {
    const std::string where = file.string() + ":" + std::to_string(number);
    const std::vector<double> cells = numbers_of(line, where);
    if (layers == 0 || cells.size() != 3 + 3 * layers) {
      throw base::UserError(where, "has " + std::to_string(cells.size()) + " cells, not " +
                                       std::to_string(3 + 3 * layers));
    }
    DensityEpoch epoch;
    epoch.epoch = static_cast<int>(cells[0]);
    epoch.quantized = cells[1] != 0;
    epoch.validation_top1 = cells[3];
    for (std::size_t i = 0; i < layers; ++i) {
      epoch.bits.push_back(static_cast<int>(cells[4 + i]));
      epoch.channels.push_back(static_cast<std::int64_t>(cells[4 + layers + i]));
      if (epoch.channels.back() < 1 || epoch.bits.back() < 1) {
        throw base::UserError(where, "layers have at least 1 bit and 1 channel");
      }
    }
    const auto first = static_cast<std::ptrdiff_t>(4 + 2 * layers);
    epoch.densities.assign(cells.begin() + first, cells.end());
    epochs.push_back(std::move(epoch));
  }
  if (epochs.empty()) throw base::UserError(file.string(), "holds no epoch");
  return epochs;
}

DensityTraining measure_density_training(const run::Catalog& catalog,
                                         const TrainedNetworks& networks,
                                         const std::string& recipe) {
  const spec::PimCostSpec prices = load_density_study(catalog).design.pim->cost;
  DensityTraining training;
  training.recipe = recipe;
  std::vector<double> last_macs;
  std::vector<std::int64_t> channels;
  for (const model::Layer& layer : networks.read(recipe).network.layers) {
    if (!layer.has_macs()) continue;
    training.layers.push_back(layer.name);
    last_macs.push_back(static_cast<double>(layer.macs()));
    channels.push_back(layer.out_channels);
  }
  const std::filesystem::path file = networks.epochs(recipe);
  training.epochs = read_density_epochs(file, last_macs.size());
  const DensityEpoch last = training.epochs.back();
  if (last.channels != channels) {
    throw base::UserError(file.string(), "ends with other channels than the trace beside it");
  }
  for (const double macs : macs_at(last_macs, last, training.epochs.front())) {
    training.uj_16_bits += macs * cost::pim_mac_fj(prices, 16, 16) * 1e-9;
  }
  for (DensityEpoch& epoch : training.epochs) {
    training.unchanged_epochs = same_shape(epoch, last) ? training.unchanged_epochs + 1 : 0;
    if (!epoch.quantized) continue;
    const std::vector<double> macs = macs_at(last_macs, last, epoch);
    for (std::size_t i = 0; i < macs.size(); ++i) {
      const bool edge = i == 0 || i + 1 == macs.size();
      const int weight_bits = edge ? kEdgeBits : epoch.bits[i];
      epoch.pim_uj += macs[i] * cost::pim_mac_fj(prices, weight_bits, epoch.bits[i]) * 1e-9;
    }
  }
  return training;
}

}  // namespace bitscale::reproduce
