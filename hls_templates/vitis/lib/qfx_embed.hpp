// Rows of a table: a row number in, its row out, PE elements at a time.
#pragma once

#include "qfx_number.hpp"
#include "qfx_stream.hpp"

namespace qfx {

// The table holds the stored bits of Element, the beats of a row one after the other.
template <int COUNT, int ROW_BEATS, class Index, class Element, class Bits, int WORDS, int PE>
void embed(Stream<Index, 1>& input, Stream<Element, PE>& output, const Bits (&table)[WORDS][PE]) {
#pragma HLS ARRAY_PARTITION variable=table dim=2 type=complete
  int word = 0;
  for (int count = 0; count < COUNT; ++count) {
    for (int beat = 0; beat < ROW_BEATS; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
      if (beat == 0) {
        const int row = input.read().lane[0].to_int();
        word = 0;  // row times ROW_BEATS, which is constant: so only adders
        for (int k = 0; k < 31; ++k) {
#pragma HLS UNROLL
          if (ROW_BEATS >> k & 1) word += row << k;
        }
      }
      Beat<Element, PE> result;
      for (int p = 0; p < PE; ++p) result.lane[p] = from_bits<Element>(table[word][p]);
      output.write(result);
      ++word;
    }
  }
}

}  // namespace qfx
