#include "workloads/import/scalesim_cfg.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "arch/base/file.h"
#include "arch/base/json_value.h"
#include "arch/spec/dram_presets.h"
#include "workloads/import/scalesim_text.h"

namespace bitscale::import {
namespace {

constexpr std::int64_t kBytesPerKb = 1024;
constexpr std::int64_t kLargestKb = std::int64_t{1} << 30;
constexpr std::int64_t kLargestSide = 65536;
constexpr std::int64_t kLargestBandwidth = 1000000;
constexpr double kAssumedClockMhz = 500;  // as configs/arch/default.json, within reach of 45 nm

const char* const kArray = "architecture_presets";
const char* const kRun = "run_presets";

/// Keys as SCALE-Sim spells them.
const std::vector<std::string> kUsedKeys = {
    "run_name",      "ArrayHeight", "ArrayWidth", "IfmapSramSzkB",     "FilterSramSzkB",
    "OfmapSramSzkB", "Bandwidth",   "Dataflow",   "InterfaceBandwidth"};
/// Known keys that change no cycle count here: addresses, queues of its DRAM interface.
const std::set<std::string> kIgnoredKeys = {"ifmapoffset",       "filteroffset",
                                            "ofmapoffset",       "memorybanks",
                                            "readrequestbuffer", "writerequestbuffer"};
/// Switches that would change the result by something not modelled.
const std::vector<std::string> kOffKeys = {"SparsitySupport", "IfmapCustomLayout",
                                           "FilterCustomLayout", "UseRamulatorTrace"};

struct Entry {
  int line = 0;
  std::string section, key, value;  ///< section and key in plain() form
};

/// The ini file as a list of entries, by plain key.
class CfgFile {
 public:
  CfgFile(const std::filesystem::path& path, base::Problems& problems,
          std::vector<std::string>& notes)
      : path_(path), problems_(problems), notes_(notes) {
    std::string section;
    for (const TextLine& line : lines_of(base::read_text_file(path, base::kJsonMaxBytes))) {
      add_line(line, section);
    }
  }

  const Entry* find(const std::string& key) const {
    const auto found = entries_.find(plain(key));
    return found == entries_.end() ? nullptr : &found->second;
  }

  std::int64_t number(const std::string& key, std::int64_t high) {
    const Entry* entry = required(key);
    return entry == nullptr ? 1
                            : positive_integer(entry->value, high, key, where(*entry), problems_);
  }

  const Entry* required(const std::string& key) {
    const Entry* entry = find(key);
    if (entry == nullptr) problems_.add(path_.string(), "missing key '" + key + "'");
    return entry;
  }

  void problem(const Entry& entry, const std::string& message) {
    problems_.add(where(entry), message);
  }

 private:
  std::string where(const Entry& entry) const { return place(path_, entry.line); }

  void add_line(const TextLine& line, std::string& section) {
    const std::string text = trim(line.text.substr(0, line.text.find_first_of("#;")));
    if (text.empty()) return;
    const std::string here = place(path_, line.number);
    if (text.front() == '[') {
      if (text.back() != ']') problems_.add(here, "a section ends with ']', given '" + text + "'");
      section = plain(text);
      return;
    }
    const std::size_t split = text.find_first_of(":=");
    if (split == std::string::npos) {
      problems_.add(here, "expected 'key: value', 'key = value' or '[section]', given '" +
                              text.substr(0, 60) + "'");
      return;
    }
    const std::string key = trim(text.substr(0, split));
    const Entry entry{line.number, section, plain(key), trim(text.substr(split + 1))};
    if (is_known(key, entry) && !entries_.emplace(entry.key, entry).second) {
      problem(entry, "second '" + key + "'; the first is on line " +
                         std::to_string(entries_[entry.key].line));
    }
  }

  /// Whether the key means something here. A near miss in the sections we read is an error; what
  /// stands further away is noted and ignored.
  bool is_known(const std::string& key, const Entry& entry) {
    const auto same = [&entry](const std::string& name) { return plain(name) == entry.key; };
    if (std::any_of(kUsedKeys.begin(), kUsedKeys.end(), same)) return true;
    if (kIgnoredKeys.count(entry.key) > 0) return false;
    if (std::any_of(kOffKeys.begin(), kOffKeys.end(), same)) {
      if (plain(entry.value) != "false") {
        problem(entry, "'" + key + "' is not modelled; only False is allowed, given '" +
                           entry.value + "'");
      }
      return false;
    }
    const bool ours = entry.section == plain(kArray) || entry.section == plain(kRun);
    const std::string near = ours ? base::nearest(key, kUsedKeys) : "";
    if (!near.empty()) {
      problem(entry, "unknown key '" + key + "'; did you mean '" + near + "'?");
    } else {
      notes_.push_back(place(path_, entry.line) + ": '" + key + "' is ignored");
    }
    return false;
  }

  std::filesystem::path path_;
  base::Problems& problems_;
  std::vector<std::string>& notes_;
  std::map<std::string, Entry> entries_;
};

spec::Dataflow read_dataflow(CfgFile& file) {
  const Entry* entry = file.required("Dataflow");
  if (entry == nullptr) return {};
  const std::string given = plain(entry->value);
  if (given == "os") return spec::Dataflow::OutputStationary;
  if (given == "ws") return spec::Dataflow::WeightStationary;
  if (given == "is") return spec::Dataflow::InputStationary;
  file.problem(*entry, base::unknown_name_message("Dataflow", entry->value, {"os", "ws", "is"}));
  return {};
}

/// A buffer that never holds the array up, as SCALE-Sim has it: 64 bits per port for every row or
/// column.
spec::BufferSpec read_buffer(CfgFile& file, const std::string& key, std::int64_t side) {
  spec::BufferSpec buffer;
  buffer.capacity_bytes = file.number(key, kLargestKb) * kBytesPerKb;
  buffer.word_bits = 64;
  buffer.banks = side;
  buffer.ports = 2;
  return buffer;
}

spec::DramSpec read_dram(CfgFile& file) {
  const Entry* mode = file.find("InterfaceBandwidth");
  const std::string name = mode == nullptr ? "calc" : plain(mode->value);
  if (name == "calc") {
    if (file.find("Bandwidth") != nullptr) file.number("Bandwidth", kLargestBandwidth);
    return spec::dram_preset(spec::DramPreset::Infinite);
  }
  if (name != "user") {
    file.problem(*mode,
                 base::unknown_name_message("InterfaceBandwidth", mode->value, {"CALC", "USER"}));
    return {};
  }
  spec::DramSpec dram;
  const auto words_per_cycle = static_cast<double>(file.number("Bandwidth", kLargestBandwidth));
  dram.bandwidth_gbps = words_per_cycle * kAssumedClockMhz / 1000;  // words of one byte
  dram.burst_bytes = 1;
  const spec::DramSpec ddr4 = spec::dram_preset(spec::DramPreset::Ddr4);
  dram.energy_pj_per_bit = ddr4.energy_pj_per_bit;
  dram.energy_low_pj_per_bit = ddr4.energy_low_pj_per_bit;
  dram.energy_high_pj_per_bit = ddr4.energy_high_pj_per_bit;
  return dram;
}

std::vector<std::pair<std::string, std::string>> sources_of(const spec::AcceleratorSpec& design) {
  const std::string file = "the imported SCALE-Sim configuration";
  const std::string no_such = "assumed: SCALE-Sim models none";
  std::vector<std::pair<std::string, std::string>> sources = {
      {"/clock_mhz", "assumed: SCALE-Sim counts cycles and has no clock"},
      {"/cores", file},
      {"/mac_array/rows", file},
      {"/mac_array/cols", file},
      {"/mac_array/pe", "assumed: words of 8 bits, sums of 32"},
      {"/post_processing/lanes", no_such + "; one per column"},
      {"/interconnect/bytes_per_cycle", no_such}};
  for (const std::string buffer : {"weight", "act", "output"}) {
    sources.emplace_back("/buffers/" + buffer + "/capacity_bytes", file);
    for (const char* figure : {"/word_bits", "/banks", "/ports"}) {
      sources.emplace_back("/buffers/" + buffer + figure,
                           "assumed: SCALE-Sim's buffers never hold the array up");
    }
  }
  sources.emplace_back("/dram/energy_pj_per_bit", no_such + "; as the ddr4 preset");
  if (!design.dram.infinite) {
    sources.emplace_back("/dram/bandwidth_gbps", file + ", words of one byte at the assumed clock");
    sources.emplace_back("/dram/burst_bytes", no_such);
    sources.emplace_back("/dram/latency_ns", no_such);
    sources.emplace_back("/dram/efficiency", no_such);
  }
  return sources;
}

}  // namespace

spec::AcceleratorSpec read_scalesim_cfg(const std::filesystem::path& path, base::Problems& problems,
                                        std::vector<std::string>& notes) {
  CfgFile file(path, problems, notes);
  spec::AcceleratorSpec design;
  const Entry* name = file.find("run_name");
  design.name = name == nullptr || name->value.empty() ? path.stem().string() : name->value;
  design.description = kFromScaleSim;
  design.clock_mhz = kAssumedClockMhz;
  design.clock_mode = spec::ClockMode::FMax;  // SCALE-Sim knows no clock that a process limits
  spec::MacArraySpec& array = design.mac_array;
  array.rows = file.number("ArrayHeight", kLargestSide);
  array.cols = file.number("ArrayWidth", kLargestSide);
  array.dataflow = read_dataflow(file);
  array.cycle_model = spec::CycleModel::ScaleSim;
  const std::int64_t side = std::max(array.rows, array.cols);
  design.buffers.act = read_buffer(file, "IfmapSramSzkB", side);
  design.buffers.weight = read_buffer(file, "FilterSramSzkB", side);
  design.buffers.output = read_buffer(file, "OfmapSramSzkB", side);
  design.dram = read_dram(file);
  design.post_processing.lanes = array.cols;
  design.residency = spec::Residency::None;
  design.sources = sources_of(design);
  return design;
}

}  // namespace bitscale::import
