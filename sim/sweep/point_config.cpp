#include "sim/sweep/point_config.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/cost/mac_surface.h"
#include "sim/run/accumulators.h"
#include "sim/run/own_figures.h"
#include "sim/run/resolved.h"
#include "workloads/model/checksum.h"

namespace bitscale::sweep {
namespace {

constexpr std::size_t kMostRests = 64;
constexpr std::size_t kMostPrices = 256;

// What neither area, energy per action nor f_max depends on; unpriced() leaves it out.
constexpr std::array<std::string_view, 4> kUnpriced = {"/arch/dram/bandwidth_gbps",
                                                       "/arch/dram/efficiency",
                                                       "/arch/dram/latency_ns", "/arch/residency"};

spec::AcceleratorSpec unpriced(spec::AcceleratorSpec design) {
  const spec::AcceleratorSpec usual;
  design.dram.bandwidth_gbps = usual.dram.bandwidth_gbps;
  design.dram.efficiency = usual.dram.efficiency;
  design.dram.latency_ns = usual.dram.latency_ns;
  design.residency = usual.residency;
  return design;
}

// Whether the pointer is the part or lies in it.
bool in_part(const std::string& pointer, std::string_view part) {
  return pointer.compare(0, part.size(), part) == 0 &&
         (pointer.size() == part.size() || pointer[part.size()] == '/');
}

template <class Wanted>
std::string text_of(const std::vector<Set>& sets, Wanted wanted) {
  std::string text;
  for (const Set& set : sets) {
    if (wanted(set.pointer)) text += set.pointer + '=' + set.text + '\n';
  }
  return text;
}

// Everything but the design and what it limits, as its digest.
std::string rest_digest(run::RunConfig config, std::vector<numeric::Precision> precisions) {
  config.accelerator = {};
  config.precisions = std::move(precisions);
  config.inputs.clear();
  return model::sha256(run::resolved_json(config));
}

std::string key_of(const std::string& program, const std::string& rest,
                   const spec::AcceleratorSpec& accelerator) {
  base::JsonWriter json;
  spec::write_accelerator(json, accelerator);
  return model::sha256(program + '\n' + rest + '\n' + json.take());
}

void keep_fit(cost::MacTable& table, cost::MacQuantity quantity) {
  const cost::MacSurface surface(table, quantity);
  table.fit = cost::MacFit{surface.coefficients(), surface.hold_out()};
}

void apply_sets(base::JsonValue& document, const std::vector<Set>& sets) {
  std::vector<std::string> earlier;
  for (const Set& set : sets) {
    base::set_by_pointer(document, set.pointer, set.text, "axis");
    run::own_figures(document, set.pointer, earlier, run::kSetBySweep);
    earlier.push_back(set.pointer);
  }
}

// The design alone, read with the sets of its part. False where resolve_config() must speak.
bool read_design(const SweepSpec& spec, const std::vector<Set>& sets,
                 spec::AcceleratorSpec& design) {
  base::JsonValue document = base::JsonValue::make_object();
  document.origin = spec.base_document.origin;
  const base::JsonValue* arch = spec.base_document.find("arch");
  if (arch == nullptr) return false;
  document.set("arch", *arch);
  std::vector<Set> own;
  std::copy_if(sets.begin(), sets.end(), std::back_inserter(own),
               [](const Set& set) { return in_part(set.pointer, "/arch"); });
  apply_sets(document, own);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  base::JsonReader member = reader.member("arch");
  design = spec::read_accelerator(member);
  return problems.empty();
}

}  // namespace

base::JsonValue point_document(const SweepSpec& spec, const std::vector<Set>& sets) {
  base::JsonValue document = spec.base_document;
  apply_sets(document, sets);
  return document;
}

std::vector<Set> with_solved_array(const SweepSpec& spec, std::vector<Set> sets) {
  if (!spec.iso) return sets;
  const run::RunConfig config = run::resolve_config(point_document(spec, sets));
  const model::PrecisionRule& rule = config.plan.default_rule;
  const numeric::Precision usual;
  const cost::ArrayDemand demand(config.accelerator, config.technology,
                                 rule.weight_bits.value_or(usual.weight_bits),
                                 rule.act_bits.value_or(usual.act_bits));
  const cost::IsoResult found = cost::solve_iso(demand, spec.iso->budget, spec.iso->shape);
  sets.push_back({"/arch/mac_array/rows", std::to_string(found.rows)});
  sets.push_back({"/arch/mac_array/cols", std::to_string(found.cols)});
  return sets;
}

std::string config_key(const std::string& program, const run::RunConfig& config) {
  return key_of(program, rest_digest(config, model::resolve_precision(config.plan, config.network)),
                config.accelerator);
}

const std::vector<numeric::Precision>& PointConfigs::precisions_at(Rest& rest,
                                                                   const spec::PeSpec& pe) {
  if (pe.acc_bits >= numeric::Precision{}.acc_bits) return rest.precisions;
  const auto [found, fresh] = rest.narrow_precisions.try_emplace(pe.acc_bits);
  if (fresh) found->second = run::precisions_on(pe, rest.config.plan, rest.config.network);
  return found->second;
}

PointConfigs::Rest& PointConfigs::rest_of(const std::vector<Set>& sets) {
  const std::string key =
      text_of(sets, [](const std::string& pointer) { return !in_part(pointer, "/arch"); });
  const auto found = rests_.find(key);
  if (found != rests_.end()) return found->second;
  Rest rest;
  rest.config = run::resolve_config(point_document(spec_, sets));
  rest.precisions = model::resolve_precision(rest.config.plan, rest.config.network);
  rest.fitted = rest.config.technology;
  keep_fit(rest.fitted.mac_area, cost::MacQuantity::Area);
  keep_fit(rest.fitted.mac_energy, cost::MacQuantity::Energy);
  rest.digest = rest_digest(rest.config, rest.precisions);
  if (rests_.size() >= kMostRests) rests_.clear();
  return rests_.emplace(key, std::move(rest)).first->second;
}

std::shared_ptr<const cost::CostModel> PointConfigs::prices_of(const std::vector<Set>& sets,
                                                               const Rest& rest) {
  const std::string key = text_of(sets, [](const std::string& pointer) {
    const bool free = std::find(kUnpriced.begin(), kUnpriced.end(), pointer) != kUnpriced.end();
    return (in_part(pointer, "/arch") && !free) || in_part(pointer, "/tech");
  });
  const auto found = prices_.find(key);
  if (found != prices_.end()) return found->second;
  auto prices =
      std::make_shared<const cost::CostModel>(unpriced(rest.config.accelerator), rest.fitted);
  if (prices_.size() >= kMostPrices) prices_.clear();
  prices_.emplace(key, prices);
  return prices;
}

PointConfigs::Point PointConfigs::resolve(const std::vector<Set>& sets,
                                          const std::string& program) {
  Rest& rest = rest_of(sets);
  run::RunConfig& config = rest.config;
  Point point;
  point.config = &config;
  const auto read_all = [&] { config = run::resolve_config(point_document(spec_, sets)); };
  if (read_design(spec_, sets, config.accelerator) &&
      run::accumulators_fit(config.plan, config.accelerator.mac_array.pe)) {
    config.precisions = precisions_at(rest, config.accelerator.mac_array.pe);
  } else {
    read_all();
  }
  point.prices = prices_of(sets, rest);
  if (config.accelerator.clock_mhz > point.prices->f_max_mhz()) {
    if (config.accelerator.clock_mode != spec::ClockMode::FMax) read_all();  // says why not
    config.accelerator.clock_mhz = point.prices->f_max_mhz();
  }
  point.key = key_of(program, rest.digest, config.accelerator);
  if (config.objective == mapping::Objective::Latency) {
    point.activity_key =
        text_of(sets,
                [](const std::string& pointer) {
                  return !in_part(pointer, "/tech") &&
                         pointer.rfind("/arch/dram/energy_", 0) != 0;  // a price, too
                }) +
        base::format_number(config.accelerator.clock_mhz);
  }
  return point;
}

}  // namespace bitscale::sweep
