// When ports pause: for some cycles at random, and until everything stands still.
#pragma once

#include "batch.hpp"

namespace qfx {

// Each port draws its own pauses, of phases in which it pauses less, as asked and more: where one port hurries and
// another dawdles, queues fill up and run empty, and stages are held in the middle of their work.
class Stalls {
 public:
  Stalls(uint32_t percent, uint32_t seed, uint64_t port)
      : state(seed * 2654435761u + uint32_t(port) * 0x9e3779b9u | 1u), percent(percent) {}
  Stalls(const Batch& batch, uint64_t port) : Stalls(batch.stall_percent, batch.seed, port) {}

  bool pause() {
    if (left-- == 0) {
      const uint32_t spread = percent < 50 ? percent : 100 - percent;
      left = draw() % LONGEST, now = percent - spread + draw() % 3 * spread;
    }
    return draw() % 100 < now;
  }

 private:
  static constexpr uint32_t LONGEST = 64;  // cycles of a phase

  uint32_t draw() { return state ^= state << 13, state ^= state >> 17, state ^= state << 5; }

  uint32_t state, percent, now = 0, left = 0;
};

// When ports stop, until everything stands still.  Every stage then holds a beat that is not taken, or waits for one;
// pauses of a few cycles may never get through the queues between.  Outputs and inputs take turns: all of a side first,
// then each port alone, and again; for where all outputs stop, the path to one may be held up by the path to another
// before it is full.
class Holds {
 public:
  explicit Holds(const Batch& batch) : batch(batch), state(batch.seed * 747796405u | 1u) { plan(0); }

  void step(uint64_t cycle) {
    quiet = moved ? 0 : quiet + 1, moved = false;
    if (held && !for_good && quiet > batch.hold_quiet) held = false, plan(cycle);
    if (!held && count < batch.holds && cycle >= next) begin(batch.first_hold + count++);
  }
  void stop_outputs() { begin(0), for_good = true; }
  void saw_beat(uint64_t part) { moved |= port == ALL || part == own_part; }

  bool any() const { return held; }
  bool output(uint64_t n) const { return held && of_outputs && (port == ALL || port == n); }
  bool input(uint64_t n) const { return held && !of_outputs && (port == ALL || port == n); }

 private:
  static constexpr uint64_t ALL = ~0ull;

  void begin(uint64_t turn) {
    held = true, quiet = 0, of_outputs = turn % 2 == 0, port = ALL;
    const uint64_t ports = of_outputs ? batch.sink_count : batch.source_count;
    const uint64_t place = turn / 2 % (ports + 1);
    if (ports == 1 || place == 0) return;
    port = place - 1;
    own_part = of_outputs ? batch.sinks[port].part : batch.sources[port].part;
  }
  void plan(uint64_t cycle) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    next = cycle + state % (2 * batch.hold_spacing + 1);
  }

  const Batch& batch;
  uint32_t state;
  uint64_t count = 0, next = 0, quiet = 0, port = ALL, own_part = 0;
  bool held = false, for_good = false, of_outputs = true, moved = false;
};

}  // namespace qfx
