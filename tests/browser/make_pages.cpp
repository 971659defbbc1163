// make_pages DIR: writes the sample pages and the JSON behind them for the browser test.
#include <exception>
#include <filesystem>
#include <iostream>

#include "arch/base/file.h"
#include "sim/report/compare.h"
#include "sim/report/html_report.h"
#include "sim/report/html_sweep.h"
#include "sim/report/report_csv.h"
#include "sim/report/report_json.h"
#include "tests/browser/sample_pages.h"

namespace {

using namespace bitscale;  // NOLINT(google-build-using-namespace)

void write_pages(const std::filesystem::path& folder) {
  const report::Report run = report::sample_run("resnet<50>", 54, 4);
  base::JsonWriter json;
  report::write_report(json, run);
  base::write_file_atomically(folder / "report.json", json.take());
  base::write_file_atomically(folder / "layers.csv", report::layers_csv(run));
  base::write_file_atomically(folder / "report.html", report::html_report(run));
  const report::Report base = report::sample_run("resnet<50>", 54, 1);
  base::write_file_atomically(
      folder / "compare.html",
      report::comparison_html(report::compare({{"runs/w8a8", base}, {"runs/w4a4", run}})));
  const report::SweepReport sweep = report::sample_sweep(10000);
  base::write_file_atomically(folder / "points.csv", report::points_csv(sweep));
  base::write_file_atomically(folder / "sweep.html", report::html_sweep(sweep));
  base::write_file_atomically(folder / "one_objective.html",
                              report::html_sweep(report::sample_kinds()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    write_pages(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
