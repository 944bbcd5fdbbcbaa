// image: 12 elements in, 24 out, one frame a call.
#pragma once

#include "ap_fixed.h"
#include "qfx_registers.hpp"

namespace image_types {
using InputWord = ap_axiu<64, 0, 0, 0>;
using OutputWord = ap_axiu<64, 0, 0, 0>;
constexpr int INPUT_BEATS = 2, OUTPUT_BEATS = 3;
constexpr int INPUT_BITS = 64, OUTPUT_BITS = 64;
}  // namespace image_types

void image(hls::stream<image_types::InputWord>& s_axis, hls::stream<image_types::OutputWord>& m_axis, qfx::Register& qfx_id, qfx::Register& qfx_version, qfx::Register& qfx_features, qfx::Register& qfx_frames, qfx::Register& qfx_graph_sha256_0, qfx::Register& qfx_graph_sha256_1, qfx::Register& qfx_graph_sha256_2, qfx::Register& qfx_graph_sha256_3, qfx::Register& qfx_graph_sha256_4, qfx::Register& qfx_graph_sha256_5, qfx::Register& qfx_graph_sha256_6, qfx::Register& qfx_graph_sha256_7);
