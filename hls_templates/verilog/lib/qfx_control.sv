// The core's AXI4-Lite registers, of 32 bits, and the reset of the core.
//
// What stands where is told by parameters, AT_*, from qfx/backends/registers.py. An address without a register reads 0
// and ignores what is written, and both are answered OKAY: a wrong address must not stop a processor with a bus error.
// One write and one read are under way at a time; AW and W may come in any order. Every valid and ready comes from
// registers. Counters wrap at 2^32. Ports are numbered inputs first.
module qfx_control #(
    parameter int          INPUTS               = 1,
    parameter int          OUTPUTS              = 1,
    parameter int          RESET_CYCLES         = 16,
    parameter logic [31:0] ID                   = 0,
    parameter logic [31:0] VERSION              = 0,
    parameter logic [31:0] FEATURES             = 0,
    parameter logic [255:0] GRAPH_SHA256        = 0,
    parameter logic [31:0] CONTROL_RESET        = 1,
    parameter logic [31:0] CONTROL_CLEAR        = 2,
    parameter int          ADDRESS_BITS         = 12,
    parameter int          AT_ID                = 0,
    parameter int          AT_VERSION           = 0,
    parameter int          AT_FEATURES          = 0,
    parameter int          AT_CONTROL           = 0,
    parameter int          AT_STATUS            = 0,
    parameter int          AT_FRAMES            = 0,
    parameter int          AT_FRAMES_PER_PACKET = 0,
    parameter int          AT_GRAPH_SHA256      = 0,
    parameter int          HASH_STRIDE          = 0,
    parameter int          AT_INPUTS            = 0,
    parameter int          AT_OUTPUTS           = 0,
    parameter int          PORT_STRIDE          = 0,
    parameter int          PORT_FRAMES          = 0,
    parameter int          PORT_STALLED         = 0,
    parameter int          PORT_STARVED         = 0
) (
    input  logic                      aclk,
    input  logic                      aresetn,
    input  logic [  ADDRESS_BITS-1:0] awaddr,
    input  logic                      awvalid,
    output logic                      awready,
    input  logic [              31:0] wdata,
    input  logic [               3:0] wstrb,
    input  logic                      wvalid,
    output logic                      wready,
    output logic [               1:0] bresp,
    output logic                      bvalid,
    input  logic                      bready,
    input  logic [  ADDRESS_BITS-1:0] araddr,
    input  logic                      arvalid,
    output logic                      arready,
    output logic [              31:0] rdata,
    output logic [               1:0] rresp,
    output logic                      rvalid,
    input  logic                      rready,
    output logic                      core_aresetn,       // the core's, and its ports'
    output logic [              31:0] frames_per_packet,
    input  logic [        INPUTS-1:0] midframe,             // part of a frame has come in
    input  logic [INPUTS+OUTPUTS-1:0] valid,
    input  logic [INPUTS+OUTPUTS-1:0] ready,
    input  logic [INPUTS+OUTPUTS-1:0] last                // of a frame's beats
);
  localparam int PORTS = INPUTS + OUTPUTS;
  localparam int RESET_BITS = $clog2(RESET_CYCLES + 1);
  localparam int PASSED_BITS = 16;  // no core holds so many frames

  logic awake;  // nothing is accepted or offered in reset
  always_ff @(posedge aclk) awake <= aresetn;

  // --- writing
  logic aw_held, w_held;
  logic [ADDRESS_BITS-1:0] write_address;
  logic [31:0] write_data;
  logic [3:0] write_strobes;
  wire write = aw_held && w_held;
  wire control_written = write && write_address == ADDRESS_BITS'(AT_CONTROL) && write_strobes[0];
  wire packets_written = write && write_address == ADDRESS_BITS'(AT_FRAMES_PER_PACKET);
  wire reset_asked = control_written && (write_data & CONTROL_RESET) != '0;
  wire clear_asked = control_written && (write_data & CONTROL_CLEAR) != '0;

  assign awready = awake && !aw_held && !bvalid;
  assign wready  = awake && !w_held && !bvalid;
  assign bresp   = 2'b00;

  always_ff @(posedge aclk) begin
    if (awvalid && awready) write_address <= {awaddr[ADDRESS_BITS-1:2], 2'b00};
    if (wvalid && wready) begin
      write_data <= wdata;
      write_strobes <= wstrb;
    end
    if (!aresetn) begin
      aw_held <= 1'b0;
      w_held  <= 1'b0;
      bvalid  <= 1'b0;
      frames_per_packet <= 32'd1;
    end else begin
      aw_held <= !write && (aw_held || (awvalid && awready));
      w_held  <= !write && (w_held || (wvalid && wready));
      bvalid  <= write || (bvalid && !bready);
      for (int byte_ = 0; byte_ < 4; byte_ = byte_ + 1)
        if (packets_written && write_strobes[byte_])
          frames_per_packet[8*byte_+:8] <= write_data[8*byte_+:8];
    end
  end

  // --- the core's reset
  logic [RESET_BITS-1:0] reset_left;
  always_ff @(posedge aclk) begin
    if (!aresetn) reset_left <= '0;
    else if (reset_asked) reset_left <= RESET_BITS'(RESET_CYCLES);
    else if (reset_left != '0) reset_left <= reset_left - 1'b1;
    core_aresetn <= aresetn && !reset_asked && reset_left == '0;
  end

  // --- counting
  logic [32*PORTS-1:0] frames, stalled, starved;
  logic [PASSED_BITS*PORTS-1:0] passed;  // frames since the reset, whatever was cleared
  wire [PASSED_BITS-1:0] passed_first = passed[PASSED_BITS-1:0];
  wire [31:0] frames_out = frames[32*INPUTS+:32];  // of the first output
  wire busy = |midframe || passed != {PORTS{passed_first}};
  always_ff @(posedge aclk)
    for (int port = 0; port < PORTS; port = port + 1) begin
      if (!core_aresetn || clear_asked) begin
        frames[32*port+:32]  <= '0;
        stalled[32*port+:32] <= '0;
        starved[32*port+:32] <= '0;
      end else begin
        frames[32*port+:32]  <= frames[32*port+:32] + 32'(valid[port] && ready[port] && last[port]);
        stalled[32*port+:32] <= stalled[32*port+:32] + 32'(valid[port] && !ready[port]);
        starved[32*port+:32] <= starved[32*port+:32] + 32'(ready[port] && !valid[port]);
      end
      if (!core_aresetn) passed[PASSED_BITS*port+:PASSED_BITS] <= '0;
      else
        passed[PASSED_BITS*port+:PASSED_BITS] <=
            passed[PASSED_BITS*port+:PASSED_BITS] + PASSED_BITS'(valid[port] && ready[port] && last[port]);
    end

  // --- reading
  logic ar_held;
  logic [ADDRESS_BITS-1:0] at;
  logic [31:0] found;
  assign arready = awake && !ar_held && !rvalid;
  assign rresp   = 2'b00;

  always_comb begin
    found = '0;
    if (at == ADDRESS_BITS'(AT_ID)) found = ID;
    if (at == ADDRESS_BITS'(AT_VERSION)) found = VERSION;
    if (at == ADDRESS_BITS'(AT_FEATURES)) found = FEATURES;
    if (at == ADDRESS_BITS'(AT_CONTROL)) found = core_aresetn ? '0 : CONTROL_RESET;
    if (at == ADDRESS_BITS'(AT_STATUS)) found = 32'(busy);
    if (at == ADDRESS_BITS'(AT_FRAMES)) found = frames_out;
    if (at == ADDRESS_BITS'(AT_FRAMES_PER_PACKET)) found = frames_per_packet;
    for (int word = 0; word < 8; word = word + 1)
      if (at == ADDRESS_BITS'(AT_GRAPH_SHA256 + HASH_STRIDE * word))
        found = GRAPH_SHA256[32*(7-word)+:32];
    for (int port = 0; port < PORTS; port = port + 1) begin
      if (at == ADDRESS_BITS'(place(port) + PORT_FRAMES)) found = frames[32*port+:32];
      if (at == ADDRESS_BITS'(place(port) + PORT_STALLED)) found = stalled[32*port+:32];
      if (at == ADDRESS_BITS'(place(port) + PORT_STARVED)) found = starved[32*port+:32];
    end
  end

  function automatic int place(input int port);
    place = port < INPUTS ? AT_INPUTS + PORT_STRIDE * port : AT_OUTPUTS + PORT_STRIDE * (port - INPUTS);
  endfunction

  always_ff @(posedge aclk) begin
    if (arvalid && arready) at <= {araddr[ADDRESS_BITS-1:2], 2'b00};
    if (ar_held) rdata <= found;
    if (!aresetn) begin
      ar_held <= 1'b0;
      rvalid  <= 1'b0;
    end else begin
      ar_held <= arvalid && arready;
      rvalid  <= ar_held || (rvalid && !rready);
    end
  end

  wire unused = &{1'b0, awaddr[1:0], araddr[1:0]};  // a register is read and written whole
endmodule
