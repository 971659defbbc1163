// The node tests of ONNX in the reference data that quantized operators must pass bit for bit.
#ifndef BITSCALE_TESTS_SUPPORT_ONNX_NODE_TESTS_H_
#define BITSCALE_TESTS_SUPPORT_ONNX_NODE_TESTS_H_

namespace bitscale::testing {

inline constexpr const char* kOnnxNodeTests[] = {
    "test_basic_convinteger",
    "test_convinteger_with_padding",
    "test_convinteger_without_padding",
    "test_dequantizelinear",
    "test_dequantizelinear_axis",
    "test_dynamicquantizelinear",
    "test_matmulinteger",
    "test_qlinearconv",
    "test_qlinearmatmul_2D",
    "test_qlinearmatmul_3D",
    "test_quantizelinear",
    "test_quantizelinear_axis",
};

}  // namespace bitscale::testing

#endif  // BITSCALE_TESTS_SUPPORT_ONNX_NODE_TESTS_H_
