// Owns the line buffer: pixels in, patches out, KERNEL_H x KERNEL_W pixels (zeros outside) for each output pixel,
// DILATION_H rows and DILATION_W columns from one to the next.
//
// A pixel is BEATS beats, group by group; a patch leaves group by group, each of its groups row by row.  While the
// patches of one output row leave, the image rows that the next one needs come in.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int GROUPS, int HEIGHT, int WIDTH, int KERNEL_H, int KERNEL_W, int STRIDE_H, int STRIDE_W, int DILATION_H,
          int DILATION_W, int PAD_H, int PAD_W, int OUT_HEIGHT, int OUT_WIDTH, int ROWS, int BEATS, class T, int LANES>
void window(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  constexpr int PART = BEATS / GROUPS, ROW = WIDTH * BEATS, REACH = (KERNEL_H - 1) * DILATION_H + 1;
  constexpr int SENT = OUT_WIDTH * GROUPS * KERNEL_H * KERNEL_W * PART;  // beats of one output row
  Beat<T, LANES> memory[ROWS][ROW];
  Beat<T, LANES> zeros;
  for (int lane = 0; lane < LANES; ++lane) zeros.lane[lane] = 0;
  int row = 0, beat = 0;  // of the image: what comes in next
  for (int out_row = -1; out_row < OUT_HEIGHT; ++out_row) {  // -1: nothing leaves yet
    const int top = out_row * STRIDE_H - PAD_H, needed = top + STRIDE_H + REACH;
    const int until = out_row == OUT_HEIGHT - 1 || needed > HEIGHT ? HEIGHT : needed;  // rows held after this one
    const int received = (until - row) * ROW, sent = out_row < 0 ? 0 : SENT;
    int column = 0, group = 0, tap_row = 0, tap_column = 0, part = 0;
    for (int step = 0; step < received || step < sent; ++step) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=memory type=inter dependent=false
      if (step < received) {
        memory[row % ROWS][beat] = input.read();
        beat = beat == ROW - 1 ? 0 : beat + 1;
        if (beat == 0) ++row;
      }
      if (step < sent) {
        const int y = top + tap_row * DILATION_H, x = column * STRIDE_W - PAD_W + tap_column * DILATION_W;
        const bool in_image = y >= 0 && y < HEIGHT && x >= 0 && x < WIDTH;
        output.write(in_image ? memory[y % ROWS][x * BEATS + group * PART + part] : zeros);
        if (++part == PART) part = 0, ++tap_column;
        if (tap_column == KERNEL_W) tap_column = 0, ++tap_row;
        if (tap_row == KERNEL_H) tap_row = 0, ++group;
        if (group == GROUPS) group = 0, ++column;
      }
    }
  }
}

}  // namespace qfx
