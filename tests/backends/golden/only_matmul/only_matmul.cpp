// only_matmul for TUL PYNQ-Z2 (Zynq-7000): at most 4 cycles a frame.
// Predicted: one frame every 4 cycles, the slowest being fc_matmul.
#include "only_matmul.hpp"

#include "qfx_argmax.hpp"
#include "qfx_concat.hpp"
#include "qfx_contract.hpp"
#include "qfx_embed.hpp"
#include "qfx_fork.hpp"
#include "qfx_merge.hpp"
#include "qfx_pool.hpp"
#include "qfx_products.hpp"
#include "qfx_repeat.hpp"
#include "qfx_resize.hpp"
#include "qfx_softmax.hpp"
#include "qfx_window.hpp"
#include "fc_matmul_weights.hpp"

void only_matmul(hls::stream<only_matmul_types::InputWord>& s_axis, hls::stream<only_matmul_types::OutputWord>& m_axis) {
#pragma HLS INTERFACE mode=axis port=s_axis
#pragma HLS INTERFACE mode=axis port=m_axis
#pragma HLS INTERFACE mode=ap_ctrl_none port=return
#pragma HLS DATAFLOW
  qfx::Stream<ap_fixed<4, 2>, 8> s_axis_elements("s_axis_elements");
#pragma HLS STREAM variable=s_axis_elements depth=2
  qfx::Stream<ap_fixed<4, 2>, 2> fc_resize_out("fc_resize_out");
#pragma HLS STREAM variable=fc_resize_out depth=2
  qfx::Stream<ap_fixed<9, 4>, 1> fc_matmul_out("fc_matmul_out");
#pragma HLS STREAM variable=fc_matmul_out depth=2
  qfx::Stream<ap_fixed<9, 4>, 4> output_resize_out("output_resize_out");
#pragma HLS STREAM variable=output_resize_out depth=2
  qfx::read_port<1, 8, 4>(s_axis, s_axis_elements);
  qfx::resize<4>(s_axis_elements, fc_resize_out);
  qfx::contract<qfx::Multiply<ap_fixed<4, 1>, false>, 1>(fc_resize_out, fc_matmul_out, fc_matmul_weights);
  qfx::resize<2>(fc_matmul_out, output_resize_out);
  qfx::write_port<2, 16, 9, true>(output_resize_out, m_axis);
}
