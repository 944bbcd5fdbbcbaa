// Drives an AXI4-Stream design under Verilator: a batch of frames into every input port and out of every output port,
// each with stalls of its own at random, or none at all.
#pragma once

#include <cstring>
#include <vector>

#include "pauses.hpp"
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
  uint64_t quiet = 0, running = batch.frames ? batch.sink_count : 0;
  for (uint64_t cycle = 0; running && cycle < cycles; ++cycle) {
    if (batch.stop) return STOPPED;
    holds.step(cycle);
    bool moved = false;
    each_input(top, [&](uint64_t n, auto& data, auto& last, auto& valid, auto&) {
      if (n < senders.size()) senders[n].offer(data, last, valid, holds.input(n));
    });
    each_output(top, [&](uint64_t n, auto&, auto&, auto&, auto&, auto& ready) {
      if (n < receivers.size()) ready = receivers[n].ready(holds.output(n));
    });
    top.eval();
    observe();
    int verdict = DONE;
    each_input(top, [&](uint64_t n, auto&, auto&, auto&, auto& ready) {
      if (n < senders.size() && senders[n].takes(ready)) moved = true, holds.saw_beat(batch.sources[n].part);
    });
    each_output(top, [&](uint64_t n, auto& data, auto& keep, auto& last, auto& valid, auto& ready) {
      if (n >= receivers.size() || verdict != DONE) return;
      Receiver& receiver = receivers[n];
      const uint64_t before = receiver.frames();
      verdict = receiver.look(data, keep, last, valid, ready);
      if (verdict != DONE) batch.broken_sink = uint32_t(n);
      if (receiver.gave) moved = true, holds.saw_beat(batch.sinks[n].part);
      if (receiver.frames() == before) return;
      batch.last_beat_cycles[n * batch.frames + before] = cycle;
      uint64_t done = receiver.frames();
      for (const Receiver& each : receivers) done = each.frames() < done ? each.frames() : done;
      batch.done = done;
      running -= receiver.finished();
    });
    if (verdict != DONE) return verdict;
    quiet = moved || holds.any() ? 0 : quiet + 1;
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
