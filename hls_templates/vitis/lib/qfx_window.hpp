// Owns the line buffer: pixels in, patches out, KERNEL_H x KERNEL_W pixels (zeros outside) for each output pixel.
//
// A pixel is BEATS beats, group by group; a patch leaves group by group, each of its groups row by row.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int GROUPS, int HEIGHT, int WIDTH, int KERNEL_H, int KERNEL_W, int STRIDE_H, int STRIDE_W, int PAD_H,
          int PAD_W, int OUT_HEIGHT, int OUT_WIDTH, int ROWS, int BEATS, class T, int LANES>
void window(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  constexpr int PART = BEATS / GROUPS;
  Beat<T, LANES> memory[ROWS][WIDTH * BEATS];
  Beat<T, LANES> zeros;
  for (int lane = 0; lane < LANES; ++lane) zeros.lane[lane] = 0;
  int written = 0;
  for (int out_row = 0; out_row <= OUT_HEIGHT; ++out_row) {
    const int top = out_row * STRIDE_H - PAD_H;
    const int needed = out_row == OUT_HEIGHT || top + KERNEL_H > HEIGHT ? HEIGHT : top + KERNEL_H;
    while (written < needed) {  // after the last output row: what no patch reads
      for (int beat = 0; beat < WIDTH * BEATS; ++beat) {
#pragma HLS PIPELINE II=1
        memory[written % ROWS][beat] = input.read();
      }
      ++written;
    }
    if (out_row == OUT_HEIGHT) break;
    for (int out_column = 0; out_column < OUT_WIDTH; ++out_column) {
      for (int group = 0; group < GROUPS; ++group) {
        for (int tap_row = 0; tap_row < KERNEL_H; ++tap_row) {
          for (int tap_column = 0; tap_column < KERNEL_W; ++tap_column) {
            for (int part = 0; part < PART; ++part) {
#pragma HLS PIPELINE II=1
              const int row = top + tap_row, column = out_column * STRIDE_W - PAD_W + tap_column;
              const bool in_image = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
              output.write(in_image ? memory[row % ROWS][column * BEATS + group * PART + part] : zeros);
            }
          }
        }
      }
    }
  }
}

}  // namespace qfx
