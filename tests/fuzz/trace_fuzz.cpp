// Any bytes as a trace's folder: reading it either throws UserError or gives a network that is
// written and read again, and runs when it is small. The input is a sequence of files, each
//   one byte n, n bytes of name, four bytes of size (little-endian), the content;
// checksums would refuse every mutation, so "sha256": "NAME" in the document is replaced by the
// checksum of file NAME, and trace.sha256 is written here. tests/fuzz/pack_trace.py makes seeds.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/error.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/checksum.h"
#include "workloads/model/trace.h"

namespace model = bitscale::model;

namespace {

using Files = std::map<std::string, std::string>;

constexpr std::int64_t kMostElements = 1 << 16, kMostMacs = 1 << 20;
constexpr const char* kDocument = "trace.json";

/// A folder of this process, gone with it.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("trace_fuzz." + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

Files unpack(std::string_view bytes) {
  Files files;
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : std::size_t{0};
  };
  std::size_t at = 0;
  while (at < bytes.size() && files.size() < 64) {
    const std::size_t length = byte(at++);
    std::string name(bytes.substr(std::min(at, bytes.size()), length));
    at += length;
    const std::size_t size = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    at = std::min(at + 4, bytes.size());
    std::string content(bytes.substr(at, size));
    at += content.size();
    const bool plain = !name.empty() && name[0] != '.' &&
                       name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
    if (plain) files[name] = std::move(content);
  }
  return files;
}

void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

void write_folder(const std::filesystem::path& folder, Files files) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::filesystem::remove_all(entry.path());
  }
  std::string& document = files[kDocument];
  for (const auto& [name, content] : files) {
    if (name == kDocument) continue;
    write(folder / name, content);
    const std::string key = "\"sha256\": \"", from = key + name + '"';
    const std::string to = key + model::sha256(content) + '"';
    for (std::size_t at = 0; (at = document.find(from, at)) != std::string::npos; at += to.size()) {
      document.replace(at, from.size(), to);
    }
  }
  write(folder / kDocument, document);
  write(folder / "trace.sha256", model::sha256(document) + "  " + kDocument + "\n");
}

bool is_small(const model::QuantizedGraph& graph) {
  double elements = 0, work = 0;
  for (const auto& value : graph.values) {
    elements += static_cast<double>(*model::checked_elements(value.dims));
  }
  for (const auto& layer : graph.network.layers) {
    const auto taps = static_cast<double>(layer.kernel_height) *
                      static_cast<double>(layer.kernel_width) *
                      static_cast<double>(layer.in_channels);
    work += taps * static_cast<double>(layer.output_elements());
  }
  return elements < static_cast<double>(kMostElements) && work < static_cast<double>(kMostMacs);
}

void run_zeros(const model::QuantizedGraph& graph) {
  std::vector<model::Tensor> inputs;
  for (const model::Port& port : graph.inputs) {
    inputs.emplace_back(port.dtype, graph.value(port.value).dims);
  }
  bitscale::exec::ExecutorOptions options;
  options.account_overflow = options.measure_activity = true;
  bitscale::exec::RunRecord record;
  try {
    bitscale::exec::IntegerExecutor(graph, options).run(inputs, &record);
  } catch (const bitscale::base::UserError&) {  // a zero that is no code of the input
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const std::filesystem::path first = folder.path / "first", second = folder.path / "second";
  std::filesystem::create_directories(first);
  write_folder(first, unpack({reinterpret_cast<const char*>(data), size}));
  model::Trace trace;
  try {
    trace = model::read_trace(first);
  } catch (const bitscale::base::UserError&) {
    return 0;
  }
  std::filesystem::remove_all(second);
  model::write_trace(second, trace);
  model::read_trace(second);
  if (is_small(trace.graph)) run_zeros(trace.graph);
  return 0;
}
