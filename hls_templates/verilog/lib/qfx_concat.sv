// Two streams as one: of each pixel A_BEATS beats of the first, then B_BEATS of the second.
module qfx_concat #(
    parameter int LANES = 2,
    parameter int A_BITS = 4,
    parameter bit A_SIGNED = 0,
    parameter int A_BEATS = 2,
    parameter int B_BITS = 4,
    parameter bit B_SIGNED = 1,
    parameter int B_BEATS = 3,
    parameter int OUT_BITS = 5
) (
    input  logic                      clk,
    input  logic                      rst,
    input  logic                      a_valid,
    output logic                      a_ready,
    input  logic [  LANES*A_BITS-1:0] a_data,
    input  logic                      b_valid,
    output logic                      b_ready,
    input  logic [  LANES*B_BITS-1:0] b_data,
    output logic                      out_valid,
    input  logic                      out_ready,
    output logic [LANES*OUT_BITS-1:0] out_data
);
  localparam int BEATS = A_BEATS + B_BEATS;
  localparam int BEAT_BITS = $clog2(BEATS);

  logic [BEAT_BITS-1:0] beat;
  wire from_b = beat >= BEAT_BITS'(A_BEATS);
  wire advance = !out_valid || out_ready;
  wire here = from_b ? b_valid : a_valid;

  assign a_ready = advance && !from_b;
  assign b_ready = advance && from_b;

  for (genvar lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
    wire [A_BITS-1:0] a = a_data[lane*A_BITS+:A_BITS];
    wire [B_BITS-1:0] b = b_data[lane*B_BITS+:B_BITS];
    /* verilator lint_off UNUSED */  // the sign of a wide operand, where the result needs no more bits
    wire signed [A_BITS:0] a_value = $signed({A_SIGNED && a[A_BITS-1], a});
    wire signed [B_BITS:0] b_value = $signed({B_SIGNED && b[B_BITS-1], b});
    /* verilator lint_on UNUSED */
    always_ff @(posedge clk)
      if (advance) out_data[lane*OUT_BITS+:OUT_BITS] <= from_b ? OUT_BITS'(b_value) : OUT_BITS'(a_value);
  end

  always_ff @(posedge clk)
    if (rst) begin
      beat <= '0;
      out_valid <= 1'b0;
    end else if (advance) begin
      out_valid <= here;
      if (here) beat <= beat == BEAT_BITS'(BEATS - 1) ? '0 : beat + 1'b1;
    end
endmodule
