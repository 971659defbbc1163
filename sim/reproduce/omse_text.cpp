// How the OMSE study's result is shown.
#include <cstdio>

#include "sim/report/units.h"
#include "sim/reproduce/omse.h"

namespace bitscale::reproduce {
namespace {

std::string formatted(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::string omse_text(const OmseResult& result) {
  std::string text = "OMSE after training: LeNet on Fashion-MNIST, " +
                     std::to_string(result.images) + " test images, float top-1 " +
                     formatted("%.4f", result.float_top1) +
                     "\nFirst and last layer at 8 bits; 16-bit activations stand for real "
                     "ones.\nDual, 3 and 4 tensors: of layers whose error / power exceeds 0.002 "
                     "with fewer; each further tensor is one more pass.\n\n";
  std::vector<std::vector<std::string>> rows{{"W/A, method", "weight mse/power", "top-1",
                                              "MAC passes", "cycles", "energy uJ", "area mm2"}};
  for (const OmseRow& row : result.rows) {
    rows.push_back({"W" + std::to_string(row.weight_bits) + "A" + std::to_string(row.act_bits) +
                        " " + row.method,
                    formatted("%.2e", row.weight_mse), formatted("%.4f", row.top1),
                    std::to_string(row.mac_passes), std::to_string(row.latency_cycles),
                    formatted("%.2f", row.energy_uj), formatted("%.2f", row.area_mm2)});
  }
  text += report::text_table(rows) +
          "\nExact optima, and scales fitted to 100,000 samples judged by the exact density\n";
  rows = {{"density, bits", "best scale", "best mse", "oracle mse", "fitted scale", "its mse",
           "sampling error"}};
  for (const OracleRow& row : result.oracle) {
    rows.push_back({row.density + " " + std::to_string(row.bits), formatted("%.4f", row.best_scale),
                    formatted("%.3e", row.best_mse), formatted("%.3e", row.oracle_mse),
                    formatted("%.4f", row.fitted_scale), formatted("%.3e", row.fitted_mse),
                    formatted("%.3f %%", 100 * row.excess())});
  }
  return text + report::text_table(rows) + "\n" + targets_text(result.targets) +
         "Published on ImageNet, W4A32 (quoted): ResNet-18 67.12 against 23.99 by nearest "
         "rounding. Another network and data set: the method is shown, not that accuracy.\n";
}

std::string omse_json(const OmseResult& result) {
  base::JsonWriter json;
  json.begin_object().member("scope", kMethodScope);
  write_targets(json, result.targets);
  json.member("images", result.images).member("float_top1", result.float_top1);
  json.begin_array("rows");
  for (const OmseRow& row : result.rows) {
    json.begin_object().member("method", row.method).member("weight_bits", row.weight_bits);
    json.member("act_bits", row.act_bits).member("weight_mse_over_power", row.weight_mse);
    json.member("top1", row.top1).member("mac_passes", row.mac_passes);
    json.member("latency_cycles", row.latency_cycles).member("energy_uj", row.energy_uj);
    json.member("area_mm2", row.area_mm2).end();
  }
  json.end().begin_array("oracle");
  for (const OracleRow& row : result.oracle) {
    json.begin_object().member("density", row.density).member("bits", row.bits);
    json.member("oracle_mse", row.oracle_mse)
        .member("best_scale", row.best_scale)
        .member("best_mse", row.best_mse);
    json.member("fitted_scale", row.fitted_scale).member("fitted_mse", row.fitted_mse).end();
  }
  return json.end().end().take();
}

}  // namespace bitscale::reproduce
