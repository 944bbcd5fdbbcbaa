// The place of a frame's largest element, the first of equal ones: one beat out for BEATS beats in.
module qfx_argmax #(
    parameter int LANES = 2,
    parameter int BITS = 4,
    parameter bit SIGNED = 0,
    parameter int BEATS = 3,
    parameter int INDEX_BITS = 3
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic                  in_valid,
    output logic                  in_ready,
    input  logic [LANES*BITS-1:0] in_data,
    output logic                  out_valid,
    input  logic                  out_ready,
    output logic [INDEX_BITS-1:0] out_data
);
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;

  logic [BEAT_BITS-1:0] beat;
  logic [INDEX_BITS-1:0] place;  // of the beat's lane 0
  logic signed [BITS:0] largest;
  wire take = in_valid && in_ready;
  wire last = beat == BEAT_BITS'(BEATS - 1);

  assign in_ready = !out_valid || out_ready;

  wire signed [BITS:0] value[0:LANES-1];
  for (genvar lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
    wire [BITS-1:0] x = in_data[lane*BITS+:BITS];
    assign value[lane] = $signed({SIGNED && x[BITS-1], x});
  end

  // the largest so far, this beat included; out_data keeps its place while a frame comes in
  logic signed [BITS:0] top;
  logic [INDEX_BITS-1:0] top_place;
  always_comb begin
    top = largest;
    top_place = out_data;
    for (int lane = 0; lane < LANES; lane = lane + 1)
      if ((lane == 0 && beat == '0) || value[lane] > top) begin
        top = value[lane];
        top_place = place + INDEX_BITS'(lane);
      end
  end

  always_ff @(posedge clk) begin
    if (take) begin
      largest  <= top;
      out_data <= top_place;
    end
    if (rst) begin
      beat <= '0;
      place <= '0;
      out_valid <= 1'b0;
    end else begin
      if (take) begin
        beat  <= last ? '0 : beat + 1'b1;
        place <= last ? '0 : place + INDEX_BITS'(LANES);
      end
      if (in_ready) out_valid <= in_valid && last;
    end
  end
endmodule
