// Rows of a table: a row number in, its row out, PE elements at a time.
#pragma once

#include "qfx_number.hpp"
#include "qfx_stream.hpp"

namespace qfx {

// The table holds the stored bits of Element.
template <int COUNT, class Index, class Element, class Bits, int ROWS, int ROW_BEATS, int PE>
void embed(Stream<Index, 1>& input, Stream<Element, PE>& output, const Bits (&table)[ROWS][ROW_BEATS][PE]) {
#pragma HLS ARRAY_PARTITION variable=table dim=3 type=complete
  int row = 0;
  for (int count = 0; count < COUNT; ++count) {
    for (int beat = 0; beat < ROW_BEATS; ++beat) {
#pragma HLS PIPELINE II=1
      if (beat == 0) row = input.read().lane[0].to_int();
      Beat<Element, PE> result;
      for (int p = 0; p < PE; ++p) result.lane[p] = from_bits<Element>(table[row][beat][p]);
      output.write(result);
    }
  }
}

}  // namespace qfx
