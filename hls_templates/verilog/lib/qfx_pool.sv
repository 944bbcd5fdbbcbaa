// The largest of TAPS beats, lane by lane: one beat out for a patch that a window sends.
module qfx_pool #(
    parameter int LANES = 2,
    parameter int BITS = 4,
    parameter bit SIGNED = 0,
    parameter int TAPS = 4
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic                  in_valid,
    output logic                  in_ready,
    input  logic [LANES*BITS-1:0] in_data,
    output logic                  out_valid,
    input  logic                  out_ready,
    output logic [LANES*BITS-1:0] out_data
);
  localparam int TAP_BITS = TAPS > 1 ? $clog2(TAPS) : 1;

  logic [TAP_BITS-1:0] tap;
  wire take = in_valid && in_ready;
  wire last = tap == TAP_BITS'(TAPS - 1);

  assign in_ready = !out_valid || out_ready;

  for (genvar lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
    wire [BITS-1:0] x = in_data[lane*BITS+:BITS];
    wire [BITS-1:0] y = out_data[lane*BITS+:BITS];
    wire signed [BITS:0] x_value = $signed({SIGNED && x[BITS-1], x});
    wire signed [BITS:0] y_value = $signed({SIGNED && y[BITS-1], y});
    always_ff @(posedge clk)
      if (take && (tap == '0 || x_value > y_value)) out_data[lane*BITS+:BITS] <= x;
  end

  always_ff @(posedge clk)
    if (rst) begin
      tap <= '0;
      out_valid <= 1'b0;
    end else begin
      if (take) tap <= last ? '0 : tap + 1'b1;
      if (in_ready) out_valid <= in_valid && last;
    end
endmodule
