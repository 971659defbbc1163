#include "sim/reproduce/pact.h"

#include <array>

namespace bitscale::reproduce {
namespace {

constexpr double kInfinite = 0;
constexpr std::array<double, 3> kSystems = {kInfinite, 64, 32};  // GB/s, the paper's three

PactGains measure(const PactStudy& study, const spec::AcceleratorSpec& design,
                  double bandwidth_gbps) {
  const auto run = [&](PactPoint point) {
    return run_pact(study, design, point, {bandwidth_gbps, true, false}, Engine::Systemc);
  };
  const cost::RunActivity base = run(PactPoint::W16);
  const cost::RunActivity w4 = run(PactPoint::W4);
  const cost::RunActivity w2 = run(PactPoint::W2);
  PactGains gains;
  gains.bandwidth_gbps = bandwidth_gbps;
  gains.w8 = gain(base, run(PactPoint::W8));
  gains.w4 = gain(base, w4);
  gains.w2 = gain(base, w2);
  gains.lower_ends_w4 = gain(w4, run(PactPoint::W4All));
  gains.lower_ends_w2 = gain(w2, run(PactPoint::W2All));
  return gains;
}

const PactGains& system(const std::vector<PactGains>& all, double bandwidth_gbps) {
  for (const PactGains& gains : all) {
    if (gains.bandwidth_gbps == bandwidth_gbps) return gains;
  }
  throw base::InternalError("system not measured");
}

std::vector<Target> targets_of(const spec::AcceleratorSpec& design,
                               const std::vector<PactGains>& all) {
  const auto& ratio = design.mac_array.pe.peak_ratio;
  const double peak4 = ratio[2] / ratio[0];
  const double peak2 = ratio[3] / ratio[0];
  const PactGains& infinite = system(all, kInfinite);
  const PactGains& at64 = system(all, 64);
  const PactGains& at32 = system(all, 32);
  return {
      around("P1", "16→4 bits at 64 GB/s, peak 4x", 4.5, "read", 0.2, at64.w4),
      between("P2a", "16→4 bits, infinite bandwidth: near linear, at most the peak", "read", 3.6,
              peak4, infinite.w4),
      between("P2b", "16→2 bits, infinite bandwidth: below linear", "read", 0, peak2, infinite.w2),
      around("P3", "first and last layer lowered too, at 2 bits, 64 GB/s", 1.24, "read", 0.06,
             at64.lower_ends_w2),
      between("P5", "16→4 bits at 32 GB/s: super-linear", "read", peak4, kNoLimit, at32.w4),
  };
}

PactMeasurement measure_all(const PactStudy& study, const spec::AcceleratorSpec& design,
                            const std::string& name,
                            const std::function<void(const std::string&)>& progress) {
  PactMeasurement all;
  for (const double bandwidth : kSystems) {
    progress(name + ", system " + std::to_string(all.gains.size() + 1) + " of 3");
    all.gains.push_back(measure(study, design, bandwidth));
  }
  all.targets = targets_of(design, all.gains);
  return all;
}

double ablation(const PactStudy& study) {
  const PactVariant variant{64, false, true};
  return gain(run_pact(study, study.committed, PactPoint::W16, variant, Engine::Systemc),
              run_pact(study, study.committed, PactPoint::W4, variant, Engine::Systemc));
}

}  // namespace

PactResult reproduce_pact(const PactStudy& study,
                          const std::function<void(const std::string&)>& progress) {
  PactResult result;
  result.a_priori = measure_all(study, study.a_priori, "a-priori design", progress);
  progress("map over capacity, peak and bandwidth");
  result.map = pact_map(study);
  result.committed = measure_all(study, study.committed, "committed design", progress);
  spec::AcceleratorSpec by_area = study.committed;
  result.synthesized_ratio = study.mac_areas.peak_ratio(study.mac_acc_bits);
  by_area.mac_array.pe.peak_ratio = result.synthesized_ratio;
  result.synthesized = measure_all(study, by_area, "peak by synthesized area", progress);
  progress("ablation and waterfall");
  result.ablation_gain = ablation(study);
  const auto& ratio = study.committed.mac_array.pe.peak_ratio;
  result.committed.targets.push_back(
      between("ablation", "16→4 bits, 64 GB/s, nothing resident, 16-bit tiles: not super-linear",
              "derived", 0, ratio[2] / ratio[0], result.ablation_gain));
  result.waterfall = pact_waterfall(study, study.committed, 64);
  result.w4_run =
      run_pact(study, study.committed, PactPoint::W4, {64, true, false}, Engine::Systemc);
  result.w4_precision = precision_name(PactPoint::W4);
  return result;
}

}  // namespace bitscale::reproduce
