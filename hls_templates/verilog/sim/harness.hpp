// Drives an AXI4-Stream design under Verilator: a batch of frames in, a batch out, stalls at random or not at all.
#pragma once

#include <cstdint>
#include <cstring>

#include "verilated.h"

namespace qfx {

inline void put(CData& port, const uint32_t* words) { port = words[0]; }
inline void put(SData& port, const uint32_t* words) { port = words[0]; }
inline void put(IData& port, const uint32_t* words) { port = words[0]; }
inline void put(QData& port, const uint32_t* words) { port = words[0] | uint64_t(words[1]) << 32; }
template <std::size_t N>
void put(VlWide<N>& port, const uint32_t* words) {
  for (std::size_t i = 0; i < N; ++i) port[i] = words[i];
}

inline void get(CData port, uint32_t* words) { words[0] = port; }
inline void get(SData port, uint32_t* words) { words[0] = port; }
inline void get(IData port, uint32_t* words) { words[0] = port; }
inline void get(QData port, uint32_t* words) {
  words[0] = uint32_t(port);
  words[1] = uint32_t(port >> 32);
}
template <std::size_t N>
void get(const VlWide<N>& port, uint32_t* words) {
  for (std::size_t i = 0; i < N; ++i) words[i] = port[i];
}

enum Verdict {
  DONE = 0,
  DEADLOCK = 1,
  VALID_DROPPED = 2,
  DATA_CHANGED = 3,
  LAST_MISPLACED = 4,
  KEEP_WRONG = 5,
  STOPPED = 6
};

struct Batch {
  const uint32_t* input;       // frames * input_beats * input_words
  uint32_t* output;            // frames * output_beats * output_words
  uint64_t* last_beat_cycles;  // frames: the cycle of each frame's last output beat
  uint64_t frames, input_beats, output_beats, input_words, output_words;
  uint64_t last_keep;      // TKEEP of a frame's last beat, as far as 64 bits hold it
  uint32_t stall_percent;  // of cycles on which either side pauses; 0 never pauses
  uint32_t seed;
  uint64_t patience;       // cycles without any beat after which the design counts as stuck
  uint64_t abandoned;      // cycles of a first run that a reset ends, in mid-frame; 0: there is none
  volatile uint64_t done;  // frames that have left, to be read while it runs
  volatile uint32_t stop;  // set while it runs, it ends the run
};

template <class Top>
void tick(Top& top) {  // nothing is clocked by the falling edge: the eval that must follow takes it along
  top.aclk = 1, top.eval();
  top.aclk = 0;
}

template <class Top>
void reset(Top& top) {
  top.aclk = 0, top.aresetn = 0, top.s_axis_tvalid = 0, top.m_axis_tready = 0;
  for (int i = 0; i < 4; ++i) top.eval(), tick(top);
  top.aresetn = 1, top.eval();
}

// Runs the batch, or as many cycles of it.  The protocol is checked on every output beat: valid held and data stable
// until accepted, TLAST and TKEEP on the right beat.
template <class Top, class Observe>
int play(Top& top, Batch& batch, uint64_t cycles, Observe observe) {
  uint32_t state = batch.seed * 2654435761u + 1u;
  auto pauses = [&]() {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state % 100 < batch.stall_percent;
  };
  const uint64_t sends = batch.frames * batch.input_beats, receives = batch.frames * batch.output_beats;
  uint64_t sent = 0, received = 0, quiet = 0;
  bool offering = false, waiting = false;
  uint32_t offered[64] = {0}, seen[64] = {0};
  for (uint64_t cycle = 0; received < receives && cycle < cycles; ++cycle) {
    if (batch.stop) return STOPPED;
    if (!offering && sent < sends && !pauses()) {  // once offered, a beat stays until taken
      put(top.s_axis_tdata, batch.input + sent * batch.input_words);
      top.s_axis_tlast = (sent + 1) % batch.input_beats == 0;
      offering = true;
    }
    top.s_axis_tvalid = offering;
    top.m_axis_tready = !pauses();
    top.eval();
    observe();
    const bool valid = top.m_axis_tvalid, takes = offering && top.s_axis_tready, gives = valid && top.m_axis_tready;
    if (waiting && !valid) return VALID_DROPPED;
    if (valid) {
      get(top.m_axis_tdata, seen);
      if (waiting && std::memcmp(seen, offered, 4 * batch.output_words)) return DATA_CHANGED;
      std::memcpy(offered, seen, sizeof seen);
    }
    waiting = valid && !gives;
    if (gives) {
      const bool last = (received + 1) % batch.output_beats == 0;
      if (bool(top.m_axis_tlast) != last) return LAST_MISPLACED;
      uint32_t keep[64] = {0};
      get(top.m_axis_tkeep, keep);
      const uint64_t kept = keep[0] | uint64_t(keep[1]) << 32;
      const uint64_t bytes = 4 * batch.output_words, all = bytes >= 64 ? ~0ull : (1ull << bytes) - 1;
      if (kept != (last ? batch.last_keep : all)) return KEEP_WRONG;
      std::memcpy(batch.output + received * batch.output_words, seen, 4 * batch.output_words);
      if (last) {
        batch.last_beat_cycles[received / batch.output_beats] = cycle;
        batch.done = received / batch.output_beats + 1;
      }
      ++received;
    }
    if (takes) ++sent, offering = false;
    quiet = takes || gives ? 0 : quiet + 1;
    if (quiet > batch.patience) return DEADLOCK;
    tick(top);
  }
  return DONE;
}

// Resets the design, then runs the batch.  `observe` is called once a cycle, when all signals have settled.
template <class Top, class Observe>
int run(Top& top, Batch& batch, Observe observe) {
  reset(top);
  if (batch.abandoned) {
    const int verdict = play(top, batch, batch.abandoned, observe);
    if (verdict != DONE) return verdict;
    reset(top);
  }
  batch.done = 0;
  return play(top, batch, ~0ull, observe);
}

template <class Top>
int run(Top& top, Batch& batch) {
  return run(top, batch, [] {});
}

}  // namespace qfx
