// only_matmul as an IP: the core, a queue of two beats at each port, and AXI4-Lite registers (qfx_control.sv).
//
// Plain Verilog, as Vivado wants a module that stands in a block design.
module only_matmul_ip (
    (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK" *)
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi_control:s_axis:m_axis, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 aresetn RST" *)
    (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
    input wire aresetn,
    (* X_INTERFACE_PARAMETER = "PROTOCOL AXI4LITE, DATA_WIDTH 32, ADDR_WIDTH 12" *)
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control AWADDR" *)
    input  wire [11:0] s_axi_control_awaddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control AWVALID" *)
    input  wire s_axi_control_awvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control AWREADY" *)
    output wire s_axi_control_awready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control WDATA" *)
    input  wire [31:0] s_axi_control_wdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control WSTRB" *)
    input  wire [3:0] s_axi_control_wstrb,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control WVALID" *)
    input  wire s_axi_control_wvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control WREADY" *)
    output wire s_axi_control_wready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control BRESP" *)
    output wire [1:0] s_axi_control_bresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control BVALID" *)
    output wire s_axi_control_bvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control BREADY" *)
    input  wire s_axi_control_bready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control ARADDR" *)
    input  wire [11:0] s_axi_control_araddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control ARVALID" *)
    input  wire s_axi_control_arvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control ARREADY" *)
    output wire s_axi_control_arready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control RDATA" *)
    output wire [31:0] s_axi_control_rdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control RRESP" *)
    output wire [1:0] s_axi_control_rresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control RVALID" *)
    output wire s_axi_control_rvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi_control RREADY" *)
    input  wire s_axi_control_rready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TDATA" *)
    input wire [63:0] s_axis_tdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TKEEP" *)
    input wire [7:0] s_axis_tkeep,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TLAST" *)
    input wire s_axis_tlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TVALID" *)
    input wire s_axis_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TREADY" *)
    output wire s_axis_tready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TDATA" *)
    output wire [63:0] m_axis_tdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TKEEP" *)
    output wire [7:0] m_axis_tkeep,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TLAST" *)
    output wire m_axis_tlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TVALID" *)
    output wire m_axis_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TREADY" *)
    input wire m_axis_tready
);
  wire core_aresetn;
  wire [31:0] frames_per_packet;
  wire [0:0] midframe;
  wire [1:0] last;
  wire unused = &{1'b0, s_axis_tkeep, s_axis_tlast};  // frames are counted

  wire s_axis_core_tvalid, s_axis_core_tready;
  wire [63:0] s_axis_core_tdata;
  qfx_port_in #(
      .BITS(64),
      .BEATS(1)
  ) u_s_axis (
      .clk(aclk),
      .rst(!core_aresetn),
      .in_valid(s_axis_tvalid),
      .in_ready(s_axis_tready),
      .in_data(s_axis_tdata),
      .out_valid(s_axis_core_tvalid),
      .out_ready(s_axis_core_tready),
      .out_data(s_axis_core_tdata),
      .last(last[0]),
      .midframe(midframe[0])
  );

  wire m_axis_core_tvalid, m_axis_core_tready, m_axis_core_tlast;
  wire [63:0] m_axis_core_tdata;
  wire [7:0] m_axis_core_tkeep;
  qfx_port_out #(
      .BYTES(8)
  ) u_m_axis (
      .clk(aclk),
      .rst(!core_aresetn),
      .frames_per_packet(frames_per_packet),
      .in_valid(m_axis_core_tvalid),
      .in_ready(m_axis_core_tready),
      .in_data(m_axis_core_tdata),
      .in_keep(m_axis_core_tkeep),
      .in_last(m_axis_core_tlast),
      .out_valid(m_axis_tvalid),
      .out_ready(m_axis_tready),
      .out_data(m_axis_tdata),
      .out_keep(m_axis_tkeep),
      .out_last(m_axis_tlast),
      .last(last[1])
  );

  only_matmul u_core (
      .aclk(aclk),
      .aresetn(core_aresetn),
      .s_axis_tdata(s_axis_core_tdata),
      .s_axis_tkeep({8{1'b1}}),
      .s_axis_tlast(1'b0),
      .s_axis_tvalid(s_axis_core_tvalid),
      .s_axis_tready(s_axis_core_tready),
      .m_axis_tdata(m_axis_core_tdata),
      .m_axis_tkeep(m_axis_core_tkeep),
      .m_axis_tlast(m_axis_core_tlast),
      .m_axis_tvalid(m_axis_core_tvalid),
      .m_axis_tready(m_axis_core_tready)
  );

  qfx_control #(
      .INPUTS(1),
      .OUTPUTS(1),
      .RESET_CYCLES(16),
      .ID(32'h51465820),
      .VERSION(1),
      .FEATURES(7),
      .GRAPH_SHA256(256'h4902af4ea26818771169088e8bbd122e06a4e2c806965c78ba6b3ffda2197d91),
      .CONTROL_RESET(1),
      .CONTROL_CLEAR(2),
      .ADDRESS_BITS(12),
      .AT_ID(16),
      .AT_VERSION(24),
      .AT_FEATURES(32),
      .AT_CONTROL(40),
      .AT_STATUS(48),
      .AT_FRAMES(56),
      .AT_FRAMES_PER_PACKET(128),
      .AT_GRAPH_SHA256(64),
      .HASH_STRIDE(8),
      .AT_INPUTS(256),
      .AT_OUTPUTS(512),
      .PORT_STRIDE(32),
      .PORT_FRAMES(0),
      .PORT_STALLED(8),
      .PORT_STARVED(16)
  ) u_control (
      .aclk(aclk),
      .aresetn(aresetn),
      .awaddr(s_axi_control_awaddr),
      .awvalid(s_axi_control_awvalid),
      .awready(s_axi_control_awready),
      .wdata(s_axi_control_wdata),
      .wstrb(s_axi_control_wstrb),
      .wvalid(s_axi_control_wvalid),
      .wready(s_axi_control_wready),
      .bresp(s_axi_control_bresp),
      .bvalid(s_axi_control_bvalid),
      .bready(s_axi_control_bready),
      .araddr(s_axi_control_araddr),
      .arvalid(s_axi_control_arvalid),
      .arready(s_axi_control_arready),
      .rdata(s_axi_control_rdata),
      .rresp(s_axi_control_rresp),
      .rvalid(s_axi_control_rvalid),
      .rready(s_axi_control_rready),
      .core_aresetn(core_aresetn),
      .frames_per_packet(frames_per_packet),
      .midframe(midframe),
      .valid({m_axis_tvalid, s_axis_tvalid}),
      .ready({m_axis_tready, s_axis_tready}),
      .last(last)
  );
endmodule
