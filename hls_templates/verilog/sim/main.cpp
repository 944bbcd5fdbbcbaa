// A simulation that stands alone: the stimuli of every input in, each output compared with its golden beats; exits 1
// on a difference.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "top.hpp"

#include "harness.hpp"

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

// The words of each port's file, and how many frames all of them hold.
static std::vector<std::vector<uint32_t>> read_ports(const Port* ports, std::size_t count, char** paths, uint64_t& frames) {
  std::vector<std::vector<uint32_t>> found;
  for (std::size_t n = 0; n < count; ++n) {
    const uint64_t words = uint64_t(ports[n].bits / 32) * ports[n].beats;
    found.push_back(read_words(paths[n], ports[n].bits / 32));
    const uint64_t held = found[n].size() / words;
    if (held == 0 || found[n].size() % words || (frames && held != frames)) {
      std::cerr << paths[n] << " does not hold as many frames as the other files\n";
      std::exit(2);
    }
    frames = held;
  }
  return found;
}

int main(int argc, char** argv) {
  constexpr std::size_t inputs = sizeof INPUTS / sizeof *INPUTS, outputs = sizeof OUTPUTS / sizeof *OUTPUTS;
  if (argc != int(1 + inputs + outputs)) {
    std::cerr << "usage: " << argv[0];
    for (const Port& port : INPUTS) std::cerr << " " << port.file;
    for (const Port& port : OUTPUTS) std::cerr << " " << port.file;
    std::cerr << "\n";
    return 2;
  }
  uint64_t frames = 0;
  const auto stimuli = read_ports(INPUTS, inputs, argv + 1, frames);
  const auto golden = read_ports(OUTPUTS, outputs, argv + 1 + inputs, frames);
  struct Way {
    const char* words;
    uint32_t stall_percent;
    uint64_t abandoned;
  };
  for (const Way& way : {Way{"without stalls", 0, 0}, Way{"with stalls", 30, 0},
                         Way{"with stalls, after a reset in mid-frame", 30, RESET_CYCLE}}) {
    auto found = golden;
    std::vector<qfx::Source> sources;
    std::vector<qfx::Sink> sinks;
    for (std::size_t n = 0; n < inputs; ++n)
      sources.push_back({stimuli[n].data(), INPUTS[n].beats, INPUTS[n].bits / 32, INPUTS[n].part});
    for (std::size_t n = 0; n < outputs; ++n) {
      found[n].assign(found[n].size(), 0);
      sinks.push_back({found[n].data(), OUTPUTS[n].beats, OUTPUTS[n].bits / 32, OUTPUTS[n].part, OUTPUTS[n].last_keep});
    }
    std::vector<uint64_t> cycles(outputs * frames);
    Top top;
    qfx::Batch batch{sources.data(), sinks.data(), cycles.data(), frames, inputs, outputs, way.stall_percent, 1,
                     PATIENCE_CYCLES, way.abandoned, 0, way.stall_percent ? HOLDS : 0, 0, HOLD_QUIET, HOLD_SPACING, 0, 0, 0};
    const int verdict = qfx::run(top, batch);
    if (verdict != qfx::DONE) {
      std::cerr << "FAIL: protocol verdict " << verdict << " at " << OUTPUTS[batch.broken_sink].file << " " << way.words << "\n";
      return 1;
    }
    for (std::size_t n = 0; n < outputs; ++n)
      for (std::size_t i = 0; i < found[n].size(); ++i)
        if (found[n][i] != golden[n][i]) {
          const std::size_t words = found[n].size() / frames;
          std::fprintf(stderr, "FAIL: %s: %s: frame %zu, word %zu: expected %08x, found %08x\n", way.words, OUTPUTS[n].file,
                       i / words, i % words, golden[n][i], found[n][i]);
          return 1;
        }
    if (way.stall_percent == 0 && frames > 3)
      std::cout << "cycles per frame: " << qfx::cycles_per_frame(batch) << "\n";
  }
  std::cout << "PASS: " << frames << " frames, with and without stalls, and after a reset in mid-frame\n";
}
