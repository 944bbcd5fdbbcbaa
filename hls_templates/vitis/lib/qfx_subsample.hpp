// The columns that a stride meets, from the first on; the others are taken and dropped.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int ROWS, int WIDTH, int STRIDE, int BEATS, class T, int LANES>
void subsample(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  for (int row = 0; row < ROWS; ++row) {
    for (int column = 0; column < WIDTH; ++column) {
      for (int beat = 0; beat < BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
        const Beat<T, LANES> pixel = input.read();
        if (column % STRIDE == 0) output.write(pixel);
      }
    }
  }
}

}  // namespace qfx
