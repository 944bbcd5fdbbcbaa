// Every pixel SCALE_W times and every row SCALE_H times: the nearest neighbour on a finer grid.
//
// A pixel is BEATS beats.  While one row leaves, the next one comes in; neither waits for the other.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int HEIGHT, int WIDTH, int SCALE_H, int SCALE_W, int BEATS, class T, int LANES>
void repeat(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  constexpr int ROW = WIDTH * BEATS, SENT = SCALE_H * SCALE_W * ROW;  // beats of one row in, and out
  Beat<T, LANES> memory[2][ROW];
  for (int row = -1; row < HEIGHT; ++row) {  // -1: nothing leaves yet
    const int received = row == HEIGHT - 1 ? 0 : ROW, sent = row < 0 ? 0 : SENT;
    int pixel = 0, copy = 0, part = 0, taken = 0, step = 0;
    while (taken < received || step < sent) {
#pragma HLS PIPELINE II=1 style=flp
#pragma HLS DEPENDENCE variable=memory type=inter dependent=false
      if (taken < received && !input.empty()) memory[(row + 1) % 2][taken++] = input.read();
      if (step < sent && !output.full()) {
        output.write(memory[row % 2][pixel + part]);
        if (++part == BEATS) part = 0, ++copy;
        if (copy == SCALE_W) copy = 0, pixel += BEATS;
        if (pixel == ROW) pixel = 0;
        ++step;
      }
    }
  }
}

}  // namespace qfx
