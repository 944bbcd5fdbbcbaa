// Drives an AXI4-Stream design under Verilator: a batch of frames into every input port and out of every output port,
// each with stalls of its own at random, or none at all.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

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

// What an input port is to send.
struct Source {
  const uint32_t* words;  // frames * beats * width
  uint64_t beats, width;  // of a frame; of a beat, in words of 32 bits
};

// What an output port is to give.
struct Sink {
  uint32_t* words;
  uint64_t beats, width;
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
  uint64_t holds;           // times that all ports of one side stop, until everything inside stands still: all outputs,
                            // then all inputs, and again
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

// When all outputs, or all inputs, stop.  Every stage then holds a beat that is not taken, or waits for one; pauses of a
// few cycles may never get through the queues between.
class Holds {
 public:
  explicit Holds(const Batch& batch) : batch(batch), state(batch.seed * 747796405u | 1u) { plan(0); }

  void step(uint64_t cycle, bool moved) {
    quiet = moved ? 0 : quiet + 1;
    if (held && !for_good && quiet > batch.hold_quiet) held = false, plan(cycle);
    if (!held && count < batch.holds && cycle >= next) held = true, quiet = 0, ++count;
  }
  void stop_outputs() { held = for_good = true, count = 1; }
  bool outputs() const { return held && count % 2 == 1; }
  bool inputs() const { return held && count % 2 == 0; }

 private:
  void plan(uint64_t cycle) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    next = cycle + state % (2 * batch.hold_spacing + 1);
  }

  const Batch& batch;
  uint32_t state;
  uint64_t count = 0, next = 0, quiet = 0;
  bool held = false, for_good = false;
};

class Sender {
 public:
  Sender(const Batch& batch, uint64_t port) : source(batch.sources[port]), left(batch.frames * source.beats), stalls(batch, port) {}

  template <class Data>
  void offer(Data& data, CData& last, CData& valid, bool held) {
    if (!offering && sent < left && !stalls.pause() && !held) {  // once offered, a beat stays until taken
      put(data, source.words + sent * source.width);
      last = (sent + 1) % source.beats == 0;
      offering = true;
    }
    valid = offering;
  }

  bool takes(bool ready) {
    const bool taken = offering && ready;
    if (taken) ++sent, offering = false;
    return taken;
  }

 private:
  const Source& source;
  const uint64_t left;
  Stalls stalls;
  uint64_t sent = 0;
  bool offering = false;
};

// The protocol is checked on every beat: valid held and data stable until accepted, TLAST and TKEEP on the right beat.
class Receiver {
 public:
  Receiver(const Batch& batch, uint64_t port)
      : sink(batch.sinks[port]), all(batch.frames * sink.beats), stalls(batch, batch.source_count + port) {}

  // What comes behind the last frame is left waiting.
  bool ready(bool held) { return !stalls.pause() && received < all && !held; }

  template <class Data, class Keep>
  Verdict look(const Data& data, const Keep& keep, bool last, bool valid, bool ready) {
    gave = valid && ready;
    if (waiting && !valid) return VALID_DROPPED;
    if (valid) {
      get(data, seen);
      if (waiting && std::memcmp(seen, offered, 4 * sink.width)) return DATA_CHANGED;
      std::memcpy(offered, seen, sizeof seen);
    }
    waiting = valid && !ready;
    return gave ? accept(keep, last) : DONE;
  }

  uint64_t frames() const { return received / sink.beats; }
  bool finished() const { return received == all; }
  bool gave = false;

 private:
  template <class Keep>
  Verdict accept(const Keep& keep, bool last) {
    const bool ends = (received + 1) % sink.beats == 0;
    if (last != ends) return LAST_MISPLACED;
    uint32_t found[64] = {0};
    get(keep, found);
    const uint64_t kept = found[0] | uint64_t(found[1]) << 32;
    const uint64_t bytes = 4 * sink.width, whole = bytes >= 64 ? ~0ull : (1ull << bytes) - 1;
    if (kept != (ends ? sink.last_keep : whole)) return KEEP_WRONG;
    std::memcpy(sink.words + received * sink.width, seen, 4 * sink.width);
    ++received;
    return DONE;
  }

  const Sink& sink;
  const uint64_t all;
  Stalls stalls;
  uint64_t received = 0;
  bool waiting = false;
  uint32_t offered[64] = {0}, seen[64] = {0};
};

template <class Top>
void tick(Top& top) {  // nothing is clocked by the falling edge: the eval that must follow takes it along
  top.aclk = 1, top.eval();
  top.aclk = 0;
}

template <class Top>
void reset(Top& top) {
  top.aclk = 0, top.aresetn = 0;
  each_input(top, [](uint64_t, auto&, auto&, auto& valid, auto&) { valid = 0; });
  each_output(top, [](uint64_t, auto&, auto&, auto&, auto&, auto& ready) { ready = 0; });
  for (int i = 0; i < 4; ++i) top.eval(), tick(top);
  top.aresetn = 1, top.eval();
}

// Runs the batch, or as many cycles of it.  Ports that the batch has nothing for stay still.
template <class Top, class Observe>
int play(Top& top, Batch& batch, uint64_t cycles, Observe observe, bool stopped = false) {
  std::vector<Sender> senders;
  std::vector<Receiver> receivers;
  for (uint64_t n = 0; n < batch.source_count; ++n) senders.emplace_back(batch, n);
  for (uint64_t n = 0; n < batch.sink_count; ++n) receivers.emplace_back(batch, n);
  Holds holds(batch);
  if (stopped) holds.stop_outputs();
  bool moved = false;
  uint64_t quiet = 0, running = batch.frames ? batch.sink_count : 0;
  for (uint64_t cycle = 0; running && cycle < cycles; ++cycle) {
    if (batch.stop) return STOPPED;
    holds.step(cycle, moved);
    moved = false;
    each_input(top, [&](uint64_t n, auto& data, auto& last, auto& valid, auto&) {
      if (n < senders.size()) senders[n].offer(data, last, valid, holds.inputs());
    });
    each_output(top, [&](uint64_t n, auto&, auto&, auto&, auto&, auto& ready) {
      if (n < receivers.size()) ready = receivers[n].ready(holds.outputs());
    });
    top.eval();
    observe();
    int verdict = DONE;
    each_input(top, [&](uint64_t n, auto&, auto&, auto&, auto& ready) {
      if (n < senders.size()) moved |= senders[n].takes(ready);
    });
    each_output(top, [&](uint64_t n, auto& data, auto& keep, auto& last, auto& valid, auto& ready) {
      if (n >= receivers.size() || verdict != DONE) return;
      Receiver& receiver = receivers[n];
      const uint64_t before = receiver.frames();
      verdict = receiver.look(data, keep, last, valid, ready);
      if (verdict != DONE) batch.broken_sink = uint32_t(n);
      moved |= receiver.gave;
      if (receiver.frames() == before) return;
      batch.last_beat_cycles[n * batch.frames + before] = cycle;
      uint64_t done = receiver.frames();
      for (const Receiver& each : receivers) done = each.frames() < done ? each.frames() : done;
      batch.done = done;
      running -= receiver.finished();
    });
    if (verdict != DONE) return verdict;
    quiet = moved || holds.outputs() || holds.inputs() ? 0 : quiet + 1;
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
    const int verdict = play(top, batch, batch.abandoned, observe, batch.abandoned_held);
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
