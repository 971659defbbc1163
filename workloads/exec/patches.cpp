#include "workloads/exec/patches.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"

namespace bitscale::exec {
namespace {

numeric::CodeType code_type_of(const model::Tensor& codes) {
  switch (codes.dtype()) {
    case model::DType::Int8:
      return numeric::CodeType::Int8;
    case model::DType::UInt8:
      return numeric::CodeType::Uint8;
    case model::DType::Int16:
      return numeric::CodeType::Int16;
    case model::DType::UInt16:
      return numeric::CodeType::Uint16;
    default:
      throw base::InternalError("codes stored as " +
                                std::string(model::kDTypeNames.name(codes.dtype())));
  }
}

bool is_pointwise(const model::Layer& layer) {
  return layer.kernel_height == 1 && layer.kernel_width == 1 && layer.stride_height == 1 &&
         layer.stride_width == 1 && !has_padding(layer);
}

/// Output columns whose input column lies inside the image, for kernel column kx: [first, last).
struct Span {
  std::int64_t first, last;
};

Span valid_span(std::int64_t outputs, std::int64_t inputs, std::int64_t stride,
                std::int64_t offset) {
  const std::int64_t first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const std::int64_t room = inputs - offset;  // the input index must stay below `inputs`
  const std::int64_t last = room <= 0 ? 0 : (room + stride - 1) / stride;
  return {std::min(first, outputs), std::clamp(last, std::min(first, outputs), outputs)};
}

/// One row of the patch matrix: channel image `image`, kernel position (ky, kx).
template <class T>
void fill_row(const model::Layer& layer, const T* image, std::int64_t ky, std::int64_t kx, T pad,
              T* row) {
  const std::int64_t column = kx * layer.dilation_width - layer.pad_left;
  const Span span = valid_span(layer.out_width, layer.in_width, layer.stride_width, column);
  for (std::int64_t y = 0; y < layer.out_height; ++y, row += layer.out_width) {
    const std::int64_t in_y = y * layer.stride_height + ky * layer.dilation_height - layer.pad_top;
    if (in_y < 0 || in_y >= layer.in_height) {
      std::fill_n(row, layer.out_width, pad);
      continue;
    }
    const T* line = image + in_y * layer.in_width + column;
    std::fill_n(row, span.first, pad);
    if (layer.stride_width == 1) {
      std::copy(line + span.first, line + span.last, row + span.first);
    } else {
      for (std::int64_t x = span.first; x < span.last; ++x) row[x] = line[x * layer.stride_width];
    }
    std::fill(row + span.last, row + layer.out_width, pad);
  }
}

template <class T>
void fill_patches(const model::Layer& layer, const T* images, std::int64_t channels, T pad,
                  T* rows) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const T* image = images + c * layer.in_height * layer.in_width;
    for (std::int64_t ky = 0; ky < layer.kernel_height; ++ky) {
      for (std::int64_t kx = 0; kx < layer.kernel_width; ++kx, rows += layer.out_pixels()) {
        fill_row(layer, image, ky, kx, pad, rows);
      }
    }
  }
}

}  // namespace

numeric::CodeView code_view(const model::Tensor& codes, std::int64_t offset, std::size_t vectors,
                            std::size_t length, std::size_t vector_stride,
                            std::size_t step_stride) {
  const auto bytes = static_cast<std::int64_t>(model::element_bytes(codes.dtype()));
  return {codes.bytes() + offset * bytes,
          code_type_of(codes),
          vectors,
          length,
          vector_stride,
          step_stride};
}

Patches::Patches(const model::Layer& layer, model::ActLayout layout, const model::Tensor& acts,
                 std::int64_t group, std::int64_t pad_code) {
  const auto pixels = static_cast<std::size_t>(layer.out_pixels());
  const auto length = static_cast<std::size_t>(layer.reduction());
  const std::int64_t channels = layer.in_channels / layer.groups;
  const std::int64_t offset = group * channels * layer.in_height * layer.in_width;
  if (layout == model::ActLayout::ChannelsLast) {
    BITSCALE_INVARIANT(is_pointwise(layer), "a window over rows of channels");
    view_ = code_view(acts, offset, pixels, length, length, 1);
    return;
  }
  if (is_pointwise(layer)) {
    view_ = code_view(acts, offset, pixels, length, 1, pixels);
    return;
  }
  view_ = code_view(acts, offset, pixels, length, 1, pixels);
  storage_.resize(pixels * length * model::element_bytes(acts.dtype()));
  view_.visit([&](const auto* images) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(images)>>;
    fill_patches(layer, images, channels, static_cast<T>(pad_code),
                 reinterpret_cast<T*>(storage_.data()));
  });
  view_.data = storage_.data();
}

bool has_padding(const model::Layer& layer) {
  return layer.pad_top > 0 || layer.pad_bottom > 0 || layer.pad_left > 0 || layer.pad_right > 0;
}

std::vector<std::uint8_t> window_mask(const model::Layer& layer) {
  const auto pixels = static_cast<std::size_t>(layer.out_pixels());
  const auto window = static_cast<std::size_t>(layer.kernel_height * layer.kernel_width);
  const std::vector<std::uint8_t> image(static_cast<std::size_t>(layer.in_height * layer.in_width),
                                        1);
  std::vector<std::uint8_t> mask(pixels * window);
  fill_patches<std::uint8_t>(layer, image.data(), 1, 0, mask.data());
  return mask;
}

}  // namespace bitscale::exec
