// Matrix-vector product, folded: PE outputs at a time, SIMD inputs a cycle.
#pragma once

#include "qfx_products.hpp"
#include "qfx_stream.hpp"

namespace qfx {

// Products says what a weight is and how it is multiplied by.  The sum wraps at its width, which is exact when the
// whole sum fits.  Rows whose weights end in zeros have those stripped in the table; their sums are shifted up again.
template <class Products, int VECTORS, class X, class Sum, class Weight, int GROUPS, int OUT_BEATS, int IN_BEATS, int PE,
          int SIMD>
void contract(Stream<X, SIMD>& input, Stream<Sum, PE>& output,
              const Weight (&weights)[GROUPS][OUT_BEATS][IN_BEATS][PE][SIMD],
              const unsigned char (&shifts)[GROUPS][OUT_BEATS][PE]) {
  X vector[IN_BEATS][SIMD];
#pragma HLS ARRAY_PARTITION variable=vector dim=2 type=complete
  Sum sums[PE];
#pragma HLS ARRAY_PARTITION variable=sums type=complete
  for (int count = 0; count < VECTORS; ++count) {
    for (int group = 0; group < GROUPS; ++group) {
      for (int fold = 0; fold < OUT_BEATS; ++fold) {
        for (int step = 0; step < IN_BEATS; ++step) {
#pragma HLS PIPELINE II=1 style=flp
          if (fold == 0) {
            const Beat<X, SIMD> beat = input.read();
            for (int s = 0; s < SIMD; ++s) vector[step][s] = beat.lane[s];
          }
          Beat<Sum, PE> result;
          for (int p = 0; p < PE; ++p) {
            Sum sum = step == 0 ? Sum(0) : sums[p];
            for (int s = 0; s < SIMD; ++s) sum += Products::product(vector[step][s], weights[group][fold][step][p][s]);
            sums[p] = sum;
            result.lane[p] = sum << shifts[group][fold][p];
          }
          if (step == IN_BEATS - 1) output.write(result);
        }
      }
    }
  }
}

template <class Products, int VECTORS, class X, class Sum, class Weight, int GROUPS, int OUT_BEATS, int IN_BEATS, int PE,
          int SIMD>
void contract(Stream<X, SIMD>& input, Stream<Sum, PE>& output,
              const Weight (&weights)[GROUPS][OUT_BEATS][IN_BEATS][PE][SIMD]) {
#pragma HLS INLINE
  static const unsigned char none[GROUPS][OUT_BEATS][PE] = {};
  contract<Products, VECTORS>(input, output, weights, none);
}

}  // namespace qfx
