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
    for (int lane = 0; lane < LANES; ++lane) {
      if ((beat == 0 && lane == 0) || in.lane[lane] > largest) {
        largest = in.lane[lane];
        result.lane[0] = first + lane;
      }
    }
    first += LANES;
    if (beat == BEATS - 1) output.write(result);
  }
}

}  // namespace qfx
