// only_matmul for TUL PYNQ-Z2 (Zynq-7000): at most 4 cycles a frame.
//
// AXI4-Stream in, AXI4-Stream out; frames are counted: tlast and tkeep of inputs are not read.
// A frame is 4 elements in 1 beats on s_axis.
// A frame is 2 elements in 1 beats on m_axis.
// Predicted: one frame every 4 cycles, the slowest being fc_resize.
module only_matmul (
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
  wire [31:0] s_axis_data;  // 8 x fixed<4,2>, 1 beats a frame

  wire input_fifo_out_valid, input_fifo_out_ready;
  wire [31:0] input_fifo_out_data;  // 8 x fixed<4,2>, 1 beats a frame

  wire fc_resize_out_valid, fc_resize_out_ready;
  wire [3:0] fc_resize_out_data;  // 1 x fixed<4,2>, 4 beats a frame

  wire fc_matmul_out_valid, fc_matmul_out_ready;
  wire [17:0] fc_matmul_out_data;  // 2 x fixed<9,4>, 1 beats a frame

  wire output_resize_out_valid, output_resize_out_ready;
  wire [35:0] output_resize_out_data;  // 4 x fixed<9,4>, 1 beats a frame

  wire m_axis_valid, m_axis_ready;
  wire [35:0] m_axis_data;  // 4 x fixed<9,4>, 1 beats a frame

  // --- input port: 8 elements a beat, each in 8 bits
  assign s_axis_valid  = s_axis_tvalid;
  assign s_axis_tready = s_axis_ready;
  for (genvar lane = 0; lane < 8; lane = lane + 1) begin : g_s_axis
    assign s_axis_data[lane*4+:4] = s_axis_tdata[lane*8+:4];
  end

  // fifo, 8 x fixed<4,2> -> 8 x fixed<4,2>, 1 cycles a frame
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

  // layer fc: resize, 8 x fixed<4,2> -> 1 x fixed<4,2>, 4 cycles a frame
  qfx_resize #(
      .BITS(4),
      .IN(8),
      .OUT(1),
      .IN_BEATS(1),
      .LAST_PUSH(4),
      .LIMIT(0)
  ) u_fc_resize (
      .clk(aclk),
      .rst(rst),
      .in_valid(input_fifo_out_valid),
      .in_ready(input_fifo_out_ready),
      .in_data(input_fifo_out_data),
      .out_valid(fc_resize_out_valid),
      .out_ready(fc_resize_out_ready),
      .out_data(fc_resize_out_data)
  );

  // layer fc: contract, 1 x fixed<4,2> -> 2 x fixed<9,4>, 4 cycles a frame
  wire fc_matmul_rom_enable;
  wire [1:0] fc_matmul_rom_address;
  wire [7:0] fc_matmul_rom_data;
  qfx_contract #(
      .IN_BEATS(4),
      .OUT_BEATS(1),
      .GROUPS(1),
      .SIMD(1),
      .PE(2),
      .X_BITS(4),
      .X_SIGNED(1),
      .W_BITS(4),
      .W_SIGNED(1),
      .SUM_BITS(9),
      .ROM_LATENCY(1),
      .USE_DSP(0),
      .RAM_STYLE("distributed"),
      .ADDRESS_BITS(2)
  ) u_fc_matmul (
      .clk(aclk),
      .rst(rst),
      .in_valid(fc_resize_out_valid),
      .in_ready(fc_resize_out_ready),
      .in_data(fc_resize_out_data),
      .out_valid(fc_matmul_out_valid),
      .out_ready(fc_matmul_out_ready),
      .out_data(fc_matmul_out_data),
      .rom_enable(fc_matmul_rom_enable),
      .rom_address(fc_matmul_rom_address),
      .rom_data(fc_matmul_rom_data)
  );

  // weights of fc_matmul
  only_matmul_fc_matmul_rom u_fc_matmul_rom (
      .clk(aclk),
      .enable(fc_matmul_rom_enable),
      .address(fc_matmul_rom_address),
      .data(fc_matmul_rom_data)
  );

  // resize, 2 x fixed<9,4> -> 4 x fixed<9,4>, 1 cycles a frame
  qfx_resize #(
      .BITS(18),
      .IN(1),
      .OUT(2),
      .IN_BEATS(1),
      .LAST_PUSH(2),
      .LIMIT(2)
  ) u_output_resize (
      .clk(aclk),
      .rst(rst),
      .in_valid(fc_matmul_out_valid),
      .in_ready(fc_matmul_out_ready),
      .in_data(fc_matmul_out_data),
      .out_valid(output_resize_out_valid),
      .out_ready(output_resize_out_ready),
      .out_data(output_resize_out_data)
  );

  // fifo, 4 x fixed<9,4> -> 4 x fixed<9,4>, 1 cycles a frame
  qfx_fifo #(
      .BITS(36),
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


  // --- output port: 4 elements a beat, each in 16 bits
  assign m_axis_tvalid = m_axis_valid;
  assign m_axis_ready  = m_axis_tready;
  for (genvar lane = 0; lane < 4; lane = lane + 1) begin : g_m_axis
    assign m_axis_tdata[lane*16+:16] = 16'($signed(m_axis_data[lane*9+:9]));
  end
  assign m_axis_tlast = 1'b1;
  assign m_axis_tkeep = 8'hf;
endmodule
