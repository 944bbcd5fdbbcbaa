// Products of a stream and of constants from tables, or of table and table: what they are built of.
#pragma once

#include "qfx_number.hpp"

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

}  // namespace qfx
