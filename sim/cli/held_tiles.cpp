#include "sim/cli/held_tiles.h"

#include <algorithm>
#include <cmath>

namespace bitscale::cli {
namespace {

constexpr std::size_t kLeastChanges = 4, kChangesPerBin = 4;
constexpr double kStepsPerTile = 10;  // of a mean

void append(std::vector<HeldTiles::Piece>& pieces, const HeldTiles::Piece& piece) {
  if (piece.tiles <= 0 || piece.end_cycle <= piece.start_cycle) return;
  const bool joins = !pieces.empty() && pieces.back().end_cycle == piece.start_cycle &&
                     pieces.back().tiles == piece.tiles;
  if (joins) {
    pieces.back().end_cycle = piece.end_cycle;
  } else {
    pieces.push_back(piece);
  }
}

}  // namespace

HeldTiles::HeldTiles(std::size_t most_changes)
    : most_changes_(std::max(kLeastChanges, most_changes)) {}

void HeldTiles::start(double cycle) {
  begin_ = cycle;
  width_ = 1;
  changes_.clear();
  bins_.clear();
}

void HeldTiles::change(double cycle, int by) {
  const Change change{std::max(cycle, begin_), by};
  if (has_means()) {
    put_in_bin(change);
    return;
  }
  changes_.push_back(change);
  if (changes_.size() <= most_changes_) return;
  bins_.resize(most_changes_ / kChangesPerBin);
  for (const Change& kept : changes_) put_in_bin(kept);
  changes_.clear();
}

void HeldTiles::put_in_bin(const Change& change) {
  const double from_begin = change.cycle - begin_;
  while (from_begin >= width_ * static_cast<double>(bins_.size())) double_width();
  const auto index = static_cast<std::size_t>(from_begin / width_);
  Bin& bin = bins_[std::min(index, bins_.size() - 1)];
  bin.sum += change.by;
  bin.moment += change.by * (from_begin - static_cast<double>(index) * width_);
}

void HeldTiles::double_width() {
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    Bin joined;
    if (2 * i < bins_.size()) joined = bins_[2 * i];
    if (2 * i + 1 < bins_.size()) {
      const Bin& late = bins_[2 * i + 1];
      joined.sum += late.sum;
      joined.moment += late.moment + late.sum * width_;
    }
    bins_[i] = joined;
  }
  width_ *= 2;
}

std::vector<HeldTiles::Piece> HeldTiles::pieces(double end_cycle) const {
  return has_means() ? mean_pieces(end_cycle) : exact_pieces(end_cycle);
}

std::vector<HeldTiles::Piece> HeldTiles::exact_pieces(double end_cycle) const {
  std::vector<Change> changes = changes_;
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.cycle < b.cycle; });
  std::vector<Piece> pieces;
  int held = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    held += changes[i].by;
    const double until = i + 1 < changes.size() ? changes[i + 1].cycle : end_cycle;
    append(pieces, {changes[i].cycle, until, static_cast<double>(held)});
  }
  return pieces;
}

// A change counts for the part of its bin that follows it: sum × length − moment.
std::vector<HeldTiles::Piece> HeldTiles::mean_pieces(double end_cycle) const {
  std::vector<Piece> pieces;
  double held = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const double start = begin_ + static_cast<double>(i) * width_;
    const double length = std::min(width_, end_cycle - start);
    if (length <= 0) break;
    const double mean = held + bins_[i].sum - bins_[i].moment / length;
    append(pieces, {start, start + length, std::round(mean * kStepsPerTile) / kStepsPerTile});
    held += bins_[i].sum;
  }
  return pieces;
}

}  // namespace bitscale::cli
