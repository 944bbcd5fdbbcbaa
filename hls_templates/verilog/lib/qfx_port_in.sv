// An input port of the core's IP: a queue of two beats, and a count of them, BEATS a frame.
//
// No wire of the port's leads through: what it answers comes from registers.
module qfx_port_in #(
    parameter int BITS  = 32,
    parameter int BEATS = 2
) (
    input  logic            clk,
    input  logic            rst,
    input  logic            in_valid,
    output logic            in_ready,
    input  logic [BITS-1:0] in_data,
    output logic            out_valid,
    input  logic            out_ready,
    output logic [BITS-1:0] out_data,
    output logic            last,       // the next beat ends a frame
    output logic            midframe      // a part of a frame has come in
);
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;

  logic [BEAT_BITS-1:0] beat;
  logic room;
  assign in_ready = room && !rst;
  assign last = beat == BEAT_BITS'(BEATS - 1);
  assign midframe = beat != '0;
  always_ff @(posedge clk)
    if (rst) beat <= '0;
    else if (in_valid && in_ready) beat <= last ? '0 : beat + 1'b1;

  qfx_fifo #(
      .BITS (BITS),
      .DEPTH(2)
  ) u_queue (
      .clk(clk),
      .rst(rst),
      .in_valid(in_valid && in_ready),
      .in_ready(room),
      .in_data(in_data),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .out_data(out_data)
  );
endmodule
