#include "arch/numeric/gemm_pack.h"

#include <algorithm>
#include <limits>

#include "arch/base/error.h"

namespace bitscale::numeric {
namespace {

template <class Word>
Word word_of(std::int64_t code) {
  return static_cast<Word>(code);
}

template <>
std::int32_t word_of<std::int32_t>(std::int64_t code) {
  return static_cast<std::int32_t>(code & 0xffff);
}

template <class Word>
Word add_second(Word word, std::int64_t code) {
  const auto high = static_cast<std::uint32_t>(code) << 16;
  return static_cast<Word>(static_cast<std::uint32_t>(word) | high);
}

template <class Code>
void check_range(const CodeView& view, const Code* codes, std::size_t first, std::size_t columns,
                 const IntegerFormat& format) {
  if (std::numeric_limits<Code>::min() >= format.min() &&
      std::numeric_limits<Code>::max() <= format.max()) {
    return;
  }
  Code low = 0, high = 0;
  const auto look = [&](std::size_t at) {
    low = std::min(low, codes[at]);
    high = std::max(high, codes[at]);
  };
  for (std::size_t k = 0; k < view.length; ++k) {
    const std::size_t at = first * view.vector_stride + k * view.step_stride;
    for (std::size_t c = 0; c < columns; ++c) look(at + c * view.vector_stride);
  }
  BITSCALE_INVARIANT(low >= format.min() && high <= format.max(),
                     "activation codes reach from " + std::to_string(low) + " to " +
                         std::to_string(high) + ", the declared format from " +
                         std::to_string(format.min()) + " to " + std::to_string(format.max()));
}

/// Lines are filled a few at a time, so that transposing stays in the first-level cache.
constexpr std::size_t kBlockWords = 32;

/// Words [first_word, first_word + kBlockWords) of a chunk, as far as it has them. `code_at` tells
/// the code of a step.
template <class Word, class Code, class CodeAt>
void fill_block(const CodeView& view, const Code* codes, std::size_t columns,
                const PackedChunk& chunk, std::size_t first_word, std::size_t codes_per_word,
                const CodeAt& code_at, PanelLine<Word>* lines) {
  const std::size_t last_word = std::min(first_word + kBlockWords, chunk.words);
  const std::size_t vs = view.vector_stride, ss = view.step_stride;
  const auto fill = [&](std::size_t word, std::size_t c) {
    const std::size_t k = chunk.begin + word * codes_per_word;
    const Code* column = codes + c * vs;
    Word value = word_of<Word>(column[code_at(k) * ss]);
    if constexpr (std::is_same_v<Word, std::int32_t>) {
      if (codes_per_word == 2 && k + 1 < chunk.end) {
        value = add_second(value, column[code_at(k + 1) * ss]);
      }
    }
    lines[chunk.first_word + word].words[c] = value;
  };
  if (vs == 1) {
    for (std::size_t word = first_word; word < last_word; ++word) {
      for (std::size_t c = 0; c < columns; ++c) fill(word, c);
    }
    return;
  }
  for (std::size_t c = 0; c < columns; ++c) {
    for (std::size_t word = first_word; word < last_word; ++word) fill(word, c);
  }
}

}  // namespace

std::vector<PackedChunk> pack_chunks(std::size_t length, const ReductionOrder& order,
                                     std::size_t codes_per_word) {
  std::vector<PackedChunk> chunks;
  std::size_t first_word = 0;
  for (std::size_t begin = 0; begin < length;) {
    const std::size_t end = order.chunk_end(begin, length);
    const std::size_t words = (end - begin + codes_per_word - 1) / codes_per_word;
    chunks.push_back({begin, end, first_word, words});
    first_word += words;
    begin = end;
  }
  if (chunks.empty()) chunks.push_back({0, 0, 0, 0});
  return chunks;
}

template <class Word>
std::vector<Word> pack_rows(const CodeView& codes, const Packing& packing) {
  const std::size_t stride = packing.words(), per_word = packing.codes_per_word;
  std::vector<Word> words(codes.vectors * stride);
  for (std::size_t v = 0; v < codes.vectors; ++v) {
    for (const PackedChunk& chunk : packing.chunks) {
      for (std::size_t k = chunk.begin; k < chunk.end; ++k) {
        const std::size_t step = k - chunk.begin;
        Word& word = words[v * stride + chunk.first_word + step / per_word];
        const std::int64_t code = codes.at(v, packing.code(k));
        word = step % per_word == 1 ? add_second(word, code) : word_of<Word>(code);
      }
    }
  }
  return words;
}

template <class Word>
void pack_panel(const CodeView& codes, std::size_t first, const Packing& packing,
                const IntegerFormat& format, std::vector<PanelLine<Word>>* panel) {
  const std::size_t columns = std::min(kPanelColumns<Word>, codes.vectors - first);
  panel->resize(packing.words());
  if (columns < kPanelColumns<Word>) std::fill(panel->begin(), panel->end(), PanelLine<Word>{});
  codes.visit([&](const auto* data) {
    check_range(codes, data, first, columns, format);
    const auto fill = [&](const auto& code_at) {
      for (const PackedChunk& chunk : packing.chunks) {
        for (std::size_t word = 0; word < chunk.words; word += kBlockWords) {
          fill_block(codes, data + first * codes.vector_stride, columns, chunk, word,
                     packing.codes_per_word, code_at, panel->data());
        }
      }
    };
    // Stored order has loops of its own: a table would cost them their speed.
    if (packing.steps.empty()) {
      fill([](std::size_t step) { return step; });
    } else {
      fill([&](std::size_t step) { return packing.steps[step]; });
    }
  });
}

template std::vector<std::int32_t> pack_rows(const CodeView&, const Packing&);
template void pack_panel(const CodeView&, std::size_t, const Packing&, const IntegerFormat&,
                         std::vector<PanelLine<std::int32_t>>*);
template std::vector<std::int16_t> pack_rows(const CodeView&, const Packing&);
template void pack_panel(const CodeView&, std::size_t, const Packing&, const IntegerFormat&,
                         std::vector<PanelLine<std::int16_t>>*);
template std::vector<double> pack_rows(const CodeView&, const Packing&);
template void pack_panel(const CodeView&, std::size_t, const Packing&, const IntegerFormat&,
                         std::vector<PanelLine<double>>*);

}  // namespace bitscale::numeric
