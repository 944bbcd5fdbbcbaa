// DMAs at the streams of the core's IP under Verilator, and the rules of AXI4-Stream, checked in every cycle.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "harness.hpp"

namespace qfx {

struct PortShape {
  const char* name;
  uint64_t bytes, beats;  // of a beat; of a frame
  uint64_t last_bytes;    // of a packet's last beat, which TKEEP marks
};

// What a testbench counts at a port, as the core's registers do.
struct Counts {
  uint64_t frames, stalled, starved;
};

constexpr std::size_t DATA_WORDS = 32, KEEP_WORDS = 4;  // of the widest port, 1024 bits

// TKEEP that marks the first bytes of a beat.
inline void mark(uint64_t bytes, uint32_t (&keep)[KEEP_WORDS]) {
  for (std::size_t n = 0; n < KEEP_WORDS; ++n) {
    const uint64_t rest = bytes - std::min<uint64_t>(bytes, 32 * n);
    keep[n] = rest >= 32 ? ~0u : (1u << rest) - 1;
  }
}

// A broken rule: the first one stays.
class Fault {
 public:
  void raise(uint64_t cycle, const std::string& channel, const std::string& rule) {
    if (!broken()) text = channel + " in cycle " + std::to_string(cycle) + ": " + rule;
    ++count;
  }
  bool broken() const { return !text.empty(); }
  std::string text;
  uint64_t count = 0;
};

// What a channel offers is held until it is taken.
template <std::size_t WORDS>
class Held {
 public:
  // The rule that is broken, or nullptr.
  const char* look(const uint32_t (&payload)[WORDS], bool valid, bool ready) {
    const bool waited = waiting;
    waiting = valid && !ready;
    if (waited && !valid) return "valid fell before it was accepted";
    const bool changed = waited && std::memcmp(payload, offered, sizeof offered);
    if (valid) std::memcpy(offered, payload, sizeof offered);
    return changed ? "what it carries changed before it was accepted" : nullptr;
  }
  void forget() { waiting = false; }

 private:
  bool waiting = false;
  uint32_t offered[WORDS] = {0};
};

// The MM2S half of a DMA: a transfer in whole beats, TLAST on the last, TKEEP as its length says.
class DmaSender {
 public:
  DmaSender(const PortShape& shape, Stalls stalls) : shape(shape), stalls(stalls) {}

  void send(const uint8_t* from, uint64_t count) {
    length = count, beats = (count + shape.bytes - 1) / shape.bytes, sent = 0;
    bytes.assign(beats * shape.bytes, 0);
    std::copy(from, from + count, bytes.begin());
  }
  bool done() const { return sent == beats; }
  void abandon() { beats = sent = 0, offering = false; }

  template <class Data>
  void offer(Data& data, CData& last, CData& valid) {
    if (!offering && !done() && !stalls.pause()) {
      uint32_t words[DATA_WORDS] = {0};
      std::memcpy(words, bytes.data() + sent * shape.bytes, shape.bytes);
      put(data, words);
      last = sent + 1 == beats, offering = true;
    }
    valid = offering;
  }
  template <class Keep>
  void mark_bytes(Keep& keep) const {
    const uint64_t rest = length - std::min(length, sent * shape.bytes);
    uint32_t words[KEEP_WORDS];
    mark(std::min(rest, shape.bytes), words);
    put(keep, words);
  }

  void look(bool valid, bool ready) {
    counts.stalled += valid && !ready;
    counts.starved += ready && !valid;
    if (!valid || !ready) return;
    ++sent, offering = false;
    if (++beat == shape.beats) beat = 0, ++counts.frames;
  }
  void reset() { beat = 0, counts = {}; }

  Counts counts = {};

 private:
  const PortShape shape;
  Stalls stalls;
  std::vector<uint8_t> bytes;
  uint64_t length = 0, beats = 0, sent = 0, beat = 0;
  bool offering = false;
};

// The S2MM half of a DMA, and the rules of an output stream.
class DmaReceiver {
 public:
  DmaReceiver(const PortShape& shape, Stalls stalls) : shape(shape), stalls(stalls) {}

  void receive(uint64_t limit) { bytes.clear(), most = limit, active = true, ended = false; }
  void abandon() { bytes.clear(), active = ended = false; }
  bool ready() { return active && !stalls.pause(); }

  // Packets of `least` or of `most` frames may begin: while frames_per_packet is written, either.
  template <class Data, class Keep>
  void look(const Data& data, const Keep& keep, bool last, bool valid, bool ready, const uint32_t (&packets)[2],
            bool resetting, uint64_t cycle, Fault& fault) {
    uint32_t payload[PAYLOAD_WORDS] = {0};
    get(data, payload);
    get(keep, payload + DATA_WORDS);
    payload[PAYLOAD_WORDS - 1] = last;
    if (resetting && !valid) held.forget();
    if (const char* rule = held.look(payload, valid, ready)) fault.raise(cycle, shape.name, rule);
    counts.stalled += valid && !ready;
    counts.starved += ready && !valid;
    if (valid && fresh) std::copy(packets, packets + 2, frames_of_packet), fresh = false;
    if (valid && ready) take(payload, cycle, fault);
  }
  void reset() { beat = frame = 0, fresh = true, held.forget(), counts = {}; }

  bool active = false, ended = false;
  std::vector<uint8_t> bytes;
  Counts counts = {};

 private:
  void take(const uint32_t* payload, uint64_t cycle, Fault& fault) {
    const bool last = payload[PAYLOAD_WORDS - 1], frame_ends = ++beat == shape.beats;
    if (frame_ends) beat = 0, ++frame, ++counts.frames;
    const bool may = frame_ends && (frame == frames_of_packet[0] || frame == frames_of_packet[1]);
    const bool must = frame_ends && frame >= frames_of_packet[0] && frame >= frames_of_packet[1];
    if (last ? !may : must) fault.raise(cycle, shape.name, "TLAST is not on a packet's last beat");
    const uint64_t count = last ? shape.last_bytes : shape.bytes;
    uint32_t keep[KEEP_WORDS];
    mark(count, keep);
    if (std::memcmp(payload + DATA_WORDS, keep, sizeof keep))
      fault.raise(cycle, shape.name, "TKEEP does not mark the bytes that hold elements");
    const uint8_t* from = reinterpret_cast<const uint8_t*>(payload);
    bytes.insert(bytes.end(), from, from + count);
    if (bytes.size() > most) fault.raise(cycle, shape.name, "more bytes came than were asked for");
    if (last) frame = 0, fresh = true, active = false, ended = true;
  }

  static constexpr std::size_t PAYLOAD_WORDS = DATA_WORDS + KEEP_WORDS + 1;

  const PortShape shape;
  Stalls stalls;
  Held<PAYLOAD_WORDS> held;
  uint64_t most = 0, beat = 0, frame = 0;
  uint32_t frames_of_packet[2] = {1, 1};
  bool fresh = true;
};

}  // namespace qfx
