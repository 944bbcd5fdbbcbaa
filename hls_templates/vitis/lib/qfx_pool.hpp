// The largest of TAPS beats, lane by lane: one beat out for a patch that a window sends.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int PATCHES, int TAPS, class T, int LANES>
void pool(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  Beat<T, LANES> largest;
  for (int patch = 0; patch < PATCHES; ++patch) {
    for (int tap = 0; tap < TAPS; ++tap) {
#pragma HLS PIPELINE II=1 style=flp
      const Beat<T, LANES> beat = input.read();
      for (int lane = 0; lane < LANES; ++lane) {
        if (tap == 0 || beat.lane[lane] > largest.lane[lane]) largest.lane[lane] = beat.lane[lane];
      }
      if (tap == TAPS - 1) output.write(largest);
    }
  }
}

}  // namespace qfx
