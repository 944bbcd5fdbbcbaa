// Two streams as one, lane by lane: their sum, difference, product, maximum or minimum, all exact.
#pragma once

#include "qfx_products.hpp"
#include "qfx_stream.hpp"

namespace qfx {

struct Sum {
  template <class A, class B>
  static decltype(A() + B()) of(A a, B b) {
#pragma HLS INLINE
    return a + b;
  }
};

struct Difference {
  template <class A, class B>
  static decltype(A() - B()) of(A a, B b) {
#pragma HLS INLINE
    return a - b;
  }
};

// Of a type that holds either.
struct Maximum {
  template <class A, class B>
  static decltype(A() + B()) of(A a, B b) {
#pragma HLS INLINE
    typedef decltype(A() + B()) Either;
    return a < b ? Either(b) : Either(a);
  }
};

struct Minimum {
  template <class A, class B>
  static decltype(A() + B()) of(A a, B b) {
#pragma HLS INLINE
    typedef decltype(A() + B()) Either;
    return b < a ? Either(b) : Either(a);
  }
};

// Products says how the stored bits of the second number are multiplied.
template <class Products>
struct Product {
  template <class A, class B>
  static decltype(A() * B()) of(A a, B b) {
#pragma HLS INLINE
    const long long bits = b.range(B::width - 1, 0).to_int64();
    return Products::product(a, bits);
  }
};

template <int BEATS, class Operation, class A, class B, class Y, int LANES>
void merge(Stream<A, LANES>& first, Stream<B, LANES>& second, Stream<Y, LANES>& output) {
  for (int i = 0; i < BEATS; ++i) {
#pragma HLS PIPELINE II=1 style=flp
    const Beat<A, LANES> a = first.read();
    const Beat<B, LANES> b = second.read();
    Beat<Y, LANES> result;
    for (int lane = 0; lane < LANES; ++lane) result.lane[lane] = Operation::of(a.lane[lane], b.lane[lane]);
    output.write(result);
  }
}

}  // namespace qfx
