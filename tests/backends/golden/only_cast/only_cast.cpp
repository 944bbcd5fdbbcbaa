// only_cast for TUL PYNQ-Z2 (Zynq-7000): at most 4 cycles a frame.
// Predicted: one frame every 1 cycles, the slowest being input_fifo.
#include "only_cast.hpp"

#include "qfx_argmax.hpp"
#include "qfx_concat.hpp"
#include "qfx_contract.hpp"
#include "qfx_depthwise.hpp"
#include "qfx_embed.hpp"
#include "qfx_fork.hpp"
#include "qfx_merge.hpp"
#include "qfx_patches.hpp"
#include "qfx_peak.hpp"
#include "qfx_pool.hpp"
#include "qfx_products.hpp"
#include "qfx_registers.hpp"
#include "qfx_repeat.hpp"
#include "qfx_resize.hpp"
#include "qfx_softmax.hpp"
#include "qfx_subsample.hpp"
#include "qfx_window.hpp"

// input_map: cast
static void input_map(qfx::Stream<ap_fixed<4, 2>, 8>& input, qfx::Stream<ap_fixed<2, 2>, 8>& output) {
  for (int beat = 0; beat < 1; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
    const qfx::Beat<ap_fixed<4, 2>, 8> in = input.read();
    qfx::Beat<ap_fixed<2, 2>, 8> out;
    for (int lane = 0; lane < 8; ++lane) {
#pragma HLS UNROLL
      const ap_fixed<4, 2> x = in.lane[lane];
      // cast fixed<2,2> RND_CONV SAT_SYM -> [-1, 1]
      const ap_fixed<2, 2> y0 = ap_fixed<2, 2, AP_RND_CONV, AP_SAT_SYM>(x);
      out.lane[lane] = y0;
    }
    output.write(out);
  }
}

void only_cast(hls::stream<only_cast_types::InputWord>& s_axis, hls::stream<only_cast_types::OutputWord>& m_axis, qfx::Register& qfx_id, qfx::Register& qfx_version, qfx::Register& qfx_features, qfx::Register& qfx_frames, qfx::Register& qfx_graph_sha256_0, qfx::Register& qfx_graph_sha256_1, qfx::Register& qfx_graph_sha256_2, qfx::Register& qfx_graph_sha256_3, qfx::Register& qfx_graph_sha256_4, qfx::Register& qfx_graph_sha256_5, qfx::Register& qfx_graph_sha256_6, qfx::Register& qfx_graph_sha256_7) {
#pragma HLS INTERFACE mode=axis port=s_axis
#pragma HLS INTERFACE mode=axis port=m_axis
#pragma HLS INTERFACE mode=s_axilite port=qfx_id bundle=control offset=0x10
#pragma HLS INTERFACE mode=s_axilite port=qfx_version bundle=control offset=0x18
#pragma HLS INTERFACE mode=s_axilite port=qfx_features bundle=control offset=0x20
#pragma HLS INTERFACE mode=s_axilite port=qfx_frames bundle=control offset=0x38
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_0 bundle=control offset=0x40
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_1 bundle=control offset=0x48
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_2 bundle=control offset=0x50
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_3 bundle=control offset=0x58
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_4 bundle=control offset=0x60
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_5 bundle=control offset=0x68
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_6 bundle=control offset=0x70
#pragma HLS INTERFACE mode=s_axilite port=qfx_graph_sha256_7 bundle=control offset=0x78
#pragma HLS INTERFACE mode=ap_ctrl_none port=return
#pragma HLS DATAFLOW
  qfx::Stream<ap_fixed<4, 2>, 8> s_axis_elements("s_axis_elements");
#pragma HLS STREAM variable=s_axis_elements depth=2
  qfx::Stream<ap_fixed<2, 2>, 8> input_map_out("input_map_out");
#pragma HLS STREAM variable=input_map_out depth=2
  qfx::identify<0x51465820, 0x00000001, 0x00000000, 0xcb3d5aeb, 0xe11db89b, 0xcb411419, 0x53ec19f0, 0x69b4b41d, 0x464c377f, 0x17c416be, 0x03953435>(qfx_id, qfx_version, qfx_features, qfx_graph_sha256_0, qfx_graph_sha256_1, qfx_graph_sha256_2, qfx_graph_sha256_3, qfx_graph_sha256_4, qfx_graph_sha256_5, qfx_graph_sha256_6, qfx_graph_sha256_7);
  qfx::read_port<1, 8, 4>(s_axis, s_axis_elements);
  input_map(s_axis_elements, input_map_out);
  qfx::write_counting<3, 8, 2, true>(input_map_out, m_axis, qfx_frames);
}
