// The largest of each channel of an image: the last pixel's beats leave.  What is held is registers, since a beat is read
// and written again in one cycle.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int PIXELS, int BEATS, class T, int LANES>
void peak(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  Beat<T, LANES> held[BEATS];
#pragma HLS ARRAY_PARTITION variable=held type=complete
  for (int pixel = 0; pixel < PIXELS; ++pixel) {
    for (int beat = 0; beat < BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
      const Beat<T, LANES> in = input.read();
      Beat<T, LANES> largest = held[beat];
      for (int lane = 0; lane < LANES; ++lane) {
        if (pixel == 0 || in.lane[lane] > largest.lane[lane]) largest.lane[lane] = in.lane[lane];
      }
      held[beat] = largest;
      if (pixel == PIXELS - 1) output.write(largest);
    }
  }
}

}  // namespace qfx
