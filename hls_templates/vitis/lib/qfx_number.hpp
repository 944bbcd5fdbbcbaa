// Constants are tables of plain integers, the stored bits of fixed-point numbers: g++ takes minutes over
// thousands of ap_fixed constructors, and none of them would say more.
#pragma once

#include "ap_fixed.h"

namespace qfx {

template <class T>
T from_bits(long long integer) {
#pragma HLS INLINE
  T value;
  value.range(T::width - 1, 0) = ap_int<T::width>(integer);
  return value;
}

// The stored integer, in a bit more than it has, so that it has a negative.
template <class T>
ap_int<T::width + 1> to_integer(T value) {
#pragma HLS INLINE
  const ap_fixed<T::width + 1, T::iwidth + 1> wide = value;
  ap_int<T::width + 1> integer;
  integer.range(T::width, 0) = wide.range(T::width, 0);
  return integer;
}

}  // namespace qfx
