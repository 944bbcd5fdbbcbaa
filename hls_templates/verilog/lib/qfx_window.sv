// Owns the line buffer: pixels in, patches out, KERNEL_H x KERNEL_W pixels (zeros outside) for each output pixel,
// DILATION_H rows and DILATION_W columns from one to the next.
//
// A pixel is BEATS beats, group by group; a patch leaves group by group, each of its groups row by row.
// ROWS rows are held in a ring, so that the next frame enters while this one drains.
module qfx_window #(
    parameter int BITS = 8,
    parameter int BEATS = 2,
    parameter int GROUPS = 1,
    parameter int HEIGHT = 5,
    parameter int WIDTH = 6,
    parameter int KERNEL_H = 3,
    parameter int KERNEL_W = 3,
    parameter int STRIDE_H = 1,
    parameter int STRIDE_W = 1,
    parameter int DILATION_H = 1,
    parameter int DILATION_W = 1,
    parameter int PAD_H = 1,
    parameter int PAD_W = 1,
    parameter int OUT_HEIGHT = 5,
    parameter int OUT_WIDTH = 6,
    parameter int ROWS = 4
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
  localparam int PART = BEATS / GROUPS;  // beats of one group of one pixel
  localparam int ROW_BEATS = WIDTH * BEATS;
  localparam int PLACES = ROWS * ROW_BEATS;
  localparam int PLACE_BITS = PLACES > 1 ? $clog2(PLACES) : 1;
  localparam int COUNT_BITS = $clog2(HEIGHT + WIDTH + OUT_HEIGHT + OUT_WIDTH + BEATS + KERNEL_H + KERNEL_W + ROWS) + 1;
  localparam int BEAT_BITS = ROW_BEATS > 1 ? $clog2(ROW_BEATS) : 1;
  // rows given up at the end of a frame: those the last output row still needed, and those none did
  localparam int LAST_TOP = (OUT_HEIGHT - 1) * STRIDE_H - PAD_H;
  localparam int LEFT = HEIGHT - (LAST_TOP < 0 ? 0 : LAST_TOP < HEIGHT ? LAST_TOP : HEIGHT);

  logic [BITS-1:0] memory[0:PLACES-1];

  // Registers are as wide as they need; all arithmetic is in 32 signed bits, of which synthesis keeps what counts.
  /* verilator lint_off UNUSED */
  logic [COUNT_BITS-1:0] write_slot, top_slot, out_row, out_column, group, tap_row, tap_column, part;
  logic [BEAT_BITS-1:0] write_beat;
  logic signed [COUNT_BITS:0] level;  // rows written less rows given up; below zero while skipping rows

  // by shifts and adds: a product of the addresses could cost a DSP slice
  function automatic signed [31:0] times(input signed [31:0] x, input int factor);
    times = 0;
    for (int k = 0; k < 31; k = k + 1) if (factor[k]) times = times + (x <<< k);
  endfunction

  wire signed [31:0] top = times(32'(out_row), STRIDE_H) - PAD_H;
  wire signed [31:0] kept = top < 0 ? 0 : top < HEIGHT ? top : HEIGHT;  // the first row that is still needed
  wire signed [31:0] row = top + times(32'(tap_row), DILATION_H);
  wire signed [31:0] left = times(32'(out_column), STRIDE_W) - PAD_W;
  wire signed [31:0] column = left + times(32'(tap_column), DILATION_W);
  wire in_image = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
  wire signed [31:0] depth = row - kept;
  wire signed [31:0] beat = times(column, BEATS) + times(32'(group), PART) + $signed(32'(part));
  wire signed [31:0] rows_here = 32'(level);
  wire signed [31:0] beats_here = $signed(32'(write_beat));
  wire here = !in_image || depth < rows_here || (depth == rows_here && beat < beats_here);

  wire advance = !out_valid || out_ready;
  wire read = here && advance;
  wire take = in_valid && in_ready;

  wire part_done = 32'(part) == PART - 1;
  wire column_done = part_done && 32'(tap_column) == KERNEL_W - 1;
  wire group_done = column_done && 32'(tap_row) == KERNEL_H - 1;
  wire patch_done = group_done && 32'(group) == GROUPS - 1;
  wire row_done = patch_done && 32'(out_column) == OUT_WIDTH - 1;
  wire frame_done = row_done && 32'(out_row) == OUT_HEIGHT - 1;
  wire row_taken = take && beats_here == ROW_BEATS - 1;

  wire signed [31:0] next_top = top + STRIDE_H;
  wire signed [31:0] next_kept = next_top < 0 ? 0 : next_top < HEIGHT ? next_top : HEIGHT;
  wire signed [31:0] given_up = frame_done ? LEFT : next_kept - kept;
  wire signed [31:0] moved_slot = $signed(32'(top_slot)) + (frame_done ? LEFT % ROWS : given_up);
  wire signed [31:0] next_slot = moved_slot >= ROWS ? moved_slot - ROWS : moved_slot;
  wire signed [31:0] deep_slot = $signed(32'(top_slot)) + depth;
  wire signed [31:0] read_slot = deep_slot >= ROWS ? deep_slot - ROWS : deep_slot;
  wire signed [31:0] read_place = in_image ? times(read_slot, ROW_BEATS) + beat : 0;
  wire signed [31:0] write_place = times(32'(write_slot), ROW_BEATS) + beats_here;

  /* verilator lint_on UNUSED */

  assign in_ready = rows_here < ROWS;

  always_ff @(posedge clk) begin
    if (take) memory[PLACE_BITS'(write_place)] <= in_data;
    if (advance) out_data <= in_image ? memory[PLACE_BITS'(read_place)] : '0;
    if (rst) begin
      write_slot <= '0;
      top_slot <= '0;
      out_row <= '0;
      out_column <= '0;
      group <= '0;
      tap_row <= '0;
      tap_column <= '0;
      part <= '0;
      write_beat <= '0;
      level <= '0;
      out_valid <= 1'b0;
    end else begin
      if (take) write_beat <= row_taken ? '0 : write_beat + 1'b1;
      if (row_taken) write_slot <= 32'(write_slot) == ROWS - 1 ? '0 : write_slot + 1'b1;
      level <= (COUNT_BITS + 1)'(rows_here + (row_taken ? 1 : 0) - (read && row_done ? given_up : 0));
      if (advance) out_valid <= here;
      if (read) begin
        part <= part_done ? '0 : part + 1'b1;
        if (part_done) tap_column <= column_done ? '0 : tap_column + 1'b1;
        if (column_done) tap_row <= group_done ? '0 : tap_row + 1'b1;
        if (group_done) group <= patch_done ? '0 : group + 1'b1;
        if (patch_done) out_column <= row_done ? '0 : out_column + 1'b1;
        if (row_done) begin
          out_row <= frame_done ? '0 : out_row + 1'b1;
          top_slot <= COUNT_BITS'(next_slot);
        end
      end
    end
  end
endmodule
