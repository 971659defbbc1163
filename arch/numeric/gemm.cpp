#include "arch/numeric/gemm.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "arch/base/error.h"
#include "arch/numeric/gemm_choice.h"
#include "arch/numeric/gemm_kernels.h"
#include "arch/numeric/gemm_pack.h"
#include "arch/numeric/gemm_reference.h"

namespace bitscale::numeric {
namespace {

/// Across-chunk state of one output.
struct Lane {
  std::int64_t value = 0;  ///< what the last chunk, or the psum register, holds
  std::int64_t psum_exact = 0;
  std::int64_t acc_overflows = 0, psum_overflows = 0;
  bool clamped = false;  ///< a chunk
};

/// Rows and columns of the outputs that one call of a kernel makes.
struct Block {
  std::size_t first_row, rows, columns;
};

}  // namespace

struct NarrowGemm::Plan {
  CodeView weights;
  IntegerFormat acts;
  ReductionOrder order;  ///< one chunk when order_free() and nothing is accounted
  bool account = false;
  std::vector<std::int64_t> bias;
  GemmKernel kernel = GemmKernel::Reference;
  const GemmKernels* kernels = nullptr;
  Packing packing;
  std::vector<std::int32_t> rows32;
  std::vector<std::int16_t> rows16;
  std::vector<double> rows64;

  void call(const GemmTile<std::int32_t>& tile, const LaneAccounts<std::int32_t>& out) const;
  void call(const GemmTile<std::int16_t>& tile, const LaneAccounts<std::int16_t>& out) const;
  void call(const GemmTile<double>& tile, const LaneAccounts<double>& out) const;

  /// What the accumulators of channel `channel` hold before a chunk's first product.
  std::int64_t start(std::size_t channel, bool first_chunk) const {
    return first_chunk && !bias.empty() ? bias[channel] : 0;
  }
  /// The part of start() that the kernel in use has not added itself.
  std::int64_t late_start(std::size_t channel, bool first_chunk) const {
    return exact() ? start(channel, first_chunk) : 0;
  }
  bool exact() const { return kernel == GemmKernel::Exact32 || kernel == GemmKernel::Exact64; }
  bool one_chunk() const { return packing.chunks.size() == 1; }
  /// What a chunk's register is worth: narrowed if it was not yet.
  std::int64_t chunk_value(std::int64_t sum) const {
    return order.policy == OverflowPolicy::Wrap ? wrap_to_bits(sum, order.acc_bits)
           : exact()                            ? saturate_to_bits(sum, order.acc_bits)
                                                : finish(sum, order.acc_bits, order.policy);
  }
  std::optional<std::int64_t> bias_of(std::size_t channel) const {
    return bias.empty() ? std::nullopt : std::optional<std::int64_t>(bias[channel]);
  }

  template <class Word>
  void run(const std::vector<Word>& rows, const CodeView& x, std::int64_t* output,
           std::vector<ChannelAccount>* accounts) const;
  /// A start in the kernel's words; saturating kernels load it saturated.
  template <class Word>
  Word start_word(std::int64_t start) const {
    const bool saturated = kernel == GemmKernel::Saturate16 || kernel == GemmKernel::Saturate32 ||
                           kernel == GemmKernel::Saturate64;
    return static_cast<Word>(saturated ? saturate_to_bits(start, order.acc_bits) : start);
  }
  template <class Word>
  void store(const LaneAccounts<Word>& out, std::size_t row, std::size_t count, std::size_t first,
             std::size_t vectors, std::int64_t* output) const;
  template <class Word>
  void absorb(const LaneAccounts<Word>& out, const Block& block, bool first_chunk,
              std::vector<Lane>* lanes, ChannelAccount* accounts) const;
  void count_narrowing(std::int64_t sum, Lane* lane, OverflowStats* stats) const;
  void take(const Lane* lanes, std::size_t columns, std::int64_t* output,
            ChannelAccount* account) const;
  void find_first(const CodeView& x, std::size_t channel, std::size_t first, std::size_t columns,
                  const Lane* lanes, ChannelAccount* account) const;
  void close(const CodeView& x, std::vector<ChannelAccount>* accounts) const;
};

void NarrowGemm::Plan::call(const GemmTile<std::int32_t>& tile,
                            const LaneAccounts<std::int32_t>& out) const {
  if (kernel == GemmKernel::Exact32) return kernels->exact32(tile, out.sums);
  if (kernel == GemmKernel::Saturate32) return kernels->saturate32(tile, order.acc_bits, out.sums);
  // Sums below 2^30 overflow neither 31 bits nor any wider accumulator.
  kernels->account32(tile, std::min(order.acc_bits, 31), order.policy, out);
}

void NarrowGemm::Plan::call(const GemmTile<std::int16_t>& tile,
                            const LaneAccounts<std::int16_t>& out) const {
  kernels->saturate16(tile, order.acc_bits, out.sums);
}

void NarrowGemm::Plan::call(const GemmTile<double>& tile, const LaneAccounts<double>& out) const {
  if (kernel == GemmKernel::Exact64) return kernels->exact64(tile, out.sums);
  if (kernel == GemmKernel::Saturate64) return kernels->saturate64(tile, order.acc_bits, out.sums);
  kernels->account64(tile, order.acc_bits, order.policy, out);
}

/// One chunk and nothing to account: sums go straight to the output.
template <class Word>
void NarrowGemm::Plan::store(const LaneAccounts<Word>& out, std::size_t row, std::size_t count,
                             std::size_t first, std::size_t vectors, std::int64_t* output) const {
  const std::size_t columns = std::min(kPanelColumns<Word>, vectors - first);
  for (std::size_t r = 0; r < count; ++r) {
    const Word* sums = out.sums + r * kPanelColumns<Word>;
    std::int64_t* target = output + (row + r) * vectors + first;
    const std::int64_t late = late_start(row + r, true);
    for (std::size_t c = 0; c < columns; ++c) {
      target[c] = chunk_value(late + static_cast<std::int64_t>(sums[c]));
    }
  }
}

/// A chunk that is narrowed once is one step, its sum the only one an accumulator sees.
void NarrowGemm::Plan::count_narrowing(std::int64_t sum, Lane* lane, OverflowStats* stats) const {
  lane->acc_overflows += fits_signed(sum, order.acc_bits) ? 0 : 1;
  stats->min_sum = std::min(stats->min_sum, sum);
  stats->max_sum = std::max(stats->max_sum, sum);
}

/// Takes one chunk's sums into the lanes: narrowed to acc_bits, then added across chunks.
template <class Word>
void NarrowGemm::Plan::absorb(const LaneAccounts<Word>& out, const Block& block, bool first_chunk,
                              std::vector<Lane>* lanes, ChannelAccount* accounts) const {
  for (std::size_t r = 0; r < block.rows; ++r) {
    const std::int64_t late = late_start(block.first_row + r, first_chunk);
    const bool load_overflows =
        !fits_signed(start(block.first_row + r, first_chunk), order.acc_bits);
    for (std::size_t c = 0; c < block.columns; ++c) {
      const std::size_t i = r * kPanelColumns<Word> + c;
      Lane& lane = (*lanes)[i];
      if (first_chunk) lane = {};
      const std::int64_t sum = late + static_cast<std::int64_t>(out.sums[i]);
      const std::int64_t value = chunk_value(sum);
      AccumulatorStep step{value, false};
      if (!one_chunk()) step = accumulate(lane.value, value, order.psum_bits, order.policy);
      lane.value = step.value;
      if (!account) continue;
      ChannelAccount& row = accounts[r];
      lane.clamped = lane.clamped || value != sum;
      if (order.narrow_chunks) {
        count_narrowing(sum, &lane, &row.acc);
      } else {
        lane.acc_overflows +=
            static_cast<std::int64_t>(out.overflows[i]) + (load_overflows ? 1 : 0);
        row.acc.min_sum = std::min(row.acc.min_sum, static_cast<std::int64_t>(out.min_sums[i]));
        row.acc.max_sum = std::max(row.acc.max_sum, static_cast<std::int64_t>(out.max_sums[i]));
      }
      if (one_chunk()) continue;
      lane.psum_exact += value;
      lane.psum_overflows += step.overflow ? 1 : 0;
      row.psum.min_sum = std::min(row.psum.min_sum, lane.psum_exact);
      row.psum.max_sum = std::max(row.psum.max_sum, lane.psum_exact);
    }
  }
}

/// Adds the lanes' counts to their channel; the first overflow's step comes from the reference,
/// which repeats that one reduction.
void NarrowGemm::Plan::find_first(const CodeView& x, std::size_t channel, std::size_t first,
                                  std::size_t columns, const Lane* lanes,
                                  ChannelAccount* account) const {
  for (std::size_t c = 0; c < columns; ++c) {
    account->acc.overflows += lanes[c].acc_overflows;
    account->psum.overflows += lanes[c].psum_overflows;
    const bool first_acc = lanes[c].acc_overflows > 0 && account->acc.first_step < 0;
    const bool first_psum = lanes[c].psum_overflows > 0 && account->psum.first_step < 0;
    if (!first_acc && !first_psum) continue;
    const ReductionResult result =
        reduce_pair(weights, channel, x, first + c, order, bias_of(channel));
    const auto index = static_cast<std::int64_t>(first + c);
    BITSCALE_INVARIANT(result.acc.overflows == lanes[c].acc_overflows &&
                           result.psum.overflows == lanes[c].psum_overflows,
                       "kernel and reference count different overflows");
    if (first_acc) {
      account->acc.first_step = result.acc.first_step;
      account->acc.first_reduction = index;
    }
    if (first_psum) {
      account->psum.first_step = result.psum.first_step;
      account->psum.first_reduction = index;
    }
  }
}

/// The outputs of one row's lanes.
void NarrowGemm::Plan::take(const Lane* lanes, std::size_t columns, std::int64_t* output,
                            ChannelAccount* account) const {
  const int bits = one_chunk() ? order.acc_bits : order.psum_bits;
  for (std::size_t c = 0; c < columns; ++c) {
    output[c] = finish(lanes[c].value, bits, order.policy);
    if (account == nullptr) continue;
    const bool lossy = order.policy == OverflowPolicy::SaturateAtEnd
                           ? lanes[c].clamped || output[c] != lanes[c].value
                           : lanes[c].acc_overflows + lanes[c].psum_overflows > 0;
    account->lossy_outputs += lossy ? 1 : 0;
  }
}

template <class Word>
void NarrowGemm::Plan::run(const std::vector<Word>& rows, const CodeView& x, std::int64_t* output,
                           std::vector<ChannelAccount>* accounts) const {
  constexpr std::size_t kColumns = kPanelColumns<Word>, kRows = 32;
  std::vector<PanelLine<Word>> panel, results(4 * kRows);
  Word* words = results.data()->words;
  const LaneAccounts<Word> out = {words, words + kRows * kColumns, words + 2 * kRows * kColumns,
                                  words + 3 * kRows * kColumns};
  std::array<Word, kRows> starts{};
  const bool direct = one_chunk() && !account;
  std::vector<Lane> lanes(direct ? 0 : kRows * kColumns);
  const std::size_t stride = packing.words();
  for (std::size_t first = 0; first < x.vectors; first += kColumns) {
    const std::size_t columns = std::min(kColumns, x.vectors - first);
    pack_panel(x, first, packing, acts, &panel);
    for (std::size_t row = 0; row < weights.vectors; row += kRows) {
      const Block block{row, std::min(kRows, weights.vectors - row), columns};
      const auto tile = [&](const PackedChunk& chunk) {
        for (std::size_t r = 0; r < block.rows; ++r) {
          starts[r] = start_word<Word>(start(row + r, chunk.begin == 0));
        }
        const Word* x_words = reinterpret_cast<const Word*>(panel.data() + chunk.first_word);
        return GemmTile<Word>{rows.data() + row * stride + chunk.first_word,
                              stride,
                              block.rows,
                              x_words,
                              chunk.words,
                              starts.data()};
      };
      if (direct) {
        call(tile(packing.chunks.front()), out);
        store(out, row, block.rows, first, x.vectors, output);
        continue;
      }
      ChannelAccount* account_rows = account ? accounts->data() + row : nullptr;
      for (const PackedChunk& chunk : packing.chunks) {
        call(tile(chunk), out);
        absorb(out, block, chunk.begin == 0, &lanes, account_rows);
      }
      for (std::size_t r = 0; r < block.rows; ++r) {
        const Lane* row_lanes = lanes.data() + r * kColumns;
        std::int64_t* target = output + (row + r) * x.vectors + first;
        take(row_lanes, columns, target, account ? account_rows + r : nullptr);
        if (account) find_first(x, row + r, first, columns, row_lanes, account_rows + r);
      }
    }
  }
}

void NarrowGemm::Plan::close(const CodeView& x, std::vector<ChannelAccount>* accounts) const {
  const auto vectors = static_cast<std::int64_t>(x.vectors);
  const std::size_t chunks = packing.chunks.size();
  const std::size_t steps = order.narrow_chunks ? chunks : x.length + (bias.empty() ? 0 : 1);
  for (ChannelAccount& account : *accounts) {
    account.acc.reductions = vectors;
    account.acc.steps = vectors * static_cast<std::int64_t>(steps);
    if (one_chunk()) continue;
    account.psum.reductions = vectors;
    account.psum.steps = vectors * static_cast<std::int64_t>(chunks);
  }
}

NarrowGemm::NarrowGemm(const CodeView& weights, const IntegerFormat& acts,
                       const GemmOptions& options)
    : plan_(std::make_unique<Plan>()) {
  options.order.check();
  BITSCALE_INVARIANT(options.bias.empty() || options.bias.size() == weights.vectors,
                     "one bias per output channel");
  Plan& plan = *plan_;
  const GemmMagnitudes m = magnitudes_of(weights, acts, options.bias);
  plan.weights = weights;
  plan.acts = acts;
  plan.order = options.order;
  plan.account = options.account;
  plan.bias = options.bias;
  if (plan.order.one_chunk(weights.length)) plan.order.psum_bits = plan.order.acc_bits;
  plan.kernel = choose_kernel(plan.order, plan.account, m);
  if (!plan.account && order_free(plan.order, m)) {
    // One chunk, narrowed to the width that decides the result.
    plan.order.acc_bits = plan.order.psum_bits;
    plan.order.join_chunks();
  }
  const GemmKernels* fast = options.simd == Simd::Auto ? avx2_kernels() : nullptr;
  plan.kernels = fast != nullptr ? fast : &portable_kernels();
  if (plan.kernel == GemmKernel::Reference) return;
  Packing& packing = plan.packing;
  packing.codes_per_word = plan.kernel == GemmKernel::Exact32 ? 2 : 1;
  packing.chunks = pack_chunks(weights.length, plan.order, packing.codes_per_word);
  packing.steps = plan.order.steps;
  switch (word_of(plan.kernel)) {
    case LaneWord::Int16:
      plan.rows16 = pack_rows<std::int16_t>(weights, packing);
      break;
    case LaneWord::Double:
      plan.rows64 = pack_rows<double>(weights, packing);
      break;
    case LaneWord::Int32:
      plan.rows32 = pack_rows<std::int32_t>(weights, packing);
      break;
  }
}

NarrowGemm::~NarrowGemm() = default;
NarrowGemm::NarrowGemm(NarrowGemm&&) noexcept = default;
NarrowGemm& NarrowGemm::operator=(NarrowGemm&&) noexcept = default;

void NarrowGemm::run(const CodeView& acts, std::int64_t* output,
                     std::vector<ChannelAccount>* accounts) const {
  const Plan& plan = *plan_;
  BITSCALE_INVARIANT(acts.length == plan.weights.length, "operands of different length");
  BITSCALE_INVARIANT(!plan.account || accounts != nullptr, "accounting without a place for it");
  if (plan.kernel == GemmKernel::Reference) {
    return gemm_reference(plan.weights, acts, plan.order, plan.bias, output, accounts);
  }
  if (plan.account) accounts->assign(plan.weights.vectors, {});
  switch (word_of(plan.kernel)) {
    case LaneWord::Int16:
      plan.run(plan.rows16, acts, output, accounts);
      break;
    case LaneWord::Double:
      plan.run(plan.rows64, acts, output, accounts);
      break;
    case LaneWord::Int32:
      plan.run(plan.rows32, acts, output, accounts);
      break;
  }
  if (plan.account) plan.close(acts, accounts);
}

std::string_view NarrowGemm::kernel() const { return kernel_name(plan_->kernel); }

std::string_view NarrowGemm::instructions() const { return plan_->kernels->name; }

}  // namespace bitscale::numeric
