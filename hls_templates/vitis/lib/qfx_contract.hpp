// Matrix-vector product, folded: PE outputs at a time, SIMD inputs a cycle.
#pragma once

#include "qfx_number.hpp"
#include "qfx_stream.hpp"

namespace qfx {

// Products by a multiplier; a weight is the stored bits of W.
template <class W, bool USE_DSP>
struct Multiply {
  template <class X, class Bits>
  static decltype(X() * W()) product(X x, const Bits& bits) {
#pragma HLS INLINE
    const W w = from_bits<W>(bits);
    if (USE_DSP) {
      const decltype(X() * W()) product = x * w;
#pragma HLS BIND_OP variable=product op=mul impl=dsp
      return product;
    } else {
      const decltype(X() * W()) product = x * w;
#pragma HLS BIND_OP variable=product op=mul impl=fabric
      return product;
    }
  }
};

// Products without a multiplier; a weight is a sum of signed powers of two, in LSB of W.  A term has SHIFT_BITS of its
// exponent; above them, where HAS_SIGNS, a bit that takes the negative of x; and then, where HAS_GAPS, a bit without
// which the term is absent.  Terms wrap at the width of the product, which is exact when the product fits.
template <class W, int SHIFT_BITS, bool HAS_SIGNS, bool HAS_GAPS>
struct ShiftAdd {
  template <class X, int TERMS>
  static decltype(X() * W()) product(X x, const unsigned char (&terms)[TERMS]) {
#pragma HLS INLINE
    typedef decltype(X() * W()) Product;
    const ap_int<Product::width> positive = to_integer(x), negative = -to_integer(x);
    ap_int<Product::width> total = 0;
    for (int t = 0; t < TERMS; ++t) {
#pragma HLS UNROLL
      const ap_uint<SHIFT_BITS + 2> term = terms[t];
      const ap_uint<SHIFT_BITS + 1> shift = term & ((1 << SHIFT_BITS) - 1);
      const bool subtracted = HAS_SIGNS && term[SHIFT_BITS];
      const bool present = !HAS_GAPS || term[SHIFT_BITS + (HAS_SIGNS ? 1 : 0)];
      const ap_int<Product::width> shifted = (subtracted ? negative : positive) << shift;
      if (present) total += shifted;
    }
    Product product;
    product.range(Product::width - 1, 0) = total;
    return product;
  }
};

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
#pragma HLS PIPELINE II=1
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
