// Owns the parallel line buffer: pixels in, whole patches out, all KERNEL_H x KERNEL_W taps (zeros outside) of as many
// channels in one beat as came in one, DILATION_H rows and DILATION_W columns from one tap to the next.
//
// A pixel is BEATS beats, and so is its patch; the lanes of one are tap row, tap column, channel.  ROWS rows are held in
// a ring, each in a bank of its own.  For each row of patches the columns that any patch reads, FIRST to LAST, are read
// once, while the image rows that the next one needs come in; neither waits for the other, or paths that part before and
// meet again would stand still.  Patches that reach beyond the last column leave while the next row's first are read.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int HEIGHT, int WIDTH, int KERNEL_H, int KERNEL_W, int STRIDE_H, int STRIDE_W, int DILATION_H, int DILATION_W,
          int PAD_H, int PAD_W, int OUT_HEIGHT, int OUT_WIDTH, int FIRST, int LAST, int SCAN, int ROWS, int BEATS, class T,
          int LANES, int OUT_LANES>
void patches(Stream<T, LANES>& input, Stream<T, OUT_LANES>& output) {
  constexpr int ROW = WIDTH * BEATS, IMAGE = HEIGHT * ROW, REACH = ((KERNEL_H - 1) * DILATION_H + 1) * ROW;
  constexpr int WHOLE = (KERNEL_W - 1) * DILATION_W - PAD_W;   // the column at which a row's first patch is whole
  constexpr int SENT = WHOLE + (OUT_WIDTH - 1) * STRIDE_W;     // and its last one
  constexpr int BEGIN = WHOLE < FIRST ? WHOLE : FIRST, END = BEGIN + SCAN;  // of a row's columns
  constexpr int EARLIER = KERNEL_W > 1 ? KERNEL_W - 1 : 1, DEPTH = BEATS * DILATION_W;
  Beat<T, LANES> memory[ROWS][ROW];
#pragma HLS ARRAY_PARTITION variable=memory dim=1 type=complete
  Beat<T, KERNEL_H * LANES> earlier[DEPTH][EARLIER];  // columns, the newest first
#pragma HLS ARRAY_PARTITION variable=earlier dim=2 type=complete
  int taken = 0, place = 0, bank = 0;                // beats of the image that came in; where the next one is held
  int top = (-PAD_H - STRIDE_H) * ROW;               // beats of the image above the patches
  int top_bank = ((-PAD_H - STRIDE_H) % ROWS + ROWS) % ROWS, at = 0;
  for (int out_row = -1; out_row <= OUT_HEIGHT; ++out_row) {  // before and behind them no columns are read
    const int needed = top + STRIDE_H * ROW + REACH;
    const int until = out_row >= OUT_HEIGHT - 1 || needed > IMAGE ? IMAGE : needed;  // beats held after this one
    const int end = out_row < 0 ? BEGIN : out_row < OUT_HEIGHT ? END : SENT >= END ? BEGIN + SENT - END + 1 : BEGIN;
    bool in_rows[KERNEL_H];
    int banks[KERNEL_H];
    for (int r = 0; r < KERNEL_H; ++r) {
#pragma HLS UNROLL
      const int y = top + r * DILATION_H * ROW, of_row = top_bank + r * DILATION_H % ROWS;
      in_rows[r] = out_row >= 0 && out_row < OUT_HEIGHT && y >= 0 && y < IMAGE;
      banks[r] = of_row < ROWS ? of_row : of_row - ROWS;
    }
    int column = BEGIN, beat = 0, from = FIRST * BEATS;
    int until_next = (STRIDE_W - (END - WHOLE) % STRIDE_W) % STRIDE_W;  // columns, of what the row before has left
    while (taken < until || column < end) {
#pragma HLS PIPELINE II=1 style=flp
#pragma HLS DEPENDENCE variable=memory type=inter dependent=false
      if (taken < until && !input.empty()) {
        memory[bank][place] = input.read();
        ++taken;
        if (++place == ROW) {
          place = 0;
          bank = bank == ROWS - 1 ? 0 : bank + 1;
        }
      }
      const bool left = out_row > 0 && column + SCAN <= SENT;  // a patch of the row before
      const int whole = left ? column + SCAN : column;
      if (whole <= WHOLE) until_next = 0;
      const bool sends = whole >= WHOLE && whole <= SENT && until_next == 0;
      if (column < end && !(sends && output.full())) {
        went_on();  // of the columns between two patches nothing leaves
        const bool in_columns = column >= FIRST && column <= LAST;
        Beat<T, KERNEL_H * LANES> newest;
        for (int r = 0; r < KERNEL_H; ++r)
          for (int lane = 0; lane < LANES; ++lane)
            newest.lane[r * LANES + lane] = in_rows[r] && in_columns ? memory[banks[r]][from].lane[lane] : T(0);
        if (sends) {
          Beat<T, OUT_LANES> patch;
          for (int s = 0; s < KERNEL_W; ++s) {
            const int x = whole - (KERNEL_W - 1 - s) * DILATION_W;
            const bool inside = x >= 0 && x < WIDTH;
            for (int r = 0; r < KERNEL_H; ++r)
              for (int lane = 0; lane < LANES; ++lane) {
                const int of_column = r * LANES + lane;
                const T held = s == KERNEL_W - 1 ? newest.lane[of_column] : earlier[at][KERNEL_W - 2 - s].lane[of_column];
                patch.lane[(r * KERNEL_W + s) * LANES + lane] = inside ? held : T(0);
              }
          }
          output.write(patch);
        }
        for (int s = EARLIER - 1; s > 0; --s) earlier[at][s] = earlier[at][s - 1];
        earlier[at][0] = newest;
        at = at == DEPTH - 1 ? 0 : at + 1;
        if (in_columns) ++from;
        if (++beat == BEATS) {
          beat = 0;
          ++column;
          until_next = until_next == 0 ? STRIDE_W - 1 : until_next - 1;
        }
      }
    }
    top += STRIDE_H * ROW;
    top_bank += STRIDE_H % ROWS;
    if (top_bank >= ROWS) top_bank -= ROWS;
  }
}

}  // namespace qfx
