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
};

std::int64_t narrow(std::int64_t sum, int bits, OverflowPolicy policy) {
  return policy == OverflowPolicy::Wrap ? wrap_to_bits(sum, bits) : finish(sum, bits, policy);
}

}  // namespace

struct NarrowGemm::Plan {
  CodeView weights;
  IntegerFormat acts;
  ReductionOrder order;  ///< one chunk when order_free() and nothing is accounted
  bool account = false;
  std::vector<std::int64_t> bias;
  GemmKernel kernel = GemmKernel::Reference;
  const GemmKernels* kernels = nullptr;
  std::size_t codes_per_word = 1;
  std::vector<PackedChunk> chunks;
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
    const bool exact = kernel == GemmKernel::Exact32 || kernel == GemmKernel::Exact64;
    return exact ? start(channel, first_chunk) : 0;
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
  void absorb(const LaneAccounts<Word>& out, std::size_t first_row, std::size_t rows,
              bool first_chunk, std::vector<Lane>* lanes, ChannelAccount* accounts) const;
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
      target[c] = narrow(late + static_cast<std::int64_t>(sums[c]), order.acc_bits, order.policy);
    }
  }
}

/// Takes one chunk's sums into the lanes: narrowed to acc_bits, then added across chunks.
template <class Word>
void NarrowGemm::Plan::absorb(const LaneAccounts<Word>& out, std::size_t first_row,
                              std::size_t rows, bool first_chunk, std::vector<Lane>* lanes,
                              ChannelAccount* accounts) const {
  constexpr std::size_t kColumns = kPanelColumns<Word>;
  const bool many = chunks.size() > 1;
  for (std::size_t i = 0; i < rows * kColumns; ++i) {
    Lane& lane = (*lanes)[i];
    const std::size_t channel = first_row + i / kColumns;
    const auto sum = late_start(channel, first_chunk) + static_cast<std::int64_t>(out.sums[i]);
    const std::int64_t chunk_value = narrow(sum, order.acc_bits, order.policy);
    AccumulatorStep step{chunk_value, false};
    if (many) {
      step = accumulate(first_chunk ? 0 : lane.value, chunk_value, order.psum_bits, order.policy);
    }
    lane.value = step.value;
    if (!account) continue;
    ChannelAccount& row = accounts[i / kColumns];
    if (first_chunk) lane = {lane.value, 0, 0, 0};
    const bool load_overflows = !fits_signed(start(channel, first_chunk), order.acc_bits);
    lane.acc_overflows += static_cast<std::int64_t>(out.overflows[i]) + (load_overflows ? 1 : 0);
    row.acc.min_sum = std::min(row.acc.min_sum, static_cast<std::int64_t>(out.min_sums[i]));
    row.acc.max_sum = std::max(row.acc.max_sum, static_cast<std::int64_t>(out.max_sums[i]));
    if (!many) continue;
    lane.psum_exact += chunk_value;
    lane.psum_overflows += step.overflow ? 1 : 0;
    row.psum.min_sum = std::min(row.psum.min_sum, lane.psum_exact);
    row.psum.max_sum = std::max(row.psum.max_sum, lane.psum_exact);
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

template <class Word>
void NarrowGemm::Plan::run(const std::vector<Word>& rows, const CodeView& x, std::int64_t* output,
                           std::vector<ChannelAccount>* accounts) const {
  constexpr std::size_t kColumns = kPanelColumns<Word>, kRows = 32;
  std::vector<PanelLine<Word>> panel, results(4 * kRows);
  Word* words = results.data()->words;
  const LaneAccounts<Word> out = {words, words + kRows * kColumns, words + 2 * kRows * kColumns,
                                  words + 3 * kRows * kColumns};
  std::array<Word, kRows> starts{};
  const bool direct = chunks.size() == 1 && !account;
  std::vector<Lane> lanes(direct ? 0 : kRows * kColumns);
  const std::size_t stride = chunks.back().first_word + chunks.back().words;
  for (std::size_t first = 0; first < x.vectors; first += kColumns) {
    const std::size_t columns = std::min(kColumns, x.vectors - first);
    pack_panel(x, first, chunks, codes_per_word, acts, &panel);
    for (std::size_t row = 0; row < weights.vectors; row += kRows) {
      const std::size_t count = std::min(kRows, weights.vectors - row);
      const auto tile = [&](const PackedChunk& chunk) {
        for (std::size_t r = 0; r < count; ++r) {
          starts[r] = start_word<Word>(start(row + r, chunk.begin == 0));
        }
        const Word* x_words = reinterpret_cast<const Word*>(panel.data() + chunk.first_word);
        return GemmTile<Word>{rows.data() + row * stride + chunk.first_word,
                              stride,
                              count,
                              x_words,
                              chunk.words,
                              starts.data()};
      };
      if (direct) {
        call(tile(chunks.front()), out);
        store(out, row, count, first, x.vectors, output);
        continue;
      }
      ChannelAccount* account_rows = account ? accounts->data() + row : nullptr;
      for (const PackedChunk& chunk : chunks) {
        call(tile(chunk), out);
        absorb(out, row, count, chunk.begin == 0, &lanes, account_rows);
      }
      for (std::size_t r = 0; r < count; ++r) {
        const Lane* row_lanes = lanes.data() + r * kColumns;
        std::int64_t* target = output + (row + r) * x.vectors + first;
        const int bits = chunks.size() > 1 ? order.psum_bits : order.acc_bits;
        for (std::size_t c = 0; c < columns; ++c) {
          target[c] = finish(row_lanes[c].value, bits, order.policy);
        }
        if (account) find_first(x, row + r, first, columns, row_lanes, account_rows + r);
      }
    }
  }
}

void NarrowGemm::Plan::close(const CodeView& x, std::vector<ChannelAccount>* accounts) const {
  const auto vectors = static_cast<std::int64_t>(x.vectors);
  for (ChannelAccount& account : *accounts) {
    account.acc.reductions = vectors;
    account.acc.steps = vectors * static_cast<std::int64_t>(x.length + (bias.empty() ? 0 : 1));
    if (chunks.size() == 1) continue;
    account.psum.reductions = vectors;
    account.psum.steps = vectors * static_cast<std::int64_t>(chunks.size());
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
  if (plan.order.chunk(weights.length) == weights.length)
    plan.order.psum_bits = plan.order.acc_bits;
  plan.kernel = choose_kernel(plan.order, plan.account, m);
  if (!plan.account && order_free(plan.order, m)) {
    // One chunk, narrowed to the width that decides the result.
    plan.order.acc_bits = plan.order.psum_bits;
    plan.order.chunk_length = 0;
  }
  const GemmKernels* fast = options.simd == Simd::Auto ? avx2_kernels() : nullptr;
  plan.kernels = fast != nullptr ? fast : &portable_kernels();
  plan.codes_per_word = plan.kernel == GemmKernel::Exact32 ? 2 : 1;
  const std::size_t chunk = std::max<std::size_t>(plan.order.chunk(weights.length), 1);
  plan.chunks = pack_chunks(weights.length, chunk, plan.codes_per_word);
  if (plan.kernel == GemmKernel::Reference) return;
  switch (word_of(plan.kernel)) {
    case LaneWord::Int16:
      plan.rows16 = pack_rows<std::int16_t>(weights, plan.chunks, plan.codes_per_word);
      break;
    case LaneWord::Double:
      plan.rows64 = pack_rows<double>(weights, plan.chunks, plan.codes_per_word);
      break;
    case LaneWord::Int32:
      plan.rows32 = pack_rows<std::int32_t>(weights, plan.chunks, plan.codes_per_word);
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
