// Sums of products of each channel for itself: CHANNELS channels a beat, some taps of each, some results of each.
#pragma once

#include "qfx_products.hpp"
#include "qfx_stream.hpp"

namespace qfx {

// Weights, sums and shifts are as a contraction has them, with a channel's taps of a beat as input lanes.  In a beat of
// the input, all channels of a tap stand before those of the next; in a beat of the output, all results of a channel.
template <class Products, int PIXELS, int CHANNELS, class X, class Sum, class Weight, int BLOCKS, int IN_BEATS, int PE,
          int TAPS, int LANES>
void depthwise(Stream<X, LANES>& input, Stream<Sum, PE>& output,
               const Weight (&weights)[BLOCKS][1][IN_BEATS][PE][TAPS],
               const unsigned char (&shifts)[BLOCKS][1][PE]) {
  static_assert(LANES == TAPS * CHANNELS && PE % CHANNELS == 0, "a lane for each tap of each channel");
  Sum sums[PE];
#pragma HLS ARRAY_PARTITION variable=sums type=complete
  for (int pixel = 0; pixel < PIXELS; ++pixel) {
    for (int block = 0; block < BLOCKS; ++block) {
      for (int step = 0; step < IN_BEATS; ++step) {
#pragma HLS PIPELINE II=1 style=flp
        const Beat<X, LANES> beat = input.read();
        Beat<Sum, PE> result;
        for (int p = 0; p < PE; ++p) {
          const int channel = p / (PE / CHANNELS);
          Sum sum = step == 0 ? Sum(0) : sums[p];
          for (int t = 0; t < TAPS; ++t) {
            sum += Products::product(beat.lane[t * CHANNELS + channel], weights[block][0][step][p][t]);
          }
          sums[p] = sum;
          result.lane[p] = sum << shifts[block][0][p];
        }
        if (step == IN_BEATS - 1) output.write(result);
      }
    }
  }
}

template <class Products, int PIXELS, int CHANNELS, class X, class Sum, class Weight, int BLOCKS, int IN_BEATS, int PE,
          int TAPS, int LANES>
void depthwise(Stream<X, LANES>& input, Stream<Sum, PE>& output,
               const Weight (&weights)[BLOCKS][1][IN_BEATS][PE][TAPS]) {
#pragma HLS INLINE
  static const unsigned char none[BLOCKS][1][PE] = {};
  depthwise<Products, PIXELS, CHANNELS>(input, output, weights, none);
}

}  // namespace qfx
