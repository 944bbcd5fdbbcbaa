// A stream that also keeps what is written to it, in FOLDER-of-the-run/NAME.bin: 64 bits for each lane's stored bits.
// Compiled in only with -DQFX_TRACE, by `qfx cosim --trace`.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "hls_stream.h"

namespace qfx {

template <class T, int LANES>
class Stream : public hls::stream<Beat<T, LANES>> {
 public:
  explicit Stream(const char* name)
      : hls::stream<Beat<T, LANES>>(name), file(std::string(name) + ".bin", std::ios::app | std::ios::binary) {}

  void write(const Beat<T, LANES>& beat) {
    for (int lane = 0; lane < LANES; ++lane) {
      const uint64_t bits = ap_uint<T::width>(beat.lane[lane].range(T::width - 1, 0)).to_uint64();
      file.write(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
    hls::stream<Beat<T, LANES>>::write(beat);
  }

 private:
  std::ofstream file;
};

}  // namespace qfx
