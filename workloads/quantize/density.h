// Exact quantization error of a known density: the oracle that fitted scales are held against.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_DENSITY_H_
#define BITSCALE_WORKLOADS_QUANTIZE_DENSITY_H_

#include "arch/base/names.h"
#include "workloads/quantize/scale_search.h"

namespace bitscale::quantize {

/// Symmetric, mean 0, variance 1.
enum class Density { Gaussian, Laplace };
inline const base::NameTable<Density> kDensityNames = {{Density::Gaussian, "gaussian"},
                                                       {Density::Laplace, "laplace"}};

/// E[(x − Q(x))²] for Q = scale · clamp(round(x / scale)) on the codes ±(2^(bits−1) − 1), by
/// Gauss-Legendre quadrature cell by cell. `bits` in 2–16, `scale` > 0.
double expected_mse(Density density, int bits, double scale);

/// The scale with the smallest expected_mse.
ScalePoint optimal_scale(Density density, int bits);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_DENSITY_H_
