// layer for TUL PYNQ-Z2 (Zynq-7000): at most 4 cycles a frame.
// Predicted: one frame every 4 cycles, the slowest being fc_resize.
#include "layer.hpp"

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
#include "fc_matmul_weights.hpp"

// fc: add, relu, cast
static void fc_map(qfx::Stream<ap_fixed<9, 4>, 2>& input, qfx::Stream<ap_ufixed<3, 2>, 2>& output) {
  static const signed char c0[1][2] = {
      {3, -1},
  };
#pragma HLS ARRAY_PARTITION variable=c0 dim=2 type=complete
  for (int beat = 0; beat < 1; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
    const qfx::Beat<ap_fixed<9, 4>, 2> in = input.read();
    qfx::Beat<ap_ufixed<3, 2>, 2> out;
    for (int lane = 0; lane < 2; ++lane) {
#pragma HLS UNROLL
      const ap_fixed<9, 4> x = in.lane[lane];
      // add constant (2,) fixed<4,-1> -> [-141, 163]
      const ap_fixed<9, 4> y0 = x + qfx::from_bits<ap_fixed<4, -1>>(c0[0][lane]);
      // relu  -> [0, 163]
      const ap_ufixed<8, 3> y1 = y0 > 0 ? ap_ufixed<8, 3>(y0) : ap_ufixed<8, 3>(0);
      // cast ufixed<3,2> RND WRAP -> [0, 7]
      const ap_ufixed<3, 2> y2 = ap_ufixed<3, 2, AP_RND, AP_WRAP>(y1);
      out.lane[lane] = y2;
    }
    output.write(out);
  }
}

void layer(hls::stream<layer_types::InputWord>& s_axis, hls::stream<layer_types::OutputWord>& m_axis, qfx::Register& qfx_id, qfx::Register& qfx_version, qfx::Register& qfx_features, qfx::Register& qfx_frames, qfx::Register& qfx_graph_sha256_0, qfx::Register& qfx_graph_sha256_1, qfx::Register& qfx_graph_sha256_2, qfx::Register& qfx_graph_sha256_3, qfx::Register& qfx_graph_sha256_4, qfx::Register& qfx_graph_sha256_5, qfx::Register& qfx_graph_sha256_6, qfx::Register& qfx_graph_sha256_7) {
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
  qfx::Stream<ap_fixed<4, 2>, 1> fc_resize_out("fc_resize_out");
#pragma HLS STREAM variable=fc_resize_out depth=2
  qfx::Stream<ap_fixed<9, 4>, 2> fc_matmul_out("fc_matmul_out");
#pragma HLS STREAM variable=fc_matmul_out depth=2
  qfx::Stream<ap_ufixed<3, 2>, 2> fc_map_out("fc_map_out");
#pragma HLS STREAM variable=fc_map_out depth=2
  qfx::Stream<ap_ufixed<3, 2>, 8> output_resize_out("output_resize_out");
#pragma HLS STREAM variable=output_resize_out depth=2
  qfx::identify<0x51465820, 0x00000001, 0x00000000, 0x61573d67, 0xab699c86, 0x237a28b4, 0xb1c29a96, 0x66d78803, 0x9936f850, 0x279ad891, 0x91056f55>(qfx_id, qfx_version, qfx_features, qfx_graph_sha256_0, qfx_graph_sha256_1, qfx_graph_sha256_2, qfx_graph_sha256_3, qfx_graph_sha256_4, qfx_graph_sha256_5, qfx_graph_sha256_6, qfx_graph_sha256_7);
  qfx::read_port<1, 8, 4>(s_axis, s_axis_elements);
  qfx::resize<1, 4>(s_axis_elements, fc_resize_out);
  qfx::contract<qfx::Multiply<ap_fixed<4, 1>, false>, 1>(fc_resize_out, fc_matmul_out, fc_matmul_weights);
  fc_map(fc_matmul_out, fc_map_out);
  qfx::resize<1, 2>(fc_map_out, output_resize_out);
  qfx::write_counting<2, 8, 3, false>(output_resize_out, m_axis, qfx_frames);
}
