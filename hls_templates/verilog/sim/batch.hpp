// What a simulation is asked for, and what came of it.
#pragma once

#include <cstdint>

namespace qfx {

enum Verdict {
  DONE = 0,
  DEADLOCK = 1,
  VALID_DROPPED = 2,
  DATA_CHANGED = 3,
  LAST_MISPLACED = 4,
  KEEP_WRONG = 5,
  STOPPED = 6
};

// What an input port is to send.
struct Source {
  const uint32_t* words;  // frames * beats * width
  uint64_t beats, width;  // of a frame; of a beat, in words of 32 bits
  uint64_t part;          // of the design: what happens in one part is never felt in another
};

// What an output port is to give.
struct Sink {
  uint32_t* words;
  uint64_t beats, width;
  uint64_t part;
  uint64_t last_keep;  // TKEEP of a frame's last beat, as far as 64 bits hold it
};

struct Batch {
  const Source* sources;
  const Sink* sinks;
  uint64_t* last_beat_cycles;  // sink_count * frames: the cycle of each frame's last output beat, at each port
  uint64_t frames, source_count, sink_count;
  uint32_t stall_percent;  // of cycles on which each port pauses; 0 never pauses
  uint32_t seed;
  uint64_t patience;        // cycles without any beat after which the design counts as stuck
  uint64_t abandoned;       // cycles of a first run that a reset ends, in mid-frame; 0: there is none
  uint64_t abandoned_held;  // whether its outputs are stopped, so that the reset meets full queues
  uint64_t holds;           // how often ports stop until everything behind or before them stands still: see Holds
  uint64_t first_hold;      // with which of the turns they begin
  uint64_t hold_quiet;      // cycles without a beat at any port after which everything stands still
  uint64_t hold_spacing;    // cycles from one hold to the next, on average
  volatile uint64_t done;   // frames that have left by all ports, to be read while it runs
  volatile uint32_t stop;   // set while it runs, it ends the run
  uint32_t broken_sink;     // where a rule was broken
};

// The pace of the slowest port over the second half of the frames: those before may leave faster, from queues that filled
// up while the first one was under way.
inline double cycles_per_frame(const Batch& batch) {
  const uint64_t from = batch.frames / 2 - 1, to = batch.frames - 1;
  double slowest = 0;
  for (uint64_t n = 0; n < batch.sink_count; ++n) {
    const uint64_t* last = batch.last_beat_cycles + n * batch.frames;
    const double pace = double(last[to] - last[from]) / double(to - from);
    slowest = pace > slowest ? pace : slowest;
  }
  return slowest;
}

}  // namespace qfx
