// A uniform quantizer and its exact rounding, as ONNX and QONNX define them.
//
//   QuantizeLinear (ONNX):  code = clamp(round(x / scale) + zero_point)
//   Quant (QONNX):          code = round(clamp(x / scale + zero_point))
//   BipolarQuant (QONNX):   code = x ≥ 0 ? 1 : 0, value = ±scale; likewise Quant of one signed bit
// and back, value = (code − zero_point) · scale. NaN quantizes as 0 does.
#ifndef BITSCALE_WORKLOADS_MODEL_QUANTIZER_H_
#define BITSCALE_WORKLOADS_MODEL_QUANTIZER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "arch/numeric/encoding.h"
#include "arch/numeric/precision.h"

namespace bitscale::model {

/// HalfEven is "ROUND" of QONNX and the rounding of every ONNX operator.
enum class Rounding { HalfEven, HalfUp, HalfDown, Up, Down, Ceil, Floor };

/// QONNX spellings; "ROUND_TO_ZERO" and "HALF_EVEN" are synonyms the reader accepts.
inline const base::NameTable<Rounding> kRoundingNames = {
    {Rounding::HalfEven, "round"}, {Rounding::HalfUp, "half_up"}, {Rounding::HalfDown, "half_down"},
    {Rounding::Up, "up"},          {Rounding::Down, "down"},      {Rounding::Ceil, "ceil"},
    {Rounding::Floor, "floor"}};

/// Half*: nearest, ties to even, away from zero, toward zero. Up/Down: away from and toward zero.
double round_as(double x, Rounding rounding);

struct Quantizer {
  numeric::IntegerFormat format;  ///< 1–32 bits
  bool narrow = false;            ///< drops the lowest signed or the highest unsigned code (QONNX)
  bool bipolar = false;           ///< two levels ±scale, codes 0 and 1; format is 1 unsigned bit
  Rounding rounding = Rounding::HalfEven;
  /// Zero point and range before rounding (Quant) or after it (QuantizeLinear); they differ at ties
  /// when the zero point is odd.
  bool clamp_first = false;
  /// x / scale and the sums that follow in float32, as ONNX's own operators do; else in double.
  bool single_precision = false;
  /// One value, or one per index of `axis`. Scales are positive and finite.
  std::vector<double> scales = {1.0};
  std::vector<std::int64_t> zero_points = {0};
  int axis = 0;

  std::int64_t low() const;   ///< smallest code
  std::int64_t high() const;  ///< largest code
  double scale(std::int64_t index) const {
    return scales[scales.size() == 1 ? 0 : static_cast<std::size_t>(index)];
  }
  std::int64_t zero_point(std::int64_t index) const {
    return zero_points[zero_points.size() == 1 ? 0 : static_cast<std::size_t>(index)];
  }
  bool per_tensor() const { return scales.size() == 1 && zero_points.size() == 1; }

  /// Code of `x` under the scale of channel `index`.
  std::int64_t code(double x, std::int64_t index = 0) const;
  /// Value of a code.
  double value(std::int64_t code, std::int64_t index = 0) const;
  double fake_quantize(double x, std::int64_t index = 0) const {
    return value(code(x, index), index);
  }

  /// How the codes of channel `index` are stored: TwosComplement without zero point, Affine with
  /// one (signed codes move up by half their range, see stored_offset()), Bipolar.
  numeric::OperandEncoding encoding(std::int64_t index = 0) const;
  /// Stored code = code + stored_offset(): 2^(bits−1) for signed codes with a zero point, else 0.
  std::int64_t stored_offset() const;

  /// Why this quantizer is illegal, or "".
  std::string problem() const;
};

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_QUANTIZER_H_
