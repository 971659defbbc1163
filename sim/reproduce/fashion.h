// Fashion-MNIST's test images (Xiao et al., arXiv 1708.07747; MIT), from Debian's package, for the
// studies that need accuracy.
#ifndef BITSCALE_SIM_REPRODUCE_FASHION_H_
#define BITSCALE_SIM_REPRODUCE_FASHION_H_

#include <cstdint>

#include "workloads/model/tensor.h"

namespace bitscale::reproduce {

struct FashionImages {
  model::Tensor pixels;  ///< float32 [n, 1, 28, 28], byte / 255
  model::Tensor bytes;   ///< uint8, the same images
  model::Tensor labels;  ///< int64 [n]
};

/// Whether the images can be read here.
bool fashion_installed();
/// The first `count` test images, or training images. Throws UserError that names the package when
/// they are not installed.
FashionImages fashion_images(bool training, std::int64_t count);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_FASHION_H_
