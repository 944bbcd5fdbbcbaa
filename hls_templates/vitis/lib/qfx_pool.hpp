// The largest of each patch that a line buffer sends, lane by lane: its taps come in BEATS beats.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int PATCHES, int BEATS, class T, int IN_LANES, int LANES>
void pool(Stream<T, IN_LANES>& input, Stream<T, LANES>& output) {
  Beat<T, LANES> largest;
  for (int patch = 0; patch < PATCHES; ++patch) {
    for (int beat = 0; beat < BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
      const Beat<T, IN_LANES> taps = input.read();
      for (int lane = 0; lane < LANES; ++lane) {
        T most = taps.lane[lane];
        for (int tap = 1; tap < IN_LANES / LANES; ++tap)
          if (taps.lane[tap * LANES + lane] > most) most = taps.lane[tap * LANES + lane];
        if (beat == 0 || most > largest.lane[lane]) largest.lane[lane] = most;
      }
      if (beat == BEATS - 1) output.write(largest);
    }
  }
}

}  // namespace qfx
