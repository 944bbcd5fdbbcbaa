// Owns the line buffer: pixels in, patches out, KERNEL_H x KERNEL_W pixels (zeros outside) for each output pixel,
// DILATION_H rows and DILATION_W columns from one to the next.
//
// Where PAD_H or PAD_W is below 0, so many rows or columns at the beginning are in no patch.
//
// A pixel is BEATS beats, group by group; a patch leaves group by group, each of its groups row by row.
// ROWS rows are held in a ring, so that the next frame enters while this one drains.  Every place, in the image and in
// the ring, is counted in beats and moved step by step, so that none has to be multiplied.
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
    parameter int ROWS = 4,
    /* verilator lint_off UNUSED */
    parameter RAM_STYLE = "distributed"  // of the line buffer: "distributed" or "block"
    /* verilator lint_on UNUSED */
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
  localparam int ROW = WIDTH * BEATS;
  localparam int IMAGE = HEIGHT * ROW;
  localparam int PLACES = ROWS * ROW;
  localparam int PLACE_BITS = PLACES > 1 ? $clog2(PLACES) : 1;
  // where patches and their taps begin, in steps of, and end
  localparam int FIRST_TOP = -PAD_H * ROW, NEXT_TOP = STRIDE_H * ROW, LAST_TOP = FIRST_TOP + (OUT_HEIGHT - 1) * NEXT_TOP;
  localparam int FIRST_LEFT = -PAD_W * BEATS, NEXT_LEFT = STRIDE_W * BEATS;
  localparam int LAST_LEFT = FIRST_LEFT + (OUT_WIDTH - 1) * NEXT_LEFT;
  localparam int NEXT_DOWN = DILATION_H * ROW, LAST_DOWN = (KERNEL_H - 1) * NEXT_DOWN;
  localparam int NEXT_RIGHT = DILATION_W * BEATS, LAST_RIGHT = (KERNEL_W - 1) * NEXT_RIGHT;
  // given up before a frame: rows that none needs; and at its end: those the last output row still needed, those that
  // none did, and those before the next frame
  localparam int SKIP = FIRST_TOP > 0 ? FIRST_TOP : 0;
  localparam int LEFT = IMAGE - (LAST_TOP < 0 ? 0 : LAST_TOP < IMAGE ? LAST_TOP : IMAGE) + SKIP;

  // bits of signed positions, downwards and to the right, and of counts within a pixel
  localparam int ABOVE = FIRST_TOP < 0 ? -FIRST_TOP : 0, BEFORE = FIRST_LEFT < 0 ? -FIRST_LEFT : 0;
  localparam int DOWN_BITS = $clog2(IMAGE + PLACES + ABOVE + (LAST_TOP > 0 ? LAST_TOP : 0) + LAST_DOWN + 1) + 1;
  localparam int RIGHT_BITS = $clog2(BEFORE + (LAST_LEFT > 0 ? LAST_LEFT : 0) + LAST_RIGHT + 1) + 1;
  localparam int PART_BITS = $clog2(BEATS + 1);

  (* ram_style = RAM_STYLE *)
  logic [BITS-1:0] memory[0:PLACES-1];

  // Registers are as wide as they need; all arithmetic is in 32 signed bits, of which synthesis keeps what counts.
  /* verilator lint_off UNUSED */
  logic signed [DOWN_BITS-1:0] top, down, held;  // held: beats taken less beats given up; below zero while skipping rows
  logic signed [RIGHT_BITS-1:0] left, right;
  logic [PART_BITS-1:0] group, part;
  logic [PLACE_BITS-1:0] write_place, top_place;

  wire signed [31:0] row = 32'(top) + 32'(down);
  wire signed [31:0] column = 32'(left) + 32'(right);
  wire in_image = row >= 0 && row < IMAGE && column >= 0 && column < ROW;
  wire signed [31:0] kept = top < 0 ? 0 : 32'(top) < IMAGE ? 32'(top) : IMAGE;  // the first row that is still needed
  wire signed [31:0] depth = row - kept + column + $signed(32'(group)) + $signed(32'(part));
  wire here = !in_image || depth < 32'(held);

  wire advance = !out_valid || out_ready;
  wire read = here && advance;
  wire take = in_valid && in_ready;

  wire part_done = 32'(part) == PART - 1;
  wire column_done = part_done && 32'(right) == LAST_RIGHT;
  wire group_done = column_done && 32'(down) == LAST_DOWN;
  wire patch_done = group_done && 32'(group) == BEATS - PART;
  wire row_done = patch_done && 32'(left) == LAST_LEFT;
  wire frame_done = row_done && 32'(top) == LAST_TOP;

  wire signed [31:0] next_top = 32'(top) + NEXT_TOP;
  wire signed [31:0] next_kept = next_top < 0 ? 0 : next_top < IMAGE ? next_top : IMAGE;
  wire signed [31:0] given_up = frame_done ? LEFT : next_kept - kept;
  wire signed [31:0] moved_place = $signed(32'(top_place)) + (frame_done ? LEFT % PLACES : given_up);
  wire signed [31:0] next_place = moved_place >= PLACES ? moved_place - PLACES : moved_place;
  wire signed [31:0] deep_place = $signed(32'(top_place)) + depth;
  wire signed [31:0] read_place = deep_place >= PLACES ? deep_place - PLACES : deep_place;
  /* verilator lint_on UNUSED */

  assign in_ready = 32'(held) < PLACES;

  always_ff @(posedge clk) begin
    if (take) memory[write_place] <= in_data;
    if (advance) out_data <= in_image ? memory[PLACE_BITS'(read_place)] : '0;
    if (rst) begin
      top <= DOWN_BITS'(FIRST_TOP);
      left <= RIGHT_BITS'(FIRST_LEFT);
      down <= '0;
      right <= '0;
      group <= '0;
      part <= '0;
      held <= DOWN_BITS'(-SKIP);
      write_place <= '0;
      top_place <= PLACE_BITS'(SKIP % PLACES);
      out_valid <= 1'b0;
    end else begin
      if (take) write_place <= 32'(write_place) == PLACES - 1 ? '0 : write_place + 1'b1;
      held <= DOWN_BITS'(32'(held) + (take ? 1 : 0) - (read && row_done ? given_up : 0));
      if (advance) out_valid <= here;
      if (read) begin
        part <= part_done ? '0 : part + 1'b1;
        if (part_done) right <= column_done ? '0 : right + RIGHT_BITS'(NEXT_RIGHT);
        if (column_done) down <= group_done ? '0 : down + DOWN_BITS'(NEXT_DOWN);
        if (group_done) group <= patch_done ? '0 : group + PART_BITS'(PART);
        if (patch_done) left <= row_done ? RIGHT_BITS'(FIRST_LEFT) : left + RIGHT_BITS'(NEXT_LEFT);
        if (row_done) begin
          top <= frame_done ? DOWN_BITS'(FIRST_TOP) : DOWN_BITS'(next_top);
          top_place <= PLACE_BITS'(next_place);
        end
      end
    end
  end
endmodule
