// A simulation that stands alone: stimuli.hex in, compared with golden.hex beat by beat; exits 1 on a difference.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "harness.hpp"
#include "top.hpp"

static std::vector<uint32_t> read_words(const std::string& path, unsigned words) {
  std::ifstream file(path);
  if (!file) {
    std::cerr << path << " cannot be read\n";
    std::exit(2);
  }
  std::vector<uint32_t> values;
  for (std::string line; std::getline(file, line);)  // the most significant word first
    for (unsigned i = 0; i < words; ++i)
      values.push_back(std::stoul(line.substr(line.size() - 8 * (i + 1), 8), nullptr, 16));
  return values;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " STIMULI.hex GOLDEN.hex\n";
    return 2;
  }
  const auto input = read_words(argv[1], INPUT_BITS / 32), golden = read_words(argv[2], OUTPUT_BITS / 32);
  const uint64_t frames = input.size() / (INPUT_BITS / 32) / INPUT_BEATS;
  if (golden.size() != frames * OUTPUT_BEATS * (OUTPUT_BITS / 32) || frames == 0) {
    std::cerr << "the two files do not hold the same number of frames\n";
    return 2;
  }
  struct Way {
    const char* words;
    uint32_t stall_percent;
    uint64_t abandoned;
  };
  for (const Way& way : {Way{"without stalls", 0, 0}, Way{"with stalls", 30, 0},
                         Way{"with stalls, after a reset in mid-frame", 30, RESET_CYCLE}}) {
    std::vector<uint32_t> output(golden.size());
    std::vector<uint64_t> cycles(frames);
    Top top;
    qfx::Batch batch{input.data(), output.data(), cycles.data(), frames, INPUT_BEATS, OUTPUT_BEATS, INPUT_BITS / 32,
                     OUTPUT_BITS / 32, LAST_KEEP, way.stall_percent, 1, PATIENCE_CYCLES, way.abandoned, 0, 0};
    const int verdict = qfx::run(top, batch);
    if (verdict != qfx::DONE) {
      std::cerr << "FAIL: protocol verdict " << verdict << " " << way.words << "\n";
      return 1;
    }
    for (std::size_t i = 0; i < output.size(); ++i)
      if (output[i] != golden[i]) {
        std::fprintf(stderr, "FAIL: %s: frame %zu, word %zu: expected %08x, found %08x\n", way.words,
                     i / (OUTPUT_BEATS * (OUTPUT_BITS / 32)), i % (OUTPUT_BEATS * (OUTPUT_BITS / 32)), golden[i], output[i]);
        return 1;
      }
    if (way.stall_percent == 0 && frames > 2)
      std::cout << "cycles per frame: " << (cycles[frames - 1] - cycles[1]) / double(frames - 2) << "\n";
  }
  std::cout << "PASS: " << frames << " frames, with and without stalls, and after a reset in mid-frame\n";
}
