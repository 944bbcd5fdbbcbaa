// The place of a frame's largest element, the first of equal ones.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int BEATS, class T, int LANES, class Index>
void argmax(Stream<T, LANES>& input, Stream<Index, 1>& output) {
  T largest = 0;
  Beat<Index, 1> result;
  int first = 0;  // of a beat's elements
  for (int beat = 0; beat < BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
    const Beat<T, LANES> in = input.read();
    int best = 0;  // of the beat, found without the ones before: only one comparison waits for the last beat
    for (int lane = 1; lane < LANES; ++lane) {
      if (in.lane[lane] > in.lane[best]) best = lane;
    }
    if (beat == 0 || in.lane[best] > largest) {
      largest = in.lane[best];
      result.lane[0] = first + best;
    }
    first += LANES;
    if (beat == BEATS - 1) output.write(result);
  }
}

}  // namespace qfx
