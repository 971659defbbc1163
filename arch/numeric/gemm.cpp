#include "arch/numeric/gemm.h"

#include <algorithm>
#include <array>
#include <string>

#include "arch/base/error.h"
#include "arch/numeric/gemm_kernels.h"
#include "arch/numeric/gemm_pack.h"
#include "arch/numeric/gemm_reference.h"

namespace bitscale::numeric {
namespace {

enum class Kernel {
  Exact32,
  Saturate16,
  Saturate32,
  Account32,
  Exact64,
  Saturate64,
  Account64,
  Reference
};

constexpr std::array<std::string_view, 8> kKernelNames = {"exact32",   "saturate16", "saturate32",
                                                          "account32", "exact64",    "saturate64",
                                                          "account64", "reference"};

constexpr std::int64_t kPow30 = std::int64_t{1} << 30, kPow31 = std::int64_t{1} << 31;
constexpr std::int64_t kPow52 = std::int64_t{1} << 52;

/// Magnitudes that prove which lanes are exact.
struct Magnitudes {
  std::int64_t weight = 0;   ///< largest |w|
  std::int64_t l1_norm = 0;  ///< largest Σ|w| of a channel
  std::int64_t act = 0;      ///< largest |x| of the format
  bool fit_int16 = true;

  std::int64_t product() const { return weight * act; }
  std::int64_t sum() const { return l1_norm * act; }  ///< no partial sum is larger
};

Magnitudes magnitudes_of(const CodeView& weights, const IntegerFormat& acts) {
  Magnitudes m;
  m.act = std::max(-acts.min(), acts.max());
  m.fit_int16 = acts.max() <= signed_max(16);
  for (std::size_t v = 0; v < weights.vectors; ++v) {
    std::int64_t l1_norm = 0;
    for (std::size_t k = 0; k < weights.length; ++k) {
      const std::int64_t w = weights.at(v, k), magnitude = w < 0 ? -w : w;
      m.weight = std::max(m.weight, magnitude);
      l1_norm += magnitude;
      m.fit_int16 = m.fit_int16 && fits_signed(w, 16);
    }
    m.l1_norm = std::max(m.l1_norm, l1_norm);
  }
  return m;
}

/// Whether narrowing once, after all chunks, gives the same as the order asks for.
bool order_free(const ReductionOrder& order, const Magnitudes& m) {
  const bool acc_cannot_overflow = m.sum() <= signed_max(order.acc_bits);
  if (acc_cannot_overflow && m.sum() <= signed_max(order.psum_bits)) return true;
  if (order.policy == OverflowPolicy::SaturateEachStep) return false;
  return acc_cannot_overflow ||
         (order.policy == OverflowPolicy::Wrap && order.psum_bits <= order.acc_bits);
}

Kernel choose_exact(const Magnitudes& m) {
  if (m.fit_int16 && m.sum() < kPow31) return Kernel::Exact32;
  return m.sum() < kPow52 ? Kernel::Exact64 : Kernel::Reference;
}

Kernel choose(const ReductionOrder& order, bool account, const Magnitudes& m) {
  if (account) {
    if (m.fit_int16 && m.sum() < kPow30) return Kernel::Account32;
    return m.sum() < kPow52 ? Kernel::Account64 : Kernel::Reference;
  }
  if (order.policy != OverflowPolicy::SaturateEachStep || order_free(order, m)) {
    return choose_exact(m);
  }
  if (!m.fit_int16) return Kernel::Saturate64;
  if (order.acc_bits <= 16 && m.product() <= signed_max(16)) return Kernel::Saturate16;
  if (-signed_min(order.acc_bits) + m.product() < kPow31) return Kernel::Saturate32;
  return Kernel::Saturate64;
}

/// The lanes a kernel (other than Reference) works on.
enum class LaneWord { Int16, Int32, Double };

LaneWord word_of(Kernel kernel) {
  switch (kernel) {
    case Kernel::Saturate16:
      return LaneWord::Int16;
    case Kernel::Exact64:
    case Kernel::Saturate64:
    case Kernel::Account64:
      return LaneWord::Double;
    default:
      return LaneWord::Int32;
  }
}

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
  Kernel kernel = Kernel::Reference;
  const GemmKernels* kernels = nullptr;
  std::size_t codes_per_word = 1;
  std::vector<PackedChunk> chunks;
  std::vector<std::int32_t> rows32;
  std::vector<std::int16_t> rows16;
  std::vector<double> rows64;

  void call(const GemmTile<std::int32_t>& tile, const LaneAccounts<std::int32_t>& out) const;
  void call(const GemmTile<std::int16_t>& tile, const LaneAccounts<std::int16_t>& out) const;
  void call(const GemmTile<double>& tile, const LaneAccounts<double>& out) const;

  template <class Word>
  void run(const std::vector<Word>& rows, const CodeView& x, std::int64_t* output,
           std::vector<ChannelAccount>* accounts) const;
  template <class Word>
  void store(const LaneAccounts<Word>& out, std::size_t row, std::size_t count, std::size_t first,
             std::size_t vectors, std::int64_t* output) const;
  template <class Word>
  void absorb(const LaneAccounts<Word>& out, std::size_t rows, bool first_chunk,
              std::vector<Lane>* lanes, ChannelAccount* accounts) const;
  void find_first(const CodeView& x, std::size_t channel, std::size_t first, std::size_t columns,
                  const Lane* lanes, ChannelAccount* account) const;
  void close(const CodeView& x, std::vector<ChannelAccount>* accounts) const;
};

void NarrowGemm::Plan::call(const GemmTile<std::int32_t>& tile,
                            const LaneAccounts<std::int32_t>& out) const {
  if (kernel == Kernel::Exact32) return kernels->exact32(tile, out.sums);
  if (kernel == Kernel::Saturate32) return kernels->saturate32(tile, order.acc_bits, out.sums);
  // Sums below 2^30 overflow neither 31 bits nor any wider accumulator.
  kernels->account32(tile, std::min(order.acc_bits, 31), order.policy, out);
}

void NarrowGemm::Plan::call(const GemmTile<std::int16_t>& tile,
                            const LaneAccounts<std::int16_t>& out) const {
  kernels->saturate16(tile, order.acc_bits, out.sums);
}

void NarrowGemm::Plan::call(const GemmTile<double>& tile, const LaneAccounts<double>& out) const {
  if (kernel == Kernel::Exact64) return kernels->exact64(tile, out.sums);
  if (kernel == Kernel::Saturate64) return kernels->saturate64(tile, order.acc_bits, out.sums);
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
    for (std::size_t c = 0; c < columns; ++c) {
      target[c] = narrow(static_cast<std::int64_t>(sums[c]), order.acc_bits, order.policy);
    }
  }
}

/// Takes one chunk's sums into the lanes: narrowed to acc_bits, then added across chunks.
template <class Word>
void NarrowGemm::Plan::absorb(const LaneAccounts<Word>& out, std::size_t rows, bool first_chunk,
                              std::vector<Lane>* lanes, ChannelAccount* accounts) const {
  constexpr std::size_t kColumns = kPanelColumns<Word>;
  const bool many = chunks.size() > 1;
  for (std::size_t i = 0; i < rows * kColumns; ++i) {
    Lane& lane = (*lanes)[i];
    const auto sum = static_cast<std::int64_t>(out.sums[i]);
    const std::int64_t chunk_value = narrow(sum, order.acc_bits, order.policy);
    AccumulatorStep step{chunk_value, false};
    if (many) {
      step = accumulate(first_chunk ? 0 : lane.value, chunk_value, order.psum_bits, order.policy);
    }
    lane.value = step.value;
    if (!account) continue;
    ChannelAccount& row = accounts[i / kColumns];
    if (first_chunk) lane = {lane.value, 0, 0, 0};
    lane.acc_overflows += static_cast<std::int64_t>(out.overflows[i]);
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
    const ReductionResult result = reduce_pair(weights, channel, x, first + c, order);
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
  const bool direct = chunks.size() == 1 && !account;
  std::vector<Lane> lanes(direct ? 0 : kRows * kColumns);
  const std::size_t stride = chunks.back().first_word + chunks.back().words;
  for (std::size_t first = 0; first < x.vectors; first += kColumns) {
    const std::size_t columns = std::min(kColumns, x.vectors - first);
    pack_panel(x, first, chunks, codes_per_word, acts, &panel);
    for (std::size_t row = 0; row < weights.vectors; row += kRows) {
      const std::size_t count = std::min(kRows, weights.vectors - row);
      const auto tile = [&](const PackedChunk& chunk) {
        const Word* x_words = reinterpret_cast<const Word*>(panel.data() + chunk.first_word);
        return GemmTile<Word>{rows.data() + row * stride + chunk.first_word, stride, count, x_words,
                              chunk.words};
      };
      if (direct) {
        call(tile(chunks.front()), out);
        store(out, row, count, first, x.vectors, output);
        continue;
      }
      ChannelAccount* account_rows = account ? accounts->data() + row : nullptr;
      for (const PackedChunk& chunk : chunks) {
        call(tile(chunk), out);
        absorb(out, count, chunk.begin == 0, &lanes, account_rows);
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
    account.acc.steps = vectors * static_cast<std::int64_t>(x.length);
    if (chunks.size() == 1) continue;
    account.psum.reductions = vectors;
    account.psum.steps = vectors * static_cast<std::int64_t>(chunks.size());
  }
}

NarrowGemm::NarrowGemm(const CodeView& weights, const IntegerFormat& acts,
                       const GemmOptions& options)
    : plan_(std::make_unique<Plan>()) {
  options.order.check();
  Plan& plan = *plan_;
  const Magnitudes m = magnitudes_of(weights, acts);
  plan.weights = weights;
  plan.acts = acts;
  plan.order = options.order;
  plan.account = options.account;
  if (plan.order.chunk(weights.length) == weights.length)
    plan.order.psum_bits = plan.order.acc_bits;
  plan.kernel = choose(plan.order, plan.account, m);
  if (!plan.account && order_free(plan.order, m)) {
    // One chunk, narrowed to the width that decides the result.
    plan.order.acc_bits = plan.order.psum_bits;
    plan.order.chunk_length = 0;
  }
  const GemmKernels* fast = options.simd == Simd::Auto ? avx2_kernels() : nullptr;
  plan.kernels = fast != nullptr ? fast : &portable_kernels();
  plan.codes_per_word = plan.kernel == Kernel::Exact32 ? 2 : 1;
  const std::size_t chunk = std::max<std::size_t>(plan.order.chunk(weights.length), 1);
  plan.chunks = pack_chunks(weights.length, chunk, plan.codes_per_word);
  if (plan.kernel == Kernel::Reference) return;
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
  if (plan.kernel == Kernel::Reference) {
    return gemm_reference(plan.weights, acts, plan.order, output, accounts);
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

std::string_view NarrowGemm::kernel() const {
  return kKernelNames[static_cast<std::size_t>(plan_->kernel)];
}

std::string_view NarrowGemm::instructions() const { return plan_->kernels->name; }

}  // namespace bitscale::numeric
