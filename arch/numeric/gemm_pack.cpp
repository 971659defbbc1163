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

template <class Word, class Code>
void fill_block(const CodeView& view, const Code* codes, std::size_t columns,
                const PackedChunk& chunk, std::size_t first_word, std::size_t codes_per_word,
                PanelLine<Word>* lines) {
  const std::size_t last_word = std::min(first_word + kBlockWords, chunk.words);
  const std::size_t vs = view.vector_stride, ss = view.step_stride;
  const auto fill = [&](std::size_t word, std::size_t c) {
    const std::size_t k = chunk.begin + word * codes_per_word;
    const Code* at = codes + c * vs + k * ss;
    Word value = word_of<Word>(*at);
    if constexpr (std::is_same_v<Word, std::int32_t>) {
      if (codes_per_word == 2 && k + 1 < chunk.end) value = add_second(value, at[ss]);
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

std::vector<PackedChunk> pack_chunks(std::size_t length, std::size_t chunk_length,
                                     std::size_t codes_per_word) {
  std::vector<PackedChunk> chunks;
  std::size_t first_word = 0;
  for (std::size_t begin = 0; begin < length; begin += chunk_length) {
    const std::size_t end = std::min(begin + chunk_length, length);
    const std::size_t words = (end - begin + codes_per_word - 1) / codes_per_word;
    chunks.push_back({begin, end, first_word, words});
    first_word += words;
  }
  if (chunks.empty()) chunks.push_back({0, 0, 0, 0});
  return chunks;
}

template <class Word>
std::vector<Word> pack_rows(const CodeView& codes, const std::vector<PackedChunk>& chunks,
                            std::size_t codes_per_word) {
  const std::size_t stride = chunks.back().first_word + chunks.back().words;
  std::vector<Word> words(codes.vectors * stride);
  for (std::size_t v = 0; v < codes.vectors; ++v) {
    for (const PackedChunk& chunk : chunks) {
      for (std::size_t k = chunk.begin; k < chunk.end; ++k) {
        const std::size_t step = k - chunk.begin;
        Word& word = words[v * stride + chunk.first_word + step / codes_per_word];
        const bool second = step % codes_per_word == 1;
        word = second ? add_second(word, codes.at(v, k)) : word_of<Word>(codes.at(v, k));
      }
    }
  }
  return words;
}

template <class Word>
void pack_panel(const CodeView& codes, std::size_t first, const std::vector<PackedChunk>& chunks,
                std::size_t codes_per_word, const IntegerFormat& format,
                std::vector<PanelLine<Word>>* panel) {
  const std::size_t columns = std::min(kPanelColumns<Word>, codes.vectors - first);
  panel->resize(chunks.back().first_word + chunks.back().words);
  if (columns < kPanelColumns<Word>) std::fill(panel->begin(), panel->end(), PanelLine<Word>{});
  codes.visit([&](const auto* data) {
    check_range(codes, data, first, columns, format);
    for (const PackedChunk& chunk : chunks) {
      for (std::size_t word = 0; word < chunk.words; word += kBlockWords) {
        fill_block(codes, data + first * codes.vector_stride, columns, chunk, word, codes_per_word,
                   panel->data());
      }
    }
  });
}

template std::vector<std::int32_t> pack_rows(const CodeView&, const std::vector<PackedChunk>&,
                                             std::size_t);
template void pack_panel(const CodeView&, std::size_t, const std::vector<PackedChunk>&, std::size_t,
                         const IntegerFormat&, std::vector<PanelLine<std::int32_t>>*);
template std::vector<std::int16_t> pack_rows(const CodeView&, const std::vector<PackedChunk>&,
                                             std::size_t);
template void pack_panel(const CodeView&, std::size_t, const std::vector<PackedChunk>&, std::size_t,
                         const IntegerFormat&, std::vector<PanelLine<std::int16_t>>*);
template std::vector<double> pack_rows(const CodeView&, const std::vector<PackedChunk>&,
                                       std::size_t);
template void pack_panel(const CodeView&, std::size_t, const std::vector<PackedChunk>&, std::size_t,
                         const IntegerFormat&, std::vector<PanelLine<double>>*);

}  // namespace bitscale::numeric
