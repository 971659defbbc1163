#include "sim/cli/loaded_report.h"

#include <filesystem>

#include "arch/base/json_parse.h"
#include "arch/base/json_reader.h"
#include "sim/cli/finished_run.h"
#include "sim/cli/formats.h"
#include "sim/cli/output_folder.h"
#include "sim/report/report_json.h"
#include "sim/run/assembly.h"

namespace bitscale::cli {

report::NamedReport load_report(const std::string& name) {
  std::filesystem::path file = name;
  base::Problems ignored;
  if (std::filesystem::is_directory(file)) {
    run::collect(ignored, [&] { OutputFiles::finish_killed(file); });  // else the old one is read
    file /= kReportFile;
  }
  const base::JsonValue document = base::parse_json_file(file, kLargestReport);
  require_format(document, file.string(), "report");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  report::NamedReport named{name, report::read_report(reader)};
  problems.throw_if_any();
  return named;
}

}  // namespace bitscale::cli
