#include "sim/sweep/layer_table.h"

#include <algorithm>
#include <charconv>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "arch/cost/cost_model.h"
#include "arch/numeric/precision.h"
#include "sim/report/report.h"
#include "sim/report/report_csv.h"
#include "sim/run/plan.h"
#include "sim/run/run_config.h"
#include "sim/run/simulate.h"
#include "workloads/model/npy.h"

namespace bitscale::sweep {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char letter : text) {
    if (letter == separator) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

WidthOption parse_option(const std::string& text, const std::string& where) {
  const std::vector<std::string> parts = split(text, ':');
  WidthOption option;
  const auto read = [&](std::size_t part, int low, int high, int& value) {
    const char* end = parts[part].data() + parts[part].size();
    const auto [stop, error] = std::from_chars(parts[part].data(), end, value);
    return error == std::errc() && stop == end && value >= low && value <= high;
  };
  const bool good =
      (parts.size() == 2 || parts.size() == 3) &&
      read(0, 1, numeric::kMaxOperandBits, option.weight_bits) &&
      read(1, 1, numeric::kMaxOperandBits, option.act_bits) &&
      (parts.size() == 2 || read(2, numeric::kMinAccBits, numeric::kMaxAccBits, option.acc_bits));
  option.acc_given = parts.size() == 3;
  if (good) return option;
  throw base::UserError(where, "expected weight:act or weight:act:acc, operands of 1 to " +
                                   std::to_string(numeric::kMaxOperandBits) +
                                   " bits and accumulators of " +
                                   std::to_string(numeric::kMinAccBits) + " to " +
                                   std::to_string(numeric::kMaxAccBits) + "; given '" + text + "'");
}

void erase(base::JsonValue& object, std::string_view key) {
  auto& members = object.members;
  members.erase(std::remove_if(members.begin(), members.end(),
                               [&](const base::JsonMember& one) { return one.key == key; }),
                members.end());
}

// A rule without the widths that the options decide.
void erase_widths(base::JsonValue& rule, const WidthOption& option) {
  for (const char* key : {"weight_bits", "act_bits"}) erase(rule, key);
  if (option.acc_given) erase(rule, "acc_bits");
}

run::RunConfig resolve(const LayerTableRequest& request, const WidthOption& option) {
  base::JsonValue document = request.document;
  document.set("precision", precision_at(request.document, option));
  if (request.fit_pe) {
    const auto set = [&](const char* key, int bits) {
      base::set_by_pointer(document, std::string("/arch/mac_array/pe/") + key, std::to_string(bits),
                           "--fit-pe");
    };
    set("weight_bits", option.weight_bits);
    set("act_bits", option.act_bits);
    if (option.acc_given) set("acc_bits", option.acc_bits);
  }
  return run::resolve_config(document);
}

// Adds one option's column; the first one makes the rows.
void add_option(const LayerTableRequest& request, const WidthOption& option, LayerTable& table) {
  const run::RunConfig config = resolve(request, option);
  table.options.push_back(option);
  const cost::CostModel prices(config.accelerator, config.technology);
  const mapping::TaskGraph graph = run::plan_tasks(config, prices);
  const auto mapping = run::plan_mapping(config, graph, prices);
  const auto report = report::make_report(run::analyze(graph, config.accelerator, mapping), prices);
  if (table.layers.empty()) {
    table.network = graph.network;
    table.architecture = config.accelerator.name;
    table.clock_mhz = config.accelerator.clock_mhz;
    table.batch = config.batch;
    for (const mapping::Task& task : graph.tasks) {
      const auto shaped = static_cast<std::size_t>(task.layers.front());
      const bool own_weights = task.second_input == mapping::kNoTensor;
      table.layers.push_back({task.name,
                              config.network.layers[shaped].name,
                              task.has_macs,
                              task.macs,
                              own_weights ? task.weight_elements() : 0,
                              {}});
    }
  }
  const auto first = std::find_if(graph.tasks.begin(), graph.tasks.end(),
                                  [](const mapping::Task& task) { return task.has_macs; });
  if (first != graph.tasks.end()) {
    const auto layer = static_cast<std::size_t>(first->layers.front());
    table.options.back().acc_bits = config.precisions[layer].acc_bits;
  }
  for (std::size_t i = 0; i < table.layers.size(); ++i) {
    table.layers[i].costs.push_back({report.layers[i].latency_cycles, report.layers[i].energy_pj});
  }
  table.area_um2.push_back(report.area.total_um2);
  table.idle_array.push_back(std::none_of(
      report.layers.begin(), report.layers.end(),
      [](const report::LayerReport& layer) { return layer.unit == report::kUnitMacArray; }));
}

}  // namespace

std::string WidthOption::name() const {
  return "w" + std::to_string(weight_bits) + "a" + std::to_string(act_bits) + "acc" +
         std::to_string(acc_bits);
}

std::vector<WidthOption> parse_width_options(const std::string& text, const std::string& where) {
  std::vector<WidthOption> options;
  base::Problems problems;
  for (const std::string& part : split(text, ',')) {
    try {
      const WidthOption option = parse_option(part, where);
      for (const WidthOption& other : options) {
        if (other.name() != option.name()) continue;
        problems.add(where, "the option " + option.name() + " comes twice");
      }
      options.push_back(option);
    } catch (const base::UserError& error) {
      for (const base::Problem& one : error.problems()) problems.add(one.where, one.message);
    }
  }
  problems.throw_if_any();
  return options;
}

base::JsonValue precision_at(const base::JsonValue& document, const WidthOption& option) {
  const base::JsonValue* own = document.find("precision");
  base::JsonValue plan = own != nullptr ? *own : base::JsonValue::make_object();
  plan.set("schema_version", base::JsonValue::make_integer(model::kPrecisionSchemaVersion));
  plan.set("name", base::JsonValue::make_string("w" + std::to_string(option.weight_bits) + "a" +
                                                std::to_string(option.act_bits)));
  if (plan.find("default") == nullptr) plan.set("default", base::JsonValue::make_object());
  base::JsonValue& usual = *plan.find("default");
  usual.set("weight_bits", base::JsonValue::make_integer(option.weight_bits));
  usual.set("act_bits", base::JsonValue::make_integer(option.act_bits));
  if (option.acc_given) usual.set("acc_bits", base::JsonValue::make_integer(option.acc_bits));
  for (const char* key : {"first_layer", "last_layer"}) {
    base::JsonValue* rule = plan.find(key);
    if (rule == nullptr) continue;
    erase_widths(*rule, option);
    if (rule->members.empty()) erase(plan, key);
  }
  if (base::JsonValue* overrides = plan.find("overrides")) {
    auto& rules = overrides->items;
    for (base::JsonValue& rule : rules) erase_widths(rule, option);
    rules.erase(std::remove_if(rules.begin(), rules.end(),
                               [](const auto& rule) { return rule.members.size() < 2; }),
                rules.end());
  }
  return plan;
}

LayerTable make_layer_table(const LayerTableRequest& request) {
  LayerTable table;
  base::Problems problems;
  for (const WidthOption& option : request.options) {
    try {
      add_option(request, option, table);
    } catch (const base::UserError& error) {
      for (const base::Problem& problem : error.problems()) {
        problems.add(option.name() + ": " + problem.where, problem.message);
      }
    }
  }
  problems.throw_if_any();
  const std::vector<bool>& idle = table.idle_array;
  if (request.fit_pe && std::all_of(idle.begin(), idle.end(), [](bool one) { return one; })) {
    throw base::UserError("--fit-pe",
                          "no layer has its MACs on the MAC array of '" + table.architecture +
                              "': fitting its PEs would change the area of what does nothing, and "
                              "PIM arrays keep their widths; leave it out");
  }
  return table;
}

std::string layer_table_csv(const LayerTable& table) {
  std::string text =
      "layer,has_macs,macs,weights,weight_bits,act_bits,acc_bits,latency_cycles,energy_pj,"
      "area_um2\n";
  for (const TableLayer& layer : table.layers) {
    for (std::size_t i = 0; i < table.options.size(); ++i) {
      const WidthOption& option = table.options[i];
      text += report::csv_field(layer.name) + (layer.has_macs ? ",true," : ",false,");
      for (const std::int64_t value : {layer.macs, layer.weights, std::int64_t{option.weight_bits},
                                       std::int64_t{option.act_bits}, std::int64_t{option.acc_bits},
                                       layer.costs[i].latency_cycles}) {
        text += std::to_string(value) + ",";
      }
      text += base::format_number(layer.costs[i].energy_pj) + "," +
              base::format_number(table.area_um2[i]) + "\n";
    }
  }
  return text;
}

std::string layer_table_json(const LayerTable& table) {
  base::JsonWriter json;
  json.begin_object().member("schema_version", kLayerTableSchemaVersion);
  json.member("network", table.network).member("architecture", table.architecture);
  json.member("clock_mhz", table.clock_mhz).member("batch", table.batch);
  json.begin_array("options");
  for (std::size_t i = 0; i < table.options.size(); ++i) {
    const WidthOption& option = table.options[i];
    json.begin_object().member("weight_bits", option.weight_bits);
    json.member("act_bits", option.act_bits).member("acc_bits", option.acc_bits);
    json.member("area_um2", table.area_um2[i]).end();
  }
  json.end().begin_array("layers");
  for (const TableLayer& layer : table.layers) {
    json.begin_object().member("name", layer.name).member("layer", layer.layer);
    json.member("has_macs", layer.has_macs).member("macs", layer.macs);
    json.member("weights", layer.weights).begin_array("latency_cycles");
    for (const LayerCost& cost : layer.costs) json.value(cost.latency_cycles);
    json.end().begin_array("energy_pj");
    for (const LayerCost& cost : layer.costs) json.value(cost.energy_pj);
    json.end().end();
  }
  return json.end().end().take();
}

std::string layer_table_npy(const LayerTable& table) {
  std::vector<double> values;
  for (const TableLayer& layer : table.layers) {
    for (std::size_t i = 0; i < table.options.size(); ++i) {
      values.push_back(static_cast<double>(layer.costs[i].latency_cycles));
      values.push_back(layer.costs[i].energy_pj);
      values.push_back(table.area_um2[i]);
    }
  }
  const auto layers = static_cast<std::int64_t>(table.layers.size());
  const auto options = static_cast<std::int64_t>(table.options.size());
  return model::npy_content(model::Tensor({layers, options, 3}, values));
}

}  // namespace bitscale::sweep
