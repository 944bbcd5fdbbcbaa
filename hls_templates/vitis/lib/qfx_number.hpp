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

}  // namespace qfx
