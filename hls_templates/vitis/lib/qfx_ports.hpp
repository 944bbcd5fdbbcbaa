// The ends of the design: elements in 8, 16 or 32 bits of an AXI4-Stream word.
#pragma once

#include "ap_axi_sdata.h"
#include "ap_int.h"
#include "qfx_stream.hpp"

namespace qfx {

template <int BEATS, int ELEMENT_BITS, int BITS, class Axis, class T, int LANES>
void read_port(hls::stream<Axis>& port, Stream<T, LANES>& output) {
  for (int beat = 0; beat < BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
    const Axis word = port.read();
    Beat<T, LANES> elements;
    for (int lane = 0; lane < LANES; ++lane) {
      elements.lane[lane].range(BITS - 1, 0) = word.data.range(lane * ELEMENT_BITS + BITS - 1, lane * ELEMENT_BITS);
    }
    output.write(elements);
  }
}

template <int ELEMENTS, int ELEMENT_BITS, int BITS, bool SIGNED, class T, int LANES, class Axis>
void write_port(Stream<T, LANES>& input, hls::stream<Axis>& port) {
  constexpr int BEATS = (ELEMENTS + LANES - 1) / LANES, BYTES = ELEMENT_BITS / 8;
  int first = 0;  // of a beat's elements
  for (int beat = 0; beat < BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
    const Beat<T, LANES> elements = input.read();
    Axis word;
    word.data = 0;
    word.keep = 0;
    word.strb = 0;
    for (int lane = 0; lane < LANES; ++lane) {
      if (first + lane < ELEMENTS) {
        const ap_uint<BITS> raw = elements.lane[lane].range(BITS - 1, 0);
        ap_int<ELEMENT_BITS> wide = raw;
        if (SIGNED) wide = ap_int<BITS>(raw);
        word.data.range((lane + 1) * ELEMENT_BITS - 1, lane * ELEMENT_BITS) = wide;
        for (int byte = lane * BYTES; byte < (lane + 1) * BYTES; ++byte) word.keep[byte] = word.strb[byte] = 1;
      }
    }
    first += LANES;
    word.last = beat == BEATS - 1;
    port.write(word);
  }
}

}  // namespace qfx
