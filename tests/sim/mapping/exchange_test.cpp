// What crosses between cores, against a count of every element one by one.
#include "sim/mapping/exchange.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sim/mapping/estimate.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

struct LayerShape {
  std::int64_t kernel = 1, stride = 1, pad = 0, groups = 1, out_channels = 4;
};

model::Layer conv(const std::string& name, int input, std::int64_t in_channels, std::int64_t height,
                  std::int64_t width, const LayerShape& shape) {
  model::Layer layer;
  layer.name = name;
  layer.kind = model::LayerKind::Conv;
  layer.inputs = {input};
  layer.in_channels = in_channels;
  layer.in_height = height;
  layer.in_width = width;
  layer.kernel_height = layer.kernel_width = shape.kernel;
  layer.stride_height = layer.stride_width = shape.stride;
  layer.pad_top = layer.pad_left = layer.pad_bottom = layer.pad_right = shape.pad;
  layer.out_height = (height + 2 * shape.pad - shape.kernel) / shape.stride + 1;
  layer.out_width = (width + 2 * shape.pad - shape.kernel) / shape.stride + 1;
  layer.out_channels = shape.out_channels;
  layer.groups = shape.groups;
  return layer;
}

TaskGraph tasks_of(const std::vector<model::Layer>& layers, std::int64_t cores,
                   spec::CoreSplit split, std::int64_t batch = 1) {
  spec::AcceleratorSpec design;
  design.cores = cores;
  design.core_split = split;
  model::Network network;
  network.layers = layers;
  return make_tasks(network, testing::uniform_bits(network, 8, 8), design, batch);
}

// Two convolutions in a row.
TaskGraph pair(const LayerShape& first, const LayerShape& second, std::int64_t side,
               std::int64_t cores, spec::CoreSplit split, std::int64_t batch) {
  const model::Layer maker = conv("maker", -1, 4, side, side, first);
  const model::Layer reader =
      conv("reader", 0, maker.out_channels, maker.out_height, maker.out_width, second);
  return tasks_of({maker, reader}, cores, split, batch);
}

struct Range {
  std::int64_t low, high;
  bool has(std::int64_t index) const { return index >= low && index < high; }
};

// Steps of the divided loop a core takes, counted core by core.
Range steps(std::int64_t total, std::int64_t cores, std::int64_t core) {
  const std::int64_t each = (total + cores - 1) / cores;
  return {std::min(total, each * core), std::min(total, each * (core + 1))};
}

// Whether `core` makes, or reads, one element of the tensor between the pair.
bool makes(const Task& maker, std::int64_t cores, std::int64_t core, std::int64_t image,
           std::int64_t channel, std::int64_t row) {
  switch (maker.division) {
    case Division::Channels:
      return steps(maker.whole.channels, cores, core).has(channel);
    case Division::Groups:
      return steps(maker.whole.groups, cores, core).has(channel / maker.whole.channels);
    case Division::Rows:
      return steps(maker.whole.rows, cores, core).has(row);
    default:
      return steps(maker.whole.images, cores, core).has(image);
  }
}

bool reads(const Task& reader, const LayerShape& shape, std::int64_t cores, std::int64_t core,
           std::int64_t image, std::int64_t channel, std::int64_t row) {
  const Range rows = steps(reader.whole.rows, cores, core);
  switch (reader.division) {
    case Division::Channels: {
      const Range part = steps(reader.whole.channels, cores, core);
      return part.high > part.low;
    }
    case Division::Groups:
      return steps(reader.whole.groups, cores, core).has(channel / reader.whole.reduction);
    case Division::Rows:  // the rows between windows too: they are moved as one block
      return rows.high > rows.low && row >= rows.low * shape.stride - shape.pad &&
             row < (rows.high - 1) * shape.stride - shape.pad + shape.kernel;
    default:
      return steps(reader.whole.images, cores, core).has(image);
  }
}

struct Counted {
  Exchange exchange;
  std::int64_t most_held = 0;
};

Counted count(const TaskGraph& graph, const LayerShape& shape, std::int64_t cores) {
  const Task& maker = graph.tasks[0];
  const Task& reader = graph.tasks[1];
  Counted counted;
  std::set<std::int64_t> sent;
  for (std::int64_t core = 0; core < cores; ++core) {
    std::int64_t received = 0;
    std::int64_t held = 0;
    std::int64_t element = 0;
    for (std::int64_t image = 0; image < maker.whole.images; ++image) {
      for (std::int64_t channel = 0; channel < maker.whole.groups * maker.whole.channels;
           ++channel) {
        for (std::int64_t row = 0; row < maker.whole.rows; ++row, ++element) {
          const bool own = makes(maker, cores, core, image, channel, row);
          const bool needed = reads(reader, shape, cores, core, image, channel, row);
          held += own || needed ? maker.whole.cols : 0;
          if (own || !needed) continue;
          received += maker.whole.cols;
          sent.insert(element);
        }
      }
    }
    counted.exchange.received += received;
    counted.exchange.most_received = std::max(counted.exchange.most_received, received);
    counted.most_held = std::max(counted.most_held, held);
  }
  counted.exchange.sent = static_cast<std::int64_t>(sent.size()) * maker.whole.cols;
  return counted;
}

void expect_counted(const TaskGraph& graph, const LayerShape& shape, std::int64_t cores,
                    const std::string& where) {
  const Counted counted = count(graph, shape, cores);
  const Exchange& exchange = graph.tasks[1].input_exchange;
  EXPECT_EQ(exchange.received, counted.exchange.received) << where;
  EXPECT_EQ(exchange.most_received, counted.exchange.most_received) << where;
  // A row that two windows far apart both need is sent twice.
  EXPECT_GE(exchange.sent, counted.exchange.sent) << where;
  EXPECT_LE(exchange.sent, graph.tensors[0].elements) << where;
  EXPECT_EQ(graph.tensors[0].core_elements, counted.most_held) << where;
}

// Halos of any kernel and stride, shares that shift because the strided reader has fewer rows,
// cores without work.
TEST(Exchange, RowsEqualTheElementsCounted) {
  for (const std::int64_t cores : {2, 3, 4, 7}) {
    for (const std::int64_t kernel : {1, 2, 3, 5}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        for (const std::int64_t side : {9, 14, 23}) {
          const LayerShape shape{kernel, stride, kernel / 2, 1, 6};
          const TaskGraph graph =
              pair({3, 1, 1, 1, 4}, shape, side, cores, spec::CoreSplit::Pixels, 1);
          if (graph.tasks[1].division != Division::Rows) continue;
          expect_counted(graph, shape, cores,
                         std::to_string(cores) + " cores, kernel " + std::to_string(kernel) +
                             ", stride " + std::to_string(stride) + ", " + std::to_string(side));
        }
      }
    }
  }
}

TEST(Exchange, ChannelsGoToEveryCoreAndGroupsToTheirOwn) {
  for (const std::int64_t cores : {2, 3, 4, 7}) {
    for (const std::int64_t channels : {4, 6, 12}) {
      for (const std::int64_t groups : {std::int64_t{1}, std::int64_t{2}, channels}) {
        const LayerShape reader{3, 1, 1, groups, 12};
        const TaskGraph graph =
            pair({1, 1, 0, 1, channels}, reader, 5, cores, spec::CoreSplit::OutputChannels, 1);
        expect_counted(graph, reader, cores,
                       std::to_string(cores) + " cores, " + std::to_string(channels) + " in " +
                           std::to_string(groups));
      }
    }
  }
}

TEST(Exchange, ImagesStayWhereTheyAre) {
  const LayerShape reader{3, 1, 1, 1, 6};
  const TaskGraph graph = pair({1, 1, 0, 1, 4}, reader, 6, 3, spec::CoreSplit::Batch, 5);
  ASSERT_EQ(graph.tasks[1].division, Division::Images);
  expect_counted(graph, reader, 3, "images");
  EXPECT_EQ(graph.tasks[1].input_exchange.received, 0);
}

// 3 × 3, stride 1 on 12 rows over 4 cores: one row from either neighbour, 3 · 2 in all.
TEST(Exchange, AHaloIsOneRowFromEitherNeighbour) {
  const TaskGraph graph = pair({1, 1, 0, 1, 4}, {3, 1, 1, 1, 6}, 12, 4, spec::CoreSplit::Pixels, 1);
  const std::int64_t row = 4 * 12;  // channels × columns
  const Exchange& exchange = graph.tasks[1].input_exchange;
  EXPECT_EQ(exchange.received, 6 * row);
  EXPECT_EQ(exchange.sent, 6 * row);
  EXPECT_EQ(exchange.most_received, 2 * row);
  EXPECT_EQ(graph.tensors[0].core_elements, (3 + 2) * row);
}

// Maker by rows, reader too small for that by channels: everybody needs everything, and a core that
// made nothing needs it all.
TEST(Exchange, AnotherDivisionMovesWhatIsNotThere) {
  const LayerShape reader{3, 2, 0, 1, 8};
  const TaskGraph graph = pair({1, 1, 0, 1, 4}, reader, 5, 4, spec::CoreSplit::Pixels, 1);
  ASSERT_EQ(graph.tasks[0].division, Division::Rows);  // 2 + 2 + 1 rows and an idle core
  ASSERT_EQ(graph.tasks[1].division, Division::Channels);
  expect_counted(graph, reader, 4, "rows to channels");
  EXPECT_EQ(graph.tasks[1].input_exchange.most_received, graph.tensors[0].elements);
}

// What a core fetched for one reader is there for the next.
TEST(Exchange, ASecondReaderFindsWhatTheFirstFetched) {
  const model::Layer maker = conv("maker", -1, 4, 6, 6, {1, 1, 0, 1, 8});
  const TaskGraph graph = tasks_of({maker, conv("first", 0, 8, 6, 6, {1, 1, 0, 1, 8}),
                                    conv("second", 0, 8, 6, 6, {3, 1, 1, 1, 8})},
                                   4, spec::CoreSplit::OutputChannels);
  EXPECT_EQ(graph.tasks[1].input_exchange.received, 3 * 8 * 36);
  EXPECT_EQ(graph.tasks[1].input_exchange.sent, 8 * 36);
  EXPECT_EQ(graph.tasks[2].input_exchange.received, 0);
  EXPECT_EQ(graph.tensors[0].core_elements, 8 * 36);
}

// Skip operands lie where the outputs do; a second operand is needed whole when pixels are divided.
TEST(Exchange, SkipsAndSecondOperandsFollowTheReadersShares) {
  const model::Layer maker = conv("maker", -1, 4, 6, 6, {1, 1, 0, 1, 8});
  model::Layer sum = conv("sum", 1, 8, 6, 6, {1, 1, 0, 1, 8});
  sum.kind = model::LayerKind::Add;
  sum.inputs = {1, 0};
  const auto added = tasks_of({maker, conv("other", 0, 8, 6, 6, {1, 1, 0, 1, 8}), sum}, 4,
                              spec::CoreSplit::OutputChannels);
  ASSERT_EQ(added.tasks[1].skips, (std::vector<int>{0}));
  EXPECT_EQ(added.tasks[1].skip_exchanges[0].received, 0);
  model::Layer product = conv("product", 0, 8, 6, 1, {1, 1, 0, 1, 6});
  product.kind = model::LayerKind::Matmul;
  product.inputs = {0, 0};
  const auto multiplied =
      tasks_of({conv("maker", -1, 4, 6, 1, {1, 1, 0, 1, 8}), product}, 3, spec::CoreSplit::Pixels);
  ASSERT_EQ(multiplied.tasks[1].division, Division::Rows);
  EXPECT_EQ(multiplied.tasks[1].input_exchange.received, 0);
  EXPECT_EQ(multiplied.tasks[1].second_exchange.received, 2 * 6 * 8);
}

TEST(Exchange, OneCoreHoldsEverythingAndSendsNothing) {
  const TaskGraph graph =
      pair({3, 1, 1, 1, 4}, {3, 1, 1, 1, 4}, 8, 1, spec::CoreSplit::OutputChannels, 1);
  EXPECT_EQ(graph.tensors[0].core_elements, graph.tensors[0].elements);
  EXPECT_EQ(graph.tasks[1].input_exchange.received, 0);
}

// 144 elements of 8 bits received in all, 48 by a core: words read, moved and written.
TEST(ExchangeCost, CountsReadsLinksAndWrites) {
  spec::AcceleratorSpec design;
  design.cores = 4;
  design.core_split = spec::CoreSplit::Pixels;
  design.interconnect.bytes_per_cycle = 32;
  design.buffers.packing = spec::Packing::WordAligned;
  design.buffers.weight = design.buffers.act = design.buffers.output = {1 << 20, 36, 8, 1};
  model::Network network;
  network.layers = {conv("maker", -1, 4, 12, 6, {1, 1, 0, 1, 4}),
                    conv("reader", 0, 4, 12, 6, {3, 1, 1, 1, 6})};
  const auto graph = make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
  const TaskContext context(graph.tasks[1], design);
  Placement placement;
  EXPECT_EQ(exchange_cost(context, placement).link_bits, 0);
  placement.input = true;
  const ExchangeCost cost = exchange_cost(context, placement);
  EXPECT_EQ(cost.link_bits, 144 * 8);
  EXPECT_EQ(cost.read_bits, 144 / 4 * 36);  // four elements a word
  EXPECT_EQ(cost.write_bits, 144 / 4 * 36);
  EXPECT_EQ(cost.cycles, 2);  // 48 bytes into one core
}

}  // namespace
}  // namespace bitscale::mapping
