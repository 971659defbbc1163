// How the Activation-Density comparison is shown.

#include "arch/base/file.h"
#include "sim/report/units.h"
#include "sim/reproduce/activation_density.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

std::string network_text(const MeasuredNetwork& measured) {
  if (measured.samples == 0) return measured.name + " did not run: " + measured.made + "\n\n";
  std::string text = measured.name + " (" + measured.made + ", " +
                     std::to_string(measured.samples) + " of them)\n";
  const std::string caution = width_caution(measured);
  if (!caution.empty()) text += "  CAUTION: " + caution + "\n";
  std::vector<std::vector<std::string>> rows{{"layer", "density", "bits", "MACs"}};
  for (const MeasuredLayer& layer : measured.layers) {
    rows.push_back({layer.name, fixed(layer.density, 3), std::to_string(layer.bits),
                    report::grouped(layer.macs)});
  }
  const AssignmentEnergy& wide = measured.energies.front();
  const AssignmentEnergy& rule = measured.energies.back();
  return text + report::text_table(rows) + "  16 bits over the rule's widths, mean " +
         fixed(rule.mean_bits) + " bits: table " + fixed(wide.table_uj / rule.table_uj) +
         "x, components " + fixed(wide.components_uj / rule.components_uj) + "x, analytical " +
         fixed(wide.analytical_uj / rule.analytical_uj) + "x [ours]\n\n";
}

// The paper's procedure, trained here.
std::string trained_text(const DensityTraining& training) {
  const DensityEpoch& last = training.epochs.back();
  std::string text =
      "  " + training.recipe + ": after " + std::to_string(last.epoch) + " epochs activations of";
  for (const int bits : last.bits) text += ' ' + std::to_string(bits);
  text += " bits, channels";
  for (const std::int64_t channels : last.channels) text += ' ' + std::to_string(channels);
  text += training.settled() ? " (settled)" : " (ended by its bound of epochs)";
  return text + "; validation top-1 " + fixed(training.epochs.front().validation_top1, 4) +
         " as float, " + fixed(last.validation_top1, 4) + " at the end; table " +
         fixed(training.uj_16_bits, 3) + " uJ as it began at 16 bits, " + fixed(last.pim_uj, 3) +
         " uJ: " + fixed(training.gain()) + "x [ours]\n";
}

std::string measured_text(const DensityStudy& study, const DensityResult& result) {
  std::string text =
      "D2  widths by round(16 x density) [recalled], densities of what each layer reads, measured "
      "here (ours). First the rule applied ONCE, with nothing trained again: not the paper's "
      "procedure, which trains until the densities settle\n";
  for (const MeasuredNetwork& measured : result.measured) text += network_text(measured);
  if (!result.trained.empty()) {
    text +=
        "Its procedure, trained here from 16 bits on (configs/training, LeNet on Fashion-MNIST; "
        "the first layer's and the last layer's weights keep 16 bits)\n";
    for (const DensityTraining& training : result.trained) text += trained_text(training);
  }
  text += "  the paper's ";
  for (std::size_t i = 0; i < study.networks.size(); ++i) {
    text += (i == 0 ? "" : ", ") + fixed(study.networks[i].gain_mixed) + "x for " +
            study.networks[i].network + " [" + study.gain_status + "]";
  }
  return text + "; its widths per layer are not published\n\n";
}

std::string assignments_text(const DensityStudy& study, const DensityResult& result,
                             std::size_t index) {
  const NetworkResult& network = result.networks[index];
  const DensityStudy::Published& published = study.networks[index];
  const AssignmentEnergy& base = network.assignments.front();
  std::string text = published.network + ": " + report::grouped(network.macs) +
                     " MACs executed on PIM arrays; cells written " + fixed(network.write_uj) +
                     " uJ more" + (published.note.empty() ? "" : "; " + published.note) + "\n";
  text += "D2, D4  energy against mean bits, assignments chosen here [ours]; gain over 16 bits\n";
  std::vector<std::vector<std::string>> rows{{"assignment", "mean bits", "table uJ", "gain",
                                              "components uJ", "gain", "analytical uJ", "gain",
                                              "analytical/table"}};
  for (const AssignmentEnergy& at : network.assignments) {
    rows.push_back({at.name, fixed(at.mean_bits), fixed(at.table_uj, 3),
                    fixed(base.table_uj / at.table_uj), fixed(at.components_uj, 1),
                    fixed(base.components_uj / at.components_uj), fixed(at.analytical_uj, 1),
                    fixed(base.analytical_uj / at.analytical_uj), fixed(overestimate(base, at))});
  }
  text += report::text_table(rows);
  text += "  paper, mixed: " + fixed(published.uj_mixed, 3) + " uJ [" + study.mixed_status + "], " +
          fixed(published.gain_mixed) + "x [" + study.gain_status + "]\n\n";
  return text;
}

std::string pruning_text(const DensityStudy& study, const DensityResult& result,
                         std::size_t index) {
  const NetworkResult& network = result.networks[index];
  const DensityStudy::Published& published = study.networks[index];
  std::string text =
      "D3  gain over 16 bits unpruned, every layer's channels times the ratio [ours]\n";
  std::vector<std::vector<std::string>> rows{{"ratio"}};
  for (const int bits : kUniformBits) rows.front().push_back(std::to_string(bits) + " bits");
  for (std::size_t i = 0; i < network.pruned.size(); i += 5) {
    rows.push_back({fixed(network.pruned[i].ratio)});
    for (const double uj : network.pruned[i].table_uj) {
      rows.back().push_back(fixed(network.uj_16_bits / uj, 1) + "x");
    }
  }
  text += report::text_table(rows) + "  the paper's " + fixed(published.gain_pruned, 0) + "x [" +
          study.pruned_status + "] is reached with channels times";
  for (std::size_t i = 0; i < kUniformBits.size(); ++i) {
    const auto& ratio = network.reaching_ratio[i];
    text += (i == 0 ? " " : ", ") + (ratio ? fixed(*ratio) : std::string("nothing tried")) +
            " at " + std::to_string(kUniformBits[i]) + " bits";
  }
  return text + "\n\n";
}

void write_assignment(base::JsonWriter& json, const AssignmentEnergy& at) {
  json.begin_object().member("name", at.name).member("mean_bits", at.mean_bits);
  json.member("table_uj", at.table_uj).member("components_uj", at.components_uj);
  json.member("analytical_uj", at.analytical_uj).end();
}

// A figure of the paper and how sure it is.
void write_published(base::JsonWriter& json, const std::string& key, double value,
                     const std::string& status) {
  json.member(key, value).member(key + "_status", status);
}

// What the design's files say a figure rests on.
std::string design_source(const DensityStudy& study, const std::string& pointer) {
  for (const auto& [given, source] : study.design.sources) {
    if (given == pointer) return source;
  }
  return "assumed";
}

void write_prices(base::JsonWriter& json, const DensityStudy& study) {
  const spec::PimCostSpec& cost = study.design.pim->cost;
  json.begin_array("table");
  for (std::size_t i = 0; i < cost.per_mac.size(); ++i) {
    json.begin_object().member("bits", cost.per_mac[i].bits).member("fj", cost.per_mac[i].fj);
    json.member("source", design_source(study, "/pim/cost/per_mac/" + std::to_string(i) + "/fj"));
    json.end();
  }
  json.end().begin_object("analytical");
  const auto price = [&](const std::string& key, double value) {
    json.begin_object(key).member("value", value);
    json.member("source", design_source(study, "/pim/cost/analytical/" + key)).end();
  };
  price("mem_pj_per_bit", cost.mem_pj_per_bit);
  price("mac_pj_per_bit", cost.mac_pj_per_bit);
  price("mac_pj", cost.mac_pj);
  json.end();
}

void write_network_result(base::JsonWriter& json, const DensityStudy& study,
                          const DensityStudy::Published& published, const NetworkResult& network) {
  json.begin_object().member("network", published.network).member("macs", network.macs);
  json.member("uj_16_bits", network.uj_16_bits).member("write_uj", network.write_uj);
  write_published(json, "published_uj_mixed", published.uj_mixed, study.mixed_status);
  write_published(json, "published_gain_mixed", published.gain_mixed, study.gain_status);
  write_published(json, "published_gain_pruned", published.gain_pruned, study.pruned_status);
  json.member("assignments_status", "ours").begin_array("assignments");
  for (const AssignmentEnergy& at : network.assignments) write_assignment(json, at);
  json.end().begin_array("reaching_ratio");
  for (std::size_t i = 0; i < kUniformBits.size(); ++i) {
    json.begin_object().member("bits", kUniformBits[i]);
    if (network.reaching_ratio[i]) json.member("ratio", *network.reaching_ratio[i]);
    json.end();
  }
  json.end().end();
}

void write_trained(base::JsonWriter& json, const DensityTraining& training) {
  const DensityEpoch& last = training.epochs.back();
  json.begin_object().member("recipe", training.recipe).member("epochs", last.epoch);
  json.member("settled", training.settled()).member("uj_16_bits", training.uj_16_bits);
  json.member("uj", last.pim_uj).member("gain", training.gain()).member("status", "ours");
  json.member("validation_top1", last.validation_top1).begin_array("layers");
  for (std::size_t i = 0; i < training.layers.size(); ++i) {
    json.begin_object().member("name", training.layers[i]).member("bits", last.bits[i]);
    json.member("channels", last.channels[i]).end();
  }
  json.end().end();
}

void write_measured(base::JsonWriter& json, const MeasuredNetwork& measured) {
  json.begin_object().member("network", measured.name).member("made", measured.made);
  json.member("samples", measured.samples);
  json.member("measured_at_act_bits", measured.act_bits).begin_array("layers");
  for (const MeasuredLayer& layer : measured.layers) {
    json.begin_object().member("name", layer.name).member("density", layer.density);
    json.member("bits", layer.bits).member("macs", layer.macs).end();
  }
  json.end().member("status", "ours").begin_array("assignments");
  for (const AssignmentEnergy& at : measured.energies) write_assignment(json, at);
  json.end().end();
}

}  // namespace

std::string width_caution(const MeasuredNetwork& measured) {
  if (measured.act_bits >= kUniformBits.front()) return "";
  return "measured on activations of " + std::to_string(measured.act_bits) +
         " bits, of which what "
         "is below half a step is zero already; the rule begins at 16 bits, where densities are "
         "higher and widths wider";
}

std::string density_text(const DensityStudy& study, const DensityResult& result) {
  std::string text = "Published: " + study.source + "\n\n" + targets_text(result.targets) + '\n' +
                     measured_text(study, result);
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    text += assignments_text(study, result, i) + pruning_text(study, result, i);
  }
  text +=
      "D4  analytical/table: savings over 16 bits by the analytical model over those by the "
      "table, above 1 where the model over-estimates. The paper says " +
      fixed(study.overestimate_low, 0) + "-" + fixed(study.overestimate_high, 0) + "x [" +
      study.overestimate_status +
      "]; its constants are recalled, its assignments not published\n    Energy per MAC, 16 over "
      "2 bits: table " +
      fixed(result.table_ratio, 1) + "x, our own synthesized MAC " + fixed(result.mac_ratio, 1) +
      "x\n";
  return text;
}

std::string density_json(const DensityStudy& study, const DensityResult& result) {
  base::JsonWriter json;
  json.begin_object();
  write_targets(json, result.targets);
  json.member("source", study.source);
  write_prices(json, study);
  json.begin_object("rule").member("widths", "round(16 x density)").member("status", "recalled");
  json.end().begin_object("published_overestimate").member("low", study.overestimate_low);
  json.member("high", study.overestimate_high).member("status", study.overestimate_status);
  json.end().begin_array("measured");
  for (const MeasuredNetwork& measured : result.measured) write_measured(json, measured);
  json.end().begin_array("trained");
  for (const DensityTraining& training : result.trained) write_trained(json, training);
  json.end().begin_array("networks");
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    write_network_result(json, study, study.networks[i], result.networks[i]);
  }
  json.end().member("table_ratio_16_to_2_bits", result.table_ratio);
  json.member("own_mac_ratio_16_to_2_bits", result.mac_ratio);
  json.member("own_mac_ratio_status", "ours");
  return json.end().take();
}

std::string density_bits_csv(const DensityStudy& study, const DensityResult& result) {
  std::string text = "network,assignment,mean_bits,table_uj,components_uj,analytical_uj\n";
  const auto add = [&](const std::string& network, const AssignmentEnergy& at) {
    text += network + ",\"" + at.name + "\"," + base::format_number(at.mean_bits) + ',' +
            base::format_number(at.table_uj) + ',' + base::format_number(at.components_uj) + ',' +
            base::format_number(at.analytical_uj) + '\n';
  };
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    for (const auto& at : result.networks[i].assignments) add(study.networks[i].network, at);
  }
  for (const MeasuredNetwork& measured : result.measured) {
    for (const auto& at : measured.energies) add(measured.name, at);
  }
  return text;
}

std::string density_pruning_csv(const DensityStudy& study, const DensityResult& result) {
  std::string text = "network,ratio";
  for (const int bits : kUniformBits) text += ",uj_" + std::to_string(bits) + "_bits";
  text += '\n';
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    for (const PrunedEnergy& point : result.networks[i].pruned) {
      text += study.networks[i].network + ',' + base::format_number(point.ratio);
      for (const double uj : point.table_uj) text += ',' + base::format_number(uj);
      text += '\n';
    }
  }
  return text;
}

}  // namespace bitscale::reproduce
