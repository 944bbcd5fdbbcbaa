// The sum or the product of two streams, lane by lane; both are exact.
#pragma once

#include "qfx_products.hpp"
#include "qfx_stream.hpp"

namespace qfx {

template <int BEATS, class A, class B, class Y, int LANES>
void add(Stream<A, LANES>& first, Stream<B, LANES>& second, Stream<Y, LANES>& output) {
  for (int i = 0; i < BEATS; ++i) {
#pragma HLS PIPELINE II=1
    const Beat<A, LANES> a = first.read();
    const Beat<B, LANES> b = second.read();
    Beat<Y, LANES> sum;
    for (int lane = 0; lane < LANES; ++lane) sum.lane[lane] = a.lane[lane] + b.lane[lane];
    output.write(sum);
  }
}

// Products says how the stored bits of an element of the second stream are multiplied.
template <int BEATS, class Products, class A, class B, class Y, int LANES>
void multiply(Stream<A, LANES>& first, Stream<B, LANES>& second, Stream<Y, LANES>& output) {
  for (int i = 0; i < BEATS; ++i) {
#pragma HLS PIPELINE II=1
    const Beat<A, LANES> a = first.read();
    const Beat<B, LANES> b = second.read();
    Beat<Y, LANES> product;
    for (int lane = 0; lane < LANES; ++lane) {
      const long long bits = b.lane[lane].range(B::width - 1, 0).to_int64();
      product.lane[lane] = Products::product(a.lane[lane], bits);
    }
    output.write(product);
  }
}

}  // namespace qfx
