// The same elements in beats of another size; the last beat of a frame may have lanes without meaning.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int ELEMENTS, class T, int IN, int OUT>
void resize(Stream<T, IN>& input, Stream<T, OUT>& output) {
  constexpr int IN_BEATS = (ELEMENTS + IN - 1) / IN, OUT_BEATS = (ELEMENTS + OUT - 1) / OUT;
  T held[IN + OUT];
#pragma HLS ARRAY_PARTITION variable=held type=complete
  for (int i = 0; i < IN + OUT; ++i) held[i] = 0;
  int level = 0, taken = 0, given = 0;
  while (given < OUT_BEATS) {
#pragma HLS PIPELINE II=1 style=flp
    if (level < OUT && taken < IN_BEATS) {
      const Beat<T, IN> beat = input.read();
      for (int i = 0; i < IN; ++i) held[level + i] = beat.lane[i];
      level += IN;
      ++taken;
    }
    if (level >= OUT || taken == IN_BEATS) {
      Beat<T, OUT> beat;
      for (int i = 0; i < OUT; ++i) beat.lane[i] = held[i];
      for (int i = 0; i < IN; ++i) held[i] = held[i + OUT];
      output.write(beat);
      level -= OUT;
      ++given;
    }
  }
}

}  // namespace qfx
