// exp(x) / sum of exp(x) over the COUNT elements of a frame, by tables of exponentials and of reciprocals.
#pragma once

#include "qfx_products.hpp"
#include "qfx_stream.hpp"

namespace qfx {

// How many LSB the largest element lies above x.
template <class X>
int distance(X largest, X x) {
#pragma HLS INLINE
  const ap_int<X::width + 1> from = largest.range(X::width - 1, 0).to_uint64(), to = x.range(X::width - 1, 0).to_uint64();
  const ap_uint<X::width> gap = from - to;  // exact modulo 2**width, since it is not negative
  return gap.to_int();
}

template <int COUNT, class X>
void softmax_hold(Stream<X, 1>& input, X (&held)[COUNT], X& largest) {
  X most = 0;
  for (int place = 0; place < COUNT; ++place) {
#pragma HLS PIPELINE II=1 style=flp
    const X x = input.read().lane[0];
    if (place == 0 || x > most) most = x;
    held[place] = x;
  }
  largest = most;
}

// The tables hold the stored bits of Exp and of Reciprocal.  DROPPED are the bits of a Sum from 1 to 2 that do not
// count in its reciprocal; the sum is brought there by shifting, and the reciprocal shifted down instead.  Products says
// how an Exp is multiplied.
template <class Products, class Exp, class Reciprocal, class Sum, int DROPPED, int COUNT, class X, class Y, class ExpBits,
          int ENTRIES, class ReciprocalBits, int STEPS>
void softmax_scale(const X (&held)[COUNT], const X& largest, Stream<Y, 1>& output,
                   const ExpBits (&exponentials)[ENTRIES], const ReciprocalBits (&reciprocals)[STEPS]) {
  Sum sum = 0;
  for (int place = 0; place < COUNT; ++place) {
#pragma HLS PIPELINE II=1 style=flp
    sum += from_bits<Exp>(exponentials[distance(largest, held[place])]);
  }
  int octave = 0;
  for (int k = 1; k < Sum::iwidth; ++k) {
#pragma HLS UNROLL
    if (sum >= (1 << k)) octave = k;
  }
  const ap_uint<Sum::width> bits = sum.range(Sum::width - 1, 0);
  const int step = ap_uint<Sum::width>(bits >> (DROPPED + octave)).to_int() - STEPS;
  const Reciprocal factor = from_bits<Reciprocal>(reciprocals[step]) >> octave;
  for (int place = 0; place < COUNT; ++place) {
#pragma HLS PIPELINE II=1 style=flp
    Beat<Y, 1> result;
    result.lane[0] = Products::product(factor, exponentials[distance(largest, held[place])]);
    output.write(result);
  }
}

// Two tasks, so that a frame enters while the one before it is read twice.
template <class Products, class Exp, class Reciprocal, class Sum, int DROPPED, int COUNT, class X, class Y, class ExpBits,
          int ENTRIES, class ReciprocalBits, int STEPS>
void softmax(Stream<X, 1>& input, Stream<Y, 1>& output, const ExpBits (&exponentials)[ENTRIES],
             const ReciprocalBits (&reciprocals)[STEPS]) {
#pragma HLS DATAFLOW
  X held[COUNT];
  X largest;
  softmax_hold<COUNT>(input, held, largest);
  softmax_scale<Products, Exp, Reciprocal, Sum, DROPPED, COUNT>(held, largest, output, exponentials, reciprocals);
}

}  // namespace qfx
