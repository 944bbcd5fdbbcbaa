// What the kernel says of itself over AXI4-Lite.
#pragma once

#include "ap_int.h"
#include "qfx_ports.hpp"

namespace qfx {

using Register = ap_uint<32>;

// Which kernel this is, of which graph.
template <unsigned ID, unsigned VERSION, unsigned FEATURES, unsigned H0, unsigned H1, unsigned H2, unsigned H3, unsigned H4,
          unsigned H5, unsigned H6, unsigned H7>
void identify(Register& id, Register& version, Register& features, Register& h0, Register& h1, Register& h2, Register& h3,
              Register& h4, Register& h5, Register& h6, Register& h7) {
  id = ID;
  version = VERSION;
  features = FEATURES;
  h0 = H0;
  h1 = H1;
  h2 = H2;
  h3 = H3;
  h4 = H4;
  h5 = H5;
  h6 = H6;
  h7 = H7;
}

// An output that counts the frames that have left by it.
template <int ELEMENTS, int ELEMENT_BITS, int BITS, bool SIGNED, class T, int LANES, class Axis>
void write_counting(Stream<T, LANES>& input, hls::stream<Axis>& port, Register& frames) {
  static Register count = 0;
#pragma HLS RESET variable=count
  write_port<ELEMENTS, ELEMENT_BITS, BITS, SIGNED>(input, port);
  count += 1;
  frames = count;
}

}  // namespace qfx
