// The largest of each channel of an image of PIXELS pixels, each of BEATS beats: the pixel that is
// held is the largest so far, and leaves beat by beat as the frame's last pixel comes.
module qfx_peak #(
    parameter int LANES = 2,
    parameter int BITS = 4,
    parameter bit SIGNED = 0,
    parameter int BEATS = 3,
    parameter int PIXELS = 4
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
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int PIXEL_BITS = PIXELS > 1 ? $clog2(PIXELS) : 1;

  (* ram_style = "distributed" *)
  logic [LANES*BITS-1:0] held[0:BEATS-1];
  logic [BEAT_BITS-1:0] beat;
  logic [PIXEL_BITS-1:0] pixel;
  wire take = in_valid && in_ready;
  wire last_beat = beat == BEAT_BITS'(BEATS - 1);
  wire last_pixel = pixel == PIXEL_BITS'(PIXELS - 1);

  assign in_ready = !out_valid || out_ready;

  wire  [LANES*BITS-1:0] so_far = held[beat];
  logic [LANES*BITS-1:0] larger;
  for (genvar lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
    wire [BITS-1:0] x = in_data[lane*BITS+:BITS];
    wire [BITS-1:0] y = so_far[lane*BITS+:BITS];
    wire signed [BITS:0] x_value = $signed({SIGNED && x[BITS-1], x});
    wire signed [BITS:0] y_value = $signed({SIGNED && y[BITS-1], y});
    assign larger[lane*BITS+:BITS] = pixel == '0 || x_value > y_value ? x : y;
  end

  always_ff @(posedge clk) begin
    if (take) begin
      held[beat] <= larger;
      out_data   <= larger;
    end
    if (rst) begin
      beat <= '0;
      pixel <= '0;
      out_valid <= 1'b0;
    end else begin
      if (take) begin
        beat <= last_beat ? '0 : beat + 1'b1;
        if (last_beat) pixel <= last_pixel ? '0 : pixel + 1'b1;
      end
      if (in_ready) out_valid <= in_valid && last_pixel;
    end
  end
endmodule
