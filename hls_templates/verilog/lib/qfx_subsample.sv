// The pixels that a stride meets, of an image of HEIGHT x WIDTH pixels of BEATS beats each: every STRIDE_H-th row, and of
// it every STRIDE_W-th pixel, from the first on.  What no stride meets is taken and dropped; nothing is held.
module qfx_subsample #(
    parameter int BITS = 8,
    parameter int BEATS = 2,
    parameter int HEIGHT = 5,
    parameter int WIDTH = 4,
    parameter int STRIDE_H = 2,
    parameter int STRIDE_W = 3
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
  // The loops, innermost first: beats, columns up to the next that is met, such columns, rows, such rows.  Where the
  // stride does not divide the side, the last of the inner ones are fewer.
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int COLUMN_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
  localparam int ROW_BITS = HEIGHT > 1 ? $clog2(HEIGHT) : 1;
  localparam int PHASE_W_BITS = STRIDE_W > 1 ? $clog2(STRIDE_W) : 1;
  localparam int PHASE_H_BITS = STRIDE_H > 1 ? $clog2(STRIDE_H) : 1;

  logic [BEAT_BITS-1:0] beat;
  logic [COLUMN_BITS-1:0] column;
  logic [PHASE_W_BITS-1:0] past_column;  // pixels since the last that was met
  logic [PHASE_H_BITS-1:0] past_row;
  logic met;  // whether the beat that comes is of a pixel that is met

  wire take = in_valid && in_ready;
  wire last_beat = beat == BEAT_BITS'(BEATS - 1);
  wire last_column = column == COLUMN_BITS'(WIDTH - 1);
  wire last_row;
  if (HEIGHT % STRIDE_H == 0) begin : g_whole
    assign last_row = 1'b0;  // the stride ends with the image
  end else begin : g_counted
    logic [ROW_BITS-1:0] row;
    assign last_row = row == ROW_BITS'(HEIGHT - 1);
    always_ff @(posedge clk)
      if (rst) row <= '0;
      else if (take && last_beat && last_column) row <= last_row ? '0 : row + 1'b1;
  end
  wire [PHASE_W_BITS-1:0] next_column = last_column || past_column == PHASE_W_BITS'(STRIDE_W - 1) ? '0 : past_column + 1'b1;
  wire [PHASE_H_BITS-1:0] next_row = last_row || past_row == PHASE_H_BITS'(STRIDE_H - 1) ? '0 : past_row + 1'b1;

  assign in_ready = !met || !out_valid || out_ready;

  always_ff @(posedge clk) begin
    if (!out_valid || out_ready) out_data <= in_data;
    if (rst) begin
      beat <= '0;
      column <= '0;
      past_column <= '0;
      past_row <= '0;
      met <= 1'b1;
      out_valid <= 1'b0;
    end else begin
      if (!out_valid || out_ready) out_valid <= in_valid && met;
      if (take) begin
        beat <= last_beat ? '0 : beat + 1'b1;
        if (last_beat) begin
          column <= last_column ? '0 : column + 1'b1;
          past_column <= next_column;
          if (last_column) past_row <= next_row;
          met <= next_column == '0 && (last_column ? next_row : past_row) == '0;
        end
      end
    end
  end
endmodule
