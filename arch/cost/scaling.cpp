#include "arch/cost/scaling.h"

#include <algorithm>
#include <array>
#include <string>

namespace bitscale::cost {
namespace {

constexpr std::size_t kNodeCount = 11;
constexpr std::array<int, kNodeCount> kNodes{180, 130, 90, 65, 45, 32, 20, 16, 14, 10, 7};

// Area multiplier from the row's node to the column's node.
constexpr std::array<std::array<double, kNodeCount>, kNodeCount> kArea{{
    {1, .34, .15, .08, .053, .025, .011, .01, .0093, .0055, .0032},
    {2.9, 1, .44, .23, .16, .072, .033, .03, .027, .016, .0092},
    {6.6, 2.3, 1, .53, .35, .16, .075, .067, .061, .036, .021},
    {12, 4.3, 1.9, 1, .66, .31, .14, .13, .12, .068, .039},
    {19, 6.4, 2.8, 1.5, 1, .46, .21, .19, .17, .1, .059},
    {40, 14, 6.1, 3.3, 2.2, 1, .46, .41, .38, .22, .13},
    {88, 30, 13, 7.1, 4.7, 2.2, 1, .89, .82, .48, .28},
    {99, 34, 15, 7.9, 5.3, 2.4, 1.1, 1, .91, .54, .31},
    {110, 37, 16, 8.7, 5.8, 2.7, 1.2, 1.1, 1, .59, .34},
    {180, 63, 28, 15, 9.8, 4.5, 2.1, 1.9, 1.7, 1, .58},
    {320, 110, 48, 25, 17, 7.8, 3.6, 3.2, 2.9, 1.7, 1},
}};

struct Fit {
  std::array<double, 4> delay;   // d3, d2, d1, d0
  std::array<double, 3> energy;  // e2, e1, e0
};

// Rows in the order of kNodes; above 45 nm both devices share one fit. The 180 nm row is linear in
// V for energy and quadratic for delay, as published.
constexpr std::array<Fit, kNodeCount> kHighPerformance{{
    {{0, 97.09, -356.7, 406.5}, {0, 24.64, -17.98}},
    {{-76.65, 334.9, -493.4, 275.8}, {7.171, -6.709, 2.904}},
    {{-60.34, 262.5, -384.2, 210.9}, {4.762, -4.781, 2.092}},
    {{-53.3, 230.4, -333.9, 178.6}, {3.755, -4.398, 1.975}},
    {{-501.6, 1567, -1619, 566.1}, {1.018, -.3107, .1539}},
    {{-1047, 2982, -2797, 873.5}, {.8367, -.4341, .1701}},
    {{0, 34.63, -66.37, 41.15}, {.373, -.1582, .04104}},
    {{0, 24.8, -47.52, 28.87}, {.2958, -.1241, .03024}},
    {{-40.66, 109.2, -100.6, 35.92}, {.2363, -.09675, .02239}},
    {{-34.95, 93.65, -85.99, 30.4}, {.2068, -.09311, .02375}},
    {{-28.58, 76.6, -70.26, 24.69}, {.1776, -.09097, .02447}},
}};
constexpr std::size_t kFirstOwnLowPower = 4;  // 45 nm
constexpr std::array<Fit, kNodeCount - kFirstOwnLowPower> kLowPower{{
    {{-285.7, 1239, -1795, 898.8}, {1.103, -.362, .2767}},
    {{-325.9, 1374, -1922, 913.2}, {.9559, -.7823, .471}},
    {{-160.5, 514.1, -558.6, 217.5}, {.2632, -.14, .06841}},
    {{-114.6, 366.7, -397.4, 153.6}, {.2139, -.1187, .05639}},
    {{-85.37, 271.6, -292.2, 111.4}, {.1556, -.06472, .03066}},
    {{-71.76, 228.6, -246.3, 93.91}, {.1261, -.0518, .02769}},
    {{-61.79, 196.1, -210.3, 79.55}, {.09365, -.03409, .02043}},
}};

std::size_t index_of(int node_nm) {
  const auto* const found = std::find(kNodes.begin(), kNodes.end(), node_nm);
  BITSCALE_INVARIANT(found != kNodes.end(), "no scaling data for " + std::to_string(node_nm));
  return static_cast<std::size_t>(found - kNodes.begin());
}

const Fit& fit_of(const ProcessPoint& point) {
  const std::size_t index = index_of(point.node_nm);
  const bool low_power = point.device == Device::LowPower && index >= kFirstOwnLowPower;
  return low_power ? kLowPower[index - kFirstOwnLowPower] : kHighPerformance[index];
}

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = 0;
  for (const double coefficient : coefficients) sum = sum * x + coefficient;
  return sum;
}

}  // namespace

const std::vector<int>& scalable_nodes() {
  static const std::vector<int> kList(kNodes.begin(), kNodes.end());
  return kList;
}

bool can_scale(int node_nm) {
  return std::find(kNodes.begin(), kNodes.end(), node_nm) != kNodes.end();
}

double energy_fit(const ProcessPoint& point) {
  return polynomial(fit_of(point).energy, point.voltage);
}

double delay_fit(const ProcessPoint& point) {
  return polynomial(fit_of(point).delay, point.voltage);
}

double energy_scale(const ProcessPoint& from, const ProcessPoint& to) {
  return energy_fit(to) / energy_fit(from);
}

double delay_scale(const ProcessPoint& from, const ProcessPoint& to) {
  return delay_fit(to) / delay_fit(from);
}

double area_scale(int from_nm, int to_nm) { return kArea[index_of(from_nm)][index_of(to_nm)]; }

}  // namespace bitscale::cost
