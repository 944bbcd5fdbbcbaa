// An output port of the core's IP: a queue of two beats, and packets of frames.
//
// TLAST stands on the last beat of every frames_per_packet-th frame (0 counts as 1), and TKEEP is whole on every other beat.
// A packet is as long as frames_per_packet says when its first beat is offered. No wire of the port's leads through.
module qfx_port_out #(
    parameter int BYTES = 4
) (
    input  logic               clk,
    input  logic               rst,
    input  logic [       31:0] frames_per_packet,
    input  logic               in_valid,
    output logic               in_ready,
    input  logic [8*BYTES-1:0] in_data,
    input  logic [  BYTES-1:0] in_keep,
    input  logic               in_last,
    output logic               out_valid,
    input  logic               out_ready,
    output logic [8*BYTES-1:0] out_data,
    output logic [  BYTES-1:0] out_keep,
    output logic               out_last,
    output logic               last                // the beat ends a frame
);
  logic [31:0] left;  // frames of the packet behind the one whose beats are offered
  logic begun;  // a beat of the packet has gone
  logic waits;
  logic [BYTES-1:0] keep;
  wire give = out_valid && out_ready;

  function automatic [31:0] one_less(input [31:0] count);  // in halves: a carry through all bits would be long
    one_less = {count[31:16] - 16'(count[15:0] == '0), count[15:0] - 1'b1};
  endfunction

  assign out_valid = waits && !rst;
  assign out_last  = last && left == '0;
  assign out_keep  = out_last ? keep : '1;

  always_ff @(posedge clk) begin
    if ((give && out_last) || (!begun && !out_valid))
      left <= frames_per_packet == '0 ? '0 : one_less(frames_per_packet);
    else if (give && last) left <= one_less(left);
    if (rst) begin
      begun <= 1'b0;
    end else if (give) begin
      begun <= !out_last;
    end
  end

  qfx_fifo #(
      .BITS (9 * BYTES + 1),
      .DEPTH(2)
  ) u_queue (
      .clk(clk),
      .rst(rst),
      .in_valid(in_valid),
      .in_ready(in_ready),
      .in_data({in_last, in_keep, in_data}),
      .out_valid(waits),
      .out_ready(out_ready),
      .out_data({last, keep, out_data})
  );
endmodule
