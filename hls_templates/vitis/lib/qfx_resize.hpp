// The same elements in beats of another size: of each of PARTS parts of a frame, the last beat is filled up with zeros.
#pragma once

#include "qfx_stream.hpp"

namespace qfx {

template <int PARTS, int ELEMENTS, class T, int IN, int OUT>
void resize(Stream<T, IN>& input, Stream<T, OUT>& output) {
  constexpr int IN_BEATS = (ELEMENTS + IN - 1) / IN, OUT_BEATS = (ELEMENTS + OUT - 1) / OUT;
  T held[IN + OUT];
#pragma HLS ARRAY_PARTITION variable=held type=complete
  for (int i = 0; i < IN + OUT; ++i) held[i] = 0;
  int level = 0, taken = 0, left = OUT_BEATS;  // of a part
  for (int part = 0; part < PARTS;) {
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
      for (int i = 0; i < IN + OUT; ++i) held[i] = i < IN ? held[i + OUT] : T(0);
      output.write(beat);
      level -= OUT;
      if (--left == 0) {
        level = taken = 0;
        left = OUT_BEATS;
        ++part;
      }
    }
  }
}

}  // namespace qfx
