// Two streams as one: of each pixel FIRST beats of the one, then SECOND of the other.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int PIXELS, int FIRST, int SECOND, class A, class B, class Y, int LANES>
void concat(Stream<A, LANES>& first, Stream<B, LANES>& second, Stream<Y, LANES>& output) {
  for (int pixel = 0; pixel < PIXELS; ++pixel) {
    for (int place = 0; place < FIRST + SECOND; ++place) {
#pragma HLS PIPELINE II=1 style=flp
      Beat<Y, LANES> result;
      if (place < FIRST) {
        const Beat<A, LANES> beat = first.read();
        for (int lane = 0; lane < LANES; ++lane) result.lane[lane] = beat.lane[lane];
      } else {
        const Beat<B, LANES> beat = second.read();
        for (int lane = 0; lane < LANES; ++lane) result.lane[lane] = beat.lane[lane];
      }
      output.write(result);
    }
  }
}

}  // namespace qfx
