// image for TUL PYNQ-Z2 (Zynq-7000): at most 100 cycles a frame.
// Predicted: one frame every 96 cycles, the slowest being conv_window.
#include "image.hpp"

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
#include "conv_conv2d_weights.hpp"

// conv: add, cast
static void conv_map(qfx::Stream<ap_fixed<10, 5>, 2>& input, qfx::Stream<ap_fixed<6, 3>, 2>& output) {
  static const signed char c0[1][2] = {
      {3, -1},
  };
#pragma HLS ARRAY_PARTITION variable=c0 dim=2 type=complete
  for (int beat = 0; beat < 12; ++beat) {
#pragma HLS PIPELINE II=1 style=flp
    const qfx::Beat<ap_fixed<10, 5>, 2> in = input.read();
    qfx::Beat<ap_fixed<6, 3>, 2> out;
    for (int lane = 0; lane < 2; ++lane) {
#pragma HLS UNROLL
      const ap_fixed<10, 5> x = in.lane[lane];
      // add constant (2,) fixed<4,-1> -> [-253, 291]
      const ap_fixed<10, 5> y0 = x + qfx::from_bits<ap_fixed<4, -1>>(c0[0][lane]);
      // cast fixed<6,3> RND SAT -> [-32, 31]
      const ap_fixed<6, 3> y1 = ap_fixed<6, 3, AP_RND, AP_SAT>(y0);
      out.lane[lane] = y1;
    }
    output.write(out);
  }
}

void image(hls::stream<image_types::InputWord>& s_axis, hls::stream<image_types::OutputWord>& m_axis, qfx::Register& qfx_id, qfx::Register& qfx_version, qfx::Register& qfx_features, qfx::Register& qfx_frames, qfx::Register& qfx_graph_sha256_0, qfx::Register& qfx_graph_sha256_1, qfx::Register& qfx_graph_sha256_2, qfx::Register& qfx_graph_sha256_3, qfx::Register& qfx_graph_sha256_4, qfx::Register& qfx_graph_sha256_5, qfx::Register& qfx_graph_sha256_6, qfx::Register& qfx_graph_sha256_7) {
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
  qfx::Stream<ap_fixed<4, 2>, 1> conv_resize_out("conv_resize_out");
#pragma HLS STREAM variable=conv_resize_out depth=2
  qfx::Stream<ap_fixed<4, 2>, 1> conv_window_out("conv_window_out");
#pragma HLS STREAM variable=conv_window_out depth=2
  qfx::Stream<ap_fixed<10, 5>, 2> conv_conv2d_out("conv_conv2d_out");
#pragma HLS STREAM variable=conv_conv2d_out depth=2
  qfx::Stream<ap_fixed<6, 3>, 2> conv_map_out("conv_map_out");
#pragma HLS STREAM variable=conv_map_out depth=2
  qfx::Stream<ap_fixed<6, 3>, 8> output_resize_out("output_resize_out");
#pragma HLS STREAM variable=output_resize_out depth=2
  qfx::identify<0x51465820, 0x00000001, 0x00000000, 0x47af488c, 0x205387a1, 0x65c3bcba, 0x889fad6a, 0x8a9a8ae8, 0x6a016eef, 0xf415d21d, 0x72d56470>(qfx_id, qfx_version, qfx_features, qfx_graph_sha256_0, qfx_graph_sha256_1, qfx_graph_sha256_2, qfx_graph_sha256_3, qfx_graph_sha256_4, qfx_graph_sha256_5, qfx_graph_sha256_6, qfx_graph_sha256_7);
  qfx::read_port<2, 8, 4>(s_axis, s_axis_elements);
  qfx::resize<1, 12>(s_axis_elements, conv_resize_out);
  qfx::window<1, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1, 4, 3, 3, 2>(conv_resize_out, conv_window_out);
  qfx::contract<qfx::ShiftAdd<ap_fixed<4, 1>, 2, true, false>, 12>(conv_window_out, conv_conv2d_out, conv_conv2d_weights);
  conv_map(conv_conv2d_out, conv_map_out);
  qfx::resize<1, 24>(conv_map_out, output_resize_out);
  qfx::write_counting<24, 8, 6, true>(output_resize_out, m_axis, qfx_frames);
}
