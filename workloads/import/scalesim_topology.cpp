#include "workloads/import/scalesim_topology.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "arch/base/file.h"
#include "arch/base/json_value.h"
#include "workloads/import/scalesim_text.h"
#include "workloads/model/shape.h"

namespace bitscale::import {
namespace {

using model::Layer;
using model::LayerKind;
using model::Shape;

const std::vector<std::string> kConvColumns = {"IFMAP Height", "IFMAP Width", "Filter Height",
                                               "Filter Width", "Channels",    "Num Filter",
                                               "Strides"};
const std::vector<std::string> kGemmColumns = {"M", "N", "K"};

/// Which columns the file has, in which order. The first column is the layer's name.
struct Header {
  bool gemm = false;
  std::vector<std::string> columns;  ///< from kConvColumns or kGemmColumns
};

std::optional<std::string> column_of(const std::string& cell,
                                     const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    if (plain(cell) == plain(column)) return column;
  }
  return std::nullopt;
}

/// The header, or nothing after reporting why there is none.
std::optional<Header> read_header(const TextLine& line, const std::string& where,
                                  base::Problems& problems) {
  const std::vector<std::string> cells = cells_of(line.text, ',');
  Header header;
  header.gemm = cells.size() > 1 && column_of(cells[1], kGemmColumns).has_value();
  const std::vector<std::string>& columns = header.gemm ? kGemmColumns : kConvColumns;
  bool good = true;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const std::optional<std::string> column = column_of(cells[i], columns);
    good = good && column &&
           std::find(header.columns.begin(), header.columns.end(), *column) == header.columns.end();
    if (!good) {
      problems.add(where, "the header's column " + std::to_string(i + 1) + ": " +
                              base::unknown_name_message("column", cells[i], columns) +
                              ", each once");
      return std::nullopt;
    }
    header.columns.push_back(*column);
  }
  if (header.columns.size() == columns.size()) return header;
  problems.add(where,
               "expected the header 'Layer name, IFMAP Height, IFMAP Width, Filter Height, "
               "Filter Width, Channels, Num Filter, Strides,' or 'Layer, M, N, K,'");
  return std::nullopt;
}

/// The numbers of a data line by column name, or nothing after reporting what is wrong.
std::optional<std::map<std::string, std::int64_t>> read_numbers(
    const std::vector<std::string>& cells, const Header& header, const std::string& where,
    base::Problems& problems) {
  if (cells.size() != header.columns.size() + 1) {
    problems.add(where, "expected " + std::to_string(header.columns.size() + 1) +
                            " cells as in the header, given " + std::to_string(cells.size()));
    return std::nullopt;
  }
  const std::size_t before = problems.size();
  std::map<std::string, std::int64_t> numbers;
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    numbers[header.columns[i]] =
        positive_integer(cells[i + 1], model::kMaxExtent, header.columns[i], where, problems);
  }
  if (problems.size() > before) return std::nullopt;
  return numbers;
}

/// Padding behind the input that makes the window count ceil((in − filter + stride) / stride).
std::int64_t padding_behind(std::int64_t in, std::int64_t filter, std::int64_t stride) {
  const std::int64_t beyond = (in - filter) % stride;
  return beyond == 0 ? 0 : stride - beyond;
}

std::string make_conv(Layer& layer, const std::map<std::string, std::int64_t>& numbers) {
  const Shape input{numbers.at("Channels"), numbers.at("IFMAP Height"), numbers.at("IFMAP Width")};
  layer.kernel_height = numbers.at("Filter Height");
  layer.kernel_width = numbers.at("Filter Width");
  layer.stride_height = layer.stride_width = numbers.at("Strides");
  layer.out_channels = numbers.at("Num Filter");
  if (layer.kernel_height > input.height || layer.kernel_width > input.width) {
    return "the filter of " + std::to_string(layer.kernel_height) + "x" +
           std::to_string(layer.kernel_width) + " is larger than the IFMAP of " +
           std::to_string(input.height) + "x" + std::to_string(input.width) +
           ", which includes padding";
  }
  layer.pad_bottom = padding_behind(input.height, layer.kernel_height, layer.stride_height);
  layer.pad_right = padding_behind(input.width, layer.kernel_width, layer.stride_width);
  if (layer.name.find("DP") != std::string::npos) {
    layer.groups = input.channels;
    layer.out_channels *= input.channels;
  }
  return model::infer_shape(layer, {input});
}

std::string make_gemm(Layer& layer, const std::map<std::string, std::int64_t>& numbers) {
  layer.kind = LayerKind::Gemm;
  layer.out_channels = numbers.at("N");
  return model::infer_shape(layer, {Shape{numbers.at("K"), numbers.at("M"), 1}});
}

/// `name`, or name#2, name#3… when it was used before.
std::string unique_name(const std::string& name, std::set<std::string>& taken) {
  std::string unique = name;
  for (int copy = 2; !taken.insert(unique).second; ++copy) {
    unique = name + "#" + std::to_string(copy);
  }
  return unique;
}

}  // namespace

model::Network read_scalesim_topology(const std::filesystem::path& path, base::Problems& problems,
                                      std::vector<std::string>& notes) {
  model::Network network;
  network.name = path.stem().string();
  network.description = "imported from SCALE-Sim; every layer stands alone";
  const std::vector<TextLine> lines = lines_of(base::read_text_file(path, base::kJsonMaxBytes));
  if (lines.size() < 2) {
    problems.add(path.string(), "expected a header and at least one layer");
    return network;
  }
  const auto header = read_header(lines[0], place(path, lines[0].number), problems);
  if (!header) return network;
  if (lines.size() > static_cast<std::size_t>(model::kMaxLayers)) {
    problems.add(path.string(), "more than " + std::to_string(model::kMaxLayers) + " layers");
    return network;
  }
  std::set<std::string> taken = {"input"};  // what a network file calls its input
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string where = place(path, lines[i].number);
    const std::vector<std::string> cells = cells_of(lines[i].text, ',');
    if (cells.empty()) continue;  // commas only
    const auto numbers = read_numbers(cells, *header, where, problems);
    if (cells[0].empty()) problems.add(where, "the layer has no name");
    if (!numbers || cells[0].empty()) continue;
    Layer layer;
    layer.name = cells[0];
    layer.inputs = {-1};
    const std::string problem =
        header->gemm ? make_gemm(layer, *numbers) : make_conv(layer, *numbers);
    if (!problem.empty()) problems.add(where, "layer '" + layer.name + "': " + problem);
    layer.name = unique_name(cells[0], taken);
    if (layer.name != cells[0]) {
      notes.push_back(where + ": layer '" + cells[0] + "' becomes '" + layer.name + "'");
    }
    network.layers.push_back(std::move(layer));
  }
  if (network.layers.empty() && problems.empty()) problems.add(path.string(), "no layer in it");
  if (!network.layers.empty()) {
    const Layer& first = network.layers.front();
    network.input_channels = first.in_channels;
    network.input_height = first.in_height;
    network.input_width = first.in_width;
  }
  return network;
}

}  // namespace bitscale::import
