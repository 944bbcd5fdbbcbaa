// image: 12 elements in, 24 out, one frame a call.
#pragma once

#include "ap_fixed.h"
#include "qfx_ports.hpp"

namespace image_types {
using InputWord = ap_axiu<64, 0, 0, 0>;
using OutputWord = ap_axiu<64, 0, 0, 0>;
constexpr int INPUT_BEATS = 2, OUTPUT_BEATS = 3;
constexpr int INPUT_BITS = 64, OUTPUT_BITS = 64;
}  // namespace image_types

void image(hls::stream<image_types::InputWord>& s_axis, hls::stream<image_types::OutputWord>& m_axis);
