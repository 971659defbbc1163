#include "sim/sweep/point_space.h"

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <charconv>
#include <cmath>

#include "arch/base/error.h"

namespace bitscale::sweep {
namespace {

// SplitMix64, the finalizer of java.util.SplittableRandom: a good hash of (seed, counter).
std::uint64_t mix(std::uint64_t seed, std::uint64_t counter) {
  std::uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// `word` as a fraction of 2^64, times `count`.
std::size_t scaled(std::uint64_t word, std::size_t count) {
  const double fraction = static_cast<double>(word >> 11) * 0x1p-53;
  return std::min(count - 1, static_cast<std::size_t>(fraction * static_cast<double>(count)));
}

double grid_size(const SweepSpec& spec) {
  double size = 1;
  for (const Axis& axis : spec.axes) size *= static_cast<double>(axis.options.size());
  return size;
}

std::string in_words(double count) {
  if (count < 1e15) return std::to_string(static_cast<std::int64_t>(count));
  return "about 10^" + std::to_string(static_cast<int>(std::log10(count)));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto number = whole_number(std::string_view(text).substr(0, slash));
    const auto count = whole_number(std::string_view(text).substr(slash + 1));
    if (number && count && *number >= 1 && *number <= *count) return {*number, *count};
  }
  throw base::UserError("--shard",
                        "expected i/n with 1 <= i <= n, as in 2/4; given '" + text + "'");
}

PointSpace::PointSpace(const SweepSpec& spec, std::optional<std::int64_t> limit) : spec_(spec) {
  if (limit && *limit < 1) {
    throw base::UserError("--limit", "expected at least 1, given " + std::to_string(*limit));
  }
  const double all =
      spec.method == Method::Grid ? grid_size(spec) : static_cast<double>(spec.sampled_points);
  const double wanted = limit ? std::min(all, static_cast<double>(*limit)) : all;
  if (wanted > static_cast<double>(kMostPoints)) {
    throw base::UserError(
        spec.file + (spec.method == Method::Grid ? ":/axes" : ":/sampling/points"),
        "the sweep has " + in_words(all) + " points; at most " + std::to_string(kMostPoints) +
            " run at once: give --limit N, or sampling with method random or sobol");
  }
  size_ = static_cast<std::int64_t>(wanted);
  require_some_allowed();
}

void PointSpace::require_some_allowed() const {
  if (spec_.axis_constraints.empty()) return;
  for (std::int64_t i = 0; i < size_; ++i) {
    if (allowed(choices(i))) return;
  }
  std::string texts;
  for (const Constraint& constraint : spec_.axis_constraints) {
    texts += (texts.empty() ? "'" : ", '") + constraint.text() + "'";
  }
  throw base::UserError(spec_.file + ":/constraints",
                        "none of the " + std::to_string(size_) + " points satisfies " + texts);
}

Choices PointSpace::choices(std::int64_t index) const {
  BITSCALE_INVARIANT(index >= 0 && index < size_, "point " + std::to_string(index));
  const std::size_t axes = spec_.axes.size();
  const auto number = static_cast<std::uint64_t>(index);
  Choices chosen(axes);
  if (spec_.method == Method::Grid) {
    std::uint64_t rest = number;
    for (std::size_t i = axes; i-- > 0;) {
      const std::size_t count = spec_.axes[i].options.size();
      chosen[i] = rest % count;
      rest /= count;
    }
    return chosen;
  }
  const bool random = spec_.method == Method::Random;
  boost::random::sobol sequence(axes);
  if (!random) sequence.seed(number);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::uint64_t word =
        random ? mix(mix(spec_.seed, number), i) : sequence() + mix(spec_.seed, i);
    chosen[i] = scaled(word, spec_.axes[i].options.size());
  }
  return chosen;
}

bool PointSpace::allowed(const Choices& choices) const {
  if (spec_.axis_constraints.empty()) return true;
  const std::vector<AxisValue> shown = values(choices);
  std::vector<double> numbers;
  for (const std::size_t column : spec_.named_columns) {
    numbers.push_back(std::get<double>(shown[column]));
  }
  return std::all_of(spec_.axis_constraints.begin(), spec_.axis_constraints.end(),
                     [&](const Constraint& constraint) { return constraint.holds(numbers); });
}

std::vector<Set> PointSpace::sets(const Choices& choices) const {
  std::vector<Set> all;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Option& option = spec_.axes[i].options[choices[i]];
    all.insert(all.end(), option.sets.begin(), option.sets.end());
  }
  return all;
}

std::vector<AxisValue> PointSpace::values(const Choices& choices) const {
  std::vector<AxisValue> all;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Option& option = spec_.axes[i].options[choices[i]];
    all.insert(all.end(), option.values.begin(), option.values.end());
  }
  return all;
}

std::vector<std::int64_t> PointSpace::neighbours(std::int64_t index) const {
  std::vector<std::int64_t> found;
  if (spec_.method != Method::Grid) return found;
  const Choices chosen = choices(index);
  std::int64_t stride = 1;
  for (std::size_t i = spec_.axes.size(); i-- > 0;) {
    const auto count = static_cast<std::int64_t>(spec_.axes[i].options.size());
    const auto at = static_cast<std::int64_t>(chosen[i]);
    if (at > 0) found.push_back(index - stride);
    if (at + 1 < count && index + stride < size_) found.push_back(index + stride);
    if (stride > size_) break;  // only a limit makes the space smaller than the grid
    stride *= count;
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace bitscale::sweep
