// image for TUL PYNQ-Z2 (Zynq-7000): at most 100 cycles a frame.
//
// AXI4-Stream in, AXI4-Stream out; frames are counted: tlast and tkeep of inputs are not read.
// A frame is 12 elements in 2 beats on s_axis.
// A frame is 24 elements in 3 beats on m_axis.
// Predicted: one frame every 96 cycles, the slowest being conv_window.
module image (
    input  logic aclk,
    input  logic aresetn,
    input  logic [63:0] s_axis_tdata,
    input  logic [7:0] s_axis_tkeep,
    input  logic s_axis_tlast,
    input  logic s_axis_tvalid,
    output logic s_axis_tready,
    output logic [63:0] m_axis_tdata,
    output logic [7:0] m_axis_tkeep,
    output logic m_axis_tlast,
    output logic m_axis_tvalid,
    input  logic m_axis_tready
);
  wire rst = !aresetn;
  wire unused = &{1'b0, s_axis_tdata, s_axis_tkeep, s_axis_tlast};

  wire s_axis_valid, s_axis_ready;
  wire [31:0] s_axis_data;  // 8 x fixed<4,2>, 2 beats a frame

  wire input_fifo_out_valid, input_fifo_out_ready;
  wire [31:0] input_fifo_out_data;  // 8 x fixed<4,2>, 2 beats a frame

  wire conv_resize_out_valid, conv_resize_out_ready;
  wire [3:0] conv_resize_out_data;  // 1 x fixed<4,2>, 12 beats a frame

  wire conv_window_out_valid, conv_window_out_ready;
  wire [3:0] conv_window_out_data;  // 1 x fixed<4,2>, 96 beats a frame

  wire conv_conv2d_out_valid, conv_conv2d_out_ready;
  wire [19:0] conv_conv2d_out_data;  // 2 x fixed<10,5>, 12 beats a frame

  wire conv_map_out_valid, conv_map_out_ready;
  wire [11:0] conv_map_out_data;  // 2 x fixed<6,3>, 12 beats a frame

  wire output_resize_out_valid, output_resize_out_ready;
  wire [47:0] output_resize_out_data;  // 8 x fixed<6,3>, 3 beats a frame

  wire m_axis_valid, m_axis_ready;
  wire [47:0] m_axis_data;  // 8 x fixed<6,3>, 3 beats a frame

  // --- input port: 8 elements a beat, each in 8 bits
  assign s_axis_valid  = s_axis_tvalid;
  assign s_axis_tready = s_axis_ready;
  for (genvar lane = 0; lane < 8; lane = lane + 1) begin : g_s_axis
    assign s_axis_data[lane*4+:4] = s_axis_tdata[lane*8+:4];
  end

  // fifo, 8 x fixed<4,2> -> 8 x fixed<4,2>, 2 cycles a frame
  qfx_fifo #(
      .BITS(32),
      .DEPTH(2)
  ) u_input_fifo (
      .clk(aclk),
      .rst(rst),
      .in_valid(s_axis_valid),
      .in_ready(s_axis_ready),
      .in_data(s_axis_data),
      .out_valid(input_fifo_out_valid),
      .out_ready(input_fifo_out_ready),
      .out_data(input_fifo_out_data)
  );

  // layer conv: resize, 8 x fixed<4,2> -> 1 x fixed<4,2>, 12 cycles a frame
  qfx_resize #(
      .BITS(4),
      .IN(8),
      .OUT(1),
      .IN_BEATS(2),
      .LAST_PUSH(4),
      .LIMIT(0)
  ) u_conv_resize (
      .clk(aclk),
      .rst(rst),
      .in_valid(input_fifo_out_valid),
      .in_ready(input_fifo_out_ready),
      .in_data(input_fifo_out_data),
      .out_valid(conv_resize_out_valid),
      .out_ready(conv_resize_out_ready),
      .out_data(conv_resize_out_data)
  );

  // layer conv: window, 1 x fixed<4,2> -> 1 x fixed<4,2>, 96 cycles a frame
  qfx_window #(
      .BITS(4),
      .BEATS(2),
      .GROUPS(1),
      .HEIGHT(3),
      .WIDTH(2),
      .KERNEL_H(2),
      .KERNEL_W(2),
      .STRIDE_H(1),
      .STRIDE_W(1),
      .DILATION_H(1),
      .DILATION_W(1),
      .PAD_H(1),
      .PAD_W(1),
      .OUT_HEIGHT(4),
      .OUT_WIDTH(3),
      .ROWS(3),
      .RAM_STYLE("distributed")
  ) u_conv_window (
      .clk(aclk),
      .rst(rst),
      .in_valid(conv_resize_out_valid),
      .in_ready(conv_resize_out_ready),
      .in_data(conv_resize_out_data),
      .out_valid(conv_window_out_valid),
      .out_ready(conv_window_out_ready),
      .out_data(conv_window_out_data)
  );

  // layer conv: contract, 1 x fixed<4,2> -> 2 x fixed<10,5>, 96 cycles a frame
  wire conv_conv2d_rom_enable;
  wire [2:0] conv_conv2d_rom_address;
  wire [11:0] conv_conv2d_rom_data;
  qfx_contract #(
      .IN_BEATS(8),
      .OUT_BEATS(1),
      .GROUPS(1),
      .SIMD(1),
      .PE(2),
      .X_BITS(4),
      .X_SIGNED(1),
      .W_BITS(4),
      .W_SIGNED(1),
      .SUM_BITS(10),
      .ROM_LATENCY(1),
      .TERMS(2),
      .TERM_SHIFT_BITS(2),
      .TERM_SIGNS(1),
      .TERM_GAPS(0),
      .WORD_BITS(6),
      .RAM_STYLE("distributed"),
      .ADDRESS_BITS(3)
  ) u_conv_conv2d (
      .clk(aclk),
      .rst(rst),
      .in_valid(conv_window_out_valid),
      .in_ready(conv_window_out_ready),
      .in_data(conv_window_out_data),
      .out_valid(conv_conv2d_out_valid),
      .out_ready(conv_conv2d_out_ready),
      .out_data(conv_conv2d_out_data),
      .rom_enable(conv_conv2d_rom_enable),
      .rom_address(conv_conv2d_rom_address),
      .rom_data(conv_conv2d_rom_data)
  );

  // weights of conv_conv2d
  image_conv_conv2d_rom u_conv_conv2d_rom (
      .clk(aclk),
      .enable(conv_conv2d_rom_enable),
      .address(conv_conv2d_rom_address),
      .data(conv_conv2d_rom_data)
  );

  // layer conv: map, 2 x fixed<10,5> -> 2 x fixed<6,3>, 12 cycles a frame
  image_conv_map u_conv_map (
      .clk(aclk),
      .rst(rst),
      .in_valid(conv_conv2d_out_valid),
      .in_ready(conv_conv2d_out_ready),
      .in_data(conv_conv2d_out_data),
      .out_valid(conv_map_out_valid),
      .out_ready(conv_map_out_ready),
      .out_data(conv_map_out_data)
  );

  // resize, 2 x fixed<6,3> -> 8 x fixed<6,3>, 12 cycles a frame
  qfx_resize #(
      .BITS(12),
      .IN(1),
      .OUT(4),
      .IN_BEATS(12),
      .LAST_PUSH(1),
      .LIMIT(4)
  ) u_output_resize (
      .clk(aclk),
      .rst(rst),
      .in_valid(conv_map_out_valid),
      .in_ready(conv_map_out_ready),
      .in_data(conv_map_out_data),
      .out_valid(output_resize_out_valid),
      .out_ready(output_resize_out_ready),
      .out_data(output_resize_out_data)
  );

  // fifo, 8 x fixed<6,3> -> 8 x fixed<6,3>, 3 cycles a frame
  qfx_fifo #(
      .BITS(48),
      .DEPTH(2)
  ) u_output_fifo (
      .clk(aclk),
      .rst(rst),
      .in_valid(output_resize_out_valid),
      .in_ready(output_resize_out_ready),
      .in_data(output_resize_out_data),
      .out_valid(m_axis_valid),
      .out_ready(m_axis_ready),
      .out_data(m_axis_data)
  );


  // --- output port: 8 elements a beat, each in 8 bits
  assign m_axis_tvalid = m_axis_valid;
  assign m_axis_ready  = m_axis_tready;
  for (genvar lane = 0; lane < 8; lane = lane + 1) begin : g_m_axis
    assign m_axis_tdata[lane*8+:8] = 8'($signed(m_axis_data[lane*6+:6]));
  end
  logic [1:0] m_axis_beat;
  assign m_axis_tlast = m_axis_beat == 2'd2;
  assign m_axis_tkeep = m_axis_tlast ? 8'hff : '1;
  always_ff @(posedge aclk)
    if (rst) m_axis_beat <= '0;
    else if (m_axis_tvalid && m_axis_tready) m_axis_beat <= m_axis_tlast ? '0 : m_axis_beat + 1'b1;
endmodule
