// only_cast: 3 elements in, 3 out, one frame a call.
#pragma once

#include "ap_fixed.h"
#include "qfx_registers.hpp"

namespace only_cast_types {
using InputWord = ap_axiu<64, 0, 0, 0>;
using OutputWord = ap_axiu<64, 0, 0, 0>;
constexpr int INPUT_BEATS = 1, OUTPUT_BEATS = 1;
constexpr int INPUT_BITS = 64, OUTPUT_BITS = 64;
}  // namespace only_cast_types

void only_cast(hls::stream<only_cast_types::InputWord>& s_axis, hls::stream<only_cast_types::OutputWord>& m_axis, qfx::Register& qfx_id, qfx::Register& qfx_version, qfx::Register& qfx_features, qfx::Register& qfx_frames, qfx::Register& qfx_graph_sha256_0, qfx::Register& qfx_graph_sha256_1, qfx::Register& qfx_graph_sha256_2, qfx::Register& qfx_graph_sha256_3, qfx::Register& qfx_graph_sha256_4, qfx::Register& qfx_graph_sha256_5, qfx::Register& qfx_graph_sha256_6, qfx::Register& qfx_graph_sha256_7);
