// Operands laid out the way the kernels read them. Internal to arch/numeric.
#ifndef BITSCALE_ARCH_NUMERIC_GEMM_PACK_H_
#define BITSCALE_ARCH_NUMERIC_GEMM_PACK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/code_view.h"
#include "arch/numeric/gemm_kernels.h"
#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// One chunk of the reduction: steps [begin, end) in words [first_word, first_word + words).
struct PackedChunk {
  std::size_t begin, end, first_word, words;
};

/// The order's chunks of `length` steps; with `codes_per_word` 2 an odd chunk ends in a zero code.
std::vector<PackedChunk> pack_chunks(std::size_t length, const ReductionOrder& order,
                                     std::size_t codes_per_word);

/// How codes become words: the chunks, and the code of each step (ReductionOrder::steps).
struct Packing {
  std::vector<PackedChunk> chunks;
  std::vector<std::size_t> steps;
  std::size_t codes_per_word = 1;

  std::size_t words() const { return chunks.back().first_word + chunks.back().words; }
  std::size_t code(std::size_t step) const { return steps.empty() ? step : steps[step]; }
};

/// One line of a panel: the same step of kPanelColumns activation vectors.
template <class Word>
struct alignas(128) PanelLine {
  Word words[kPanelColumns<Word>];
};

/// All vectors of `codes`, [vectors][total words].
template <class Word>
std::vector<Word> pack_rows(const CodeView& codes, const Packing& packing);

/// Vectors [first, first + kPanelColumns) of `codes`, [total words]; columns beyond the last vector
/// hold zeros. Throws InternalError on a code outside `format`.
template <class Word>
void pack_panel(const CodeView& codes, std::size_t first, const Packing& packing,
                const IntegerFormat& format, std::vector<PanelLine<Word>>* panel);

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_GEMM_PACK_H_
