// The same beats on two streams.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int BEATS, class T, int LANES>
void fork(Stream<T, LANES>& input, Stream<T, LANES>& first, Stream<T, LANES>& second) {
  for (int i = 0; i < BEATS; ++i) {
#pragma HLS PIPELINE II=1 style=flp
    const Beat<T, LANES> beat = input.read();
    first.write(beat);
    second.write(beat);
  }
}

}  // namespace qfx
