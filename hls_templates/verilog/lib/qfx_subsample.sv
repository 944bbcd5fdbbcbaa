// The columns that a stride meets, of rows of WIDTH pixels of BEATS beats each: every STRIDE-th pixel, from the first on.
// What no stride meets is taken and dropped; nothing is held.
module qfx_subsample #(
    parameter int BITS = 8,
    parameter int BEATS = 2,
    parameter int WIDTH = 4,
    parameter int STRIDE = 3
) (
    input  logic            clk,
    input  logic            rst,
    input  logic            in_valid,
    output logic            in_ready,
    input  logic [BITS-1:0] in_data,
    output logic            out_valid,
    input  logic            out_ready,
    output logic [BITS-1:0] out_data
);
  // The loops, innermost first: beats, columns up to the next that is met, such columns.  Where the stride does not divide
  // the width, the last of the inner ones are fewer.
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int COLUMN_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
  localparam int PAST_BITS = STRIDE > 1 ? $clog2(STRIDE) : 1;

  logic [BEAT_BITS-1:0] beat;
  logic [COLUMN_BITS-1:0] column;
  logic [PAST_BITS-1:0] past;  // pixels since the last that was met
  logic met;  // whether the beat that comes is of a pixel that is met

  wire take = in_valid && in_ready;
  wire last_beat = beat == BEAT_BITS'(BEATS - 1);
  wire last_column = column == COLUMN_BITS'(WIDTH - 1);
  wire next_met = last_column || past == PAST_BITS'(STRIDE - 1);

  assign in_ready = !met || !out_valid || out_ready;

  always_ff @(posedge clk) begin
    if (!out_valid || out_ready) out_data <= in_data;
    if (rst) begin
      beat <= '0;
      column <= '0;
      past <= '0;
      met <= 1'b1;
      out_valid <= 1'b0;
    end else begin
      if (!out_valid || out_ready) out_valid <= in_valid && met;
      if (take) begin
        beat <= last_beat ? '0 : beat + 1'b1;
        if (last_beat) begin
          column <= last_column ? '0 : column + 1'b1;
          past <= next_met ? '0 : past + 1'b1;
          met <= next_met;
        end
      end
    end
  end
endmodule
