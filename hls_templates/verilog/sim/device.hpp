// Masters at every port of the core's IP under Verilator, each channel with stalls of its own.
#pragma once

#include "lite.hpp"

namespace qfx {

template <class Top>
class Device {
 public:
  Device(Top* top, const PortShape* inputs, uint64_t input_count, const PortShape* outputs, uint64_t output_count,
         const Follow& follow, uint32_t percent, uint32_t seed)
      : top(top), follow(follow), lite(percent, seed, follow) {
    for (uint64_t n = 0; n < input_count; ++n) senders.emplace_back(inputs[n], Stalls(percent, seed, n));
    for (uint64_t n = 0; n < output_count; ++n)
      receivers.emplace_back(outputs[n], Stalls(percent, seed, input_count + n));
    reset();
  }
  ~Device() {
    auto* context = top->contextp();
    delete top;
    delete context;
  }

  // aresetn, for so many cycles.  The DMAs and the processor are reset with it.
  void reset() {
    abandon();
    lite.reset();
    top->aclk = 0, top->aresetn = 0;
    for (uint32_t i = 0; i < follow.reset_cycles; ++i) {
      drive();
      top->eval();
      if (i > 2) silent("aresetn");
      tick(*top), ++cycle;
    }
    for (auto& sender : senders) sender.reset();
    for (auto& receiver : receivers) receiver.reset();
    resetting_left = 0, clearing = false;
    top->aresetn = 1;
    drive(), top->eval(), tick(*top), ++cycle;  // nothing is offered before the core has seen it
  }

  // What the DMAs are doing is dropped, as by a reset of theirs.
  void abandon() {
    for (auto& sender : senders) sender.abandon();
    for (auto& receiver : receivers) receiver.abandon();
  }

  // Ends early where a rule is broken, and where `until` says so.
  template <class Until>
  void step(uint64_t cycles, Until until) {
    while (cycles-- && !fault.broken() && !until()) {
      drive();
      top->eval();
      look();
      tick(*top), ++cycle;
    }
  }

  Top* const top;
  const Follow follow;
  std::vector<DmaSender> senders;
  std::vector<DmaReceiver> receivers;
  Lite lite;
  Fault fault;
  uint64_t cycle = 0;

 private:
  void drive() {
    each_input(*top, [&](uint64_t n, auto& data, auto& last, auto& valid, auto&) { senders[n].offer(data, last, valid); });
    each_input_keep(*top, [&](uint64_t n, auto& keep) { senders[n].mark_bytes(keep); });
    each_output(*top, [&](uint64_t n, auto&, auto&, auto&, auto&, auto& ready) { ready = receivers[n].ready(); });
    lite.offer(*top);
  }

  void look() {
    each_input(*top, [&](uint64_t n, auto&, auto&, auto& valid, auto& ready) { senders[n].look(valid, ready); });
    each_output(*top, [&](uint64_t n, auto& data, auto& keep, auto& last, auto& valid, auto& ready) {
      receivers[n].look(data, keep, last, valid, ready, lite.packets, resetting_left > 0, cycle, fault);
    });
    lite.look(*top, cycle, fault);
    if (clearing) clear();
    clearing = lite.asks_clear;  // the core acts on a write in the cycle after
    if (resetting_left && --resetting_left == 0) {  // long enough to take hold, not yet so long that it ends
      silent("reset of the core");
      for (auto& sender : senders) sender.reset();
      for (auto& receiver : receivers) receiver.reset();
    }
    if (lite.asks_reset) resetting_left = follow.reset_cycles;
  }

  void clear() {
    for (auto& sender : senders) sender.counts = {};
    for (auto& receiver : receivers) receiver.counts = {};
  }

  // In reset nothing is offered, and no beat is taken.
  void silent(const std::string& which) {
    each_input(*top, [&](uint64_t, auto&, auto&, auto&, auto& ready) {
      if (ready) fault.raise(cycle, which, "an input port is ready");
    });
    each_output(*top, [&](uint64_t, auto&, auto&, auto&, auto& valid, auto&) {
      if (valid) fault.raise(cycle, which, "an output port offers a beat");
    });
    if (!top->aresetn && (top->s_axi_control_bvalid || top->s_axi_control_rvalid))
      fault.raise(cycle, which, "AXI4-Lite offers a response");
  }

  uint32_t resetting_left = 0;
  bool clearing = false;
};

}  // namespace qfx
