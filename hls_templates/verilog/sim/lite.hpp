// A processor at the registers of the core's IP under Verilator, and the rules of AXI4-Lite, checked in every cycle.
#pragma once

#include "dma.hpp"

namespace qfx {

// Which registers the checks follow.
struct Follow {
  uint32_t control, reset, clear, packets;  // offset and bits; offset of frames_per_packet
  uint32_t reset_cycles;
};

// A processor at AXI4-Lite: a read and a write at a time, each channel with stalls of its own.
class Lite {
 public:
  Lite(uint32_t percent, uint32_t seed, const Follow& follow)
      : follow(follow), aw(percent, seed, 101), w(percent, seed, 102), b(percent, seed, 103), ar(percent, seed, 104), r(percent, seed, 105) {}

  void write(uint32_t at, uint32_t value, uint32_t byte_strobes) {
    address = at, data = value, strobes = byte_strobes, aw_left = w_left = writing = true;
  }
  void read(uint32_t at) { read_address = at, ar_left = reading = true; }

  template <class Top>
  void offer(Top& top) {
    aw_offered = aw_offered || (aw_left && !aw.pause());
    w_offered = w_offered || (w_left && !w.pause());
    ar_offered = ar_offered || (ar_left && !ar.pause());
    top.s_axi_control_awvalid = aw_offered, top.s_axi_control_awaddr = address;
    top.s_axi_control_wvalid = w_offered, top.s_axi_control_wdata = data, top.s_axi_control_wstrb = strobes;
    top.s_axi_control_arvalid = ar_offered, top.s_axi_control_araddr = read_address;
    top.s_axi_control_bready = !b.pause(), top.s_axi_control_rready = !r.pause();
  }

  template <class Top>
  void look(const Top& top, uint64_t cycle, Fault& fault) {
    const bool b_taken = top.s_axi_control_bvalid && top.s_axi_control_bready;
    const bool r_taken = top.s_axi_control_rvalid && top.s_axi_control_rready;
    if (top.s_axi_control_bvalid && !(writing && !aw_left && !w_left))
      fault.raise(cycle, "s_axi_control B", "a response to no write, or before its address and its data");
    if (top.s_axi_control_rvalid && !(reading && !ar_left))
      fault.raise(cycle, "s_axi_control R", "data for no read, or before its address");
    const uint32_t answer[1] = {top.s_axi_control_bresp}, found[2] = {top.s_axi_control_rdata, top.s_axi_control_rresp};
    if (const char* rule = b_held.look(answer, top.s_axi_control_bvalid, top.s_axi_control_bready)) fault.raise(cycle, "s_axi_control B", rule);
    if (const char* rule = r_held.look(found, top.s_axi_control_rvalid, top.s_axi_control_rready)) fault.raise(cycle, "s_axi_control R", rule);
    if (b_taken) writing = false, write_response = answer[0], packets[0] = packets[1];
    if (r_taken) reading = false, read_data = found[0], read_response = found[1];
    const bool waited = aw_left || w_left;
    if (aw_offered && top.s_axi_control_awready) aw_left = aw_offered = false;
    if (w_offered && top.s_axi_control_wready) w_left = w_offered = false;
    if (ar_offered && top.s_axi_control_arready) ar_left = ar_offered = false;
    asks_reset = asks_clear = false;
    if (waited && !aw_left && !w_left) given();
  }

  void reset() {
    aw_left = w_left = ar_left = aw_offered = w_offered = ar_offered = writing = reading = false;
    b_held.forget(), r_held.forget();
    packets[0] = packets[1] = register_ = 1;
  }

  bool writing = false, reading = false;
  uint32_t read_data = 0, read_response = 0, write_response = 0;
  bool asks_reset = false, asks_clear = false;  // in this cycle
  uint32_t packets[2] = {1, 1};                 // frames of one that begins: as answered, as written

 private:
  // The core has address and data of a write.
  void given() {
    if (address == follow.control && strobes & 1) asks_reset = data & follow.reset, asks_clear = data & follow.clear;
    if (address != follow.packets) return;
    for (int i = 0; i < 4; ++i)
      if (strobes >> i & 1) register_ = (register_ & ~(0xffu << 8 * i)) | (data & 0xffu << 8 * i);
    packets[1] = register_ ? register_ : 1;
  }

  const Follow follow;
  Stalls aw, w, b, ar, r;
  Held<1> b_held;
  Held<2> r_held;
  uint32_t address = 0, data = 0, strobes = 0, read_address = 0, register_ = 1;
  bool aw_left = false, w_left = false, ar_left = false, aw_offered = false, w_offered = false, ar_offered = false;
};

}  // namespace qfx
