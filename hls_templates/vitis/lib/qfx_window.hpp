// Owns the line buffer: pixels in, patches out, KERNEL_H x KERNEL_W pixels (zeros outside) for each output pixel,
// DILATION_H rows and DILATION_W columns from one to the next.
//
// A pixel is BEATS beats, group by group; a patch leaves group by group, each of its groups row by row.  While the
// patches of one output row leave, the image rows that the next one needs come in; neither waits for the other, or
// paths that part before and meet again would stand still.  Places, in the image and in the ring of rows, are counted
// in beats and moved step by step: a product, or a remainder, would take a multiplier.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int GROUPS, int HEIGHT, int WIDTH, int KERNEL_H, int KERNEL_W, int STRIDE_H, int STRIDE_W, int DILATION_H,
          int DILATION_W, int PAD_H, int PAD_W, int OUT_HEIGHT, int OUT_WIDTH, int ROWS, int BEATS, class T, int LANES>
void window(Stream<T, LANES>& input, Stream<T, LANES>& output) {
  constexpr int PART = BEATS / GROUPS, ROW = WIDTH * BEATS, IMAGE = HEIGHT * ROW, PLACES = ROWS * ROW;
  constexpr int REACH = ((KERNEL_H - 1) * DILATION_H + 1) * ROW, STEP = STRIDE_H * ROW;
  constexpr int SENT = OUT_WIDTH * GROUPS * KERNEL_H * KERNEL_W * PART;  // beats of one output row
  Beat<T, LANES> memory[PLACES];
  Beat<T, LANES> zeros;
  for (int lane = 0; lane < LANES; ++lane) zeros.lane[lane] = 0;
  int taken = 0, place = 0;  // beats of the image that came in, and where the next one is held
  int top = -PAD_H * ROW - STEP, top_place = PLACES - (PAD_H * ROW + STEP) % PLACES;  // of the patches
  for (int out_row = -1; out_row < OUT_HEIGHT; ++out_row) {  // -1: nothing leaves yet
    if (top_place >= PLACES) top_place -= PLACES;
    const int needed = top + STEP + REACH;
    const int until = out_row == OUT_HEIGHT - 1 || needed > IMAGE ? IMAGE : needed;  // beats held after this one
    const int sent = out_row < 0 ? 0 : SENT;
    int left = -PAD_W * BEATS, down = 0, right = 0, group = 0, part = 0, step = 0;
    while (taken < until || step < sent) {
#pragma HLS PIPELINE II=1 style=flp
#pragma HLS DEPENDENCE variable=memory type=inter dependent=false
      if (taken < until && !input.empty()) {
        memory[place] = input.read();
        place = place == PLACES - 1 ? 0 : place + 1;
        ++taken;
      }
      if (step < sent && !output.full()) {
        const int y = top + down, x = left + right;
        const bool in_image = y >= 0 && y < IMAGE && x >= 0 && x < ROW;
        const int row = top_place + down, column = x + group + part;
        const int from = row + column < PLACES ? row + column : row + column - PLACES;
        output.write(in_image ? memory[from] : zeros);
        if (++part == PART) part = 0, right += DILATION_W * BEATS;
        if (right == KERNEL_W * DILATION_W * BEATS) right = 0, down += DILATION_H * ROW;
        if (down == KERNEL_H * DILATION_H * ROW) down = 0, group += PART;
        if (group == BEATS) group = 0, left += STRIDE_W * BEATS;
        ++step;
      }
    }
    top += STEP;
    top_place += STEP;
  }
}

}  // namespace qfx
