// Owns the line buffer: pixels in, patches out, KERNEL_H x KERNEL_W pixels (zeros outside) for each output pixel,
// DILATION_H rows and DILATION_W columns from one to the next.
//
// Where PAD_H or PAD_W is below 0, so many rows or columns at the beginning are in no patch.
//
// A pixel is BEATS beats, group by group; a patch leaves group by group, each of its groups row by row.
// ROWS rows are held in a ring, so that the next frame enters while this one drains.  Where a beat stands is never
// computed anew: from one to the next, the place in the ring, the row, the column and how far it is behind what was
// taken move by a constant, told by the loops that end.  So no clock period holds more than a choice and two sums.
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
    parameter bit READS = 1'b1,  // whether any pixel of any patch is in the image
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

  // The loops, innermost first: over beats of a part, the kernel's columns and rows, groups, the output's.
  localparam int LOOPS = 6;
  /* verilator lint_off WIDTHCONCAT */
  localparam logic [LOOPS*32-1:0] TURNS = {OUT_HEIGHT, OUT_WIDTH, GROUPS, KERNEL_H, KERNEL_W, PART};
  // From one turn of each to its next, and at last from frame to frame: beats; rows and columns of the image.
  localparam int DOWN = DILATION_H * ROW, RIGHT = DILATION_W * BEATS, ONE = 1;
  localparam logic [LOOPS*32+31:0] STEPS = {IMAGE, STRIDE_H * ROW, STRIDE_W * BEATS, PART, DOWN, RIGHT, ONE};
  localparam logic [LOOPS*32+31:0] ROW_STEPS = {32'd0, STRIDE_H, 64'd0, DILATION_H, 64'd0};
  localparam logic [LOOPS*32+31:0] COLUMN_STEPS = {64'd0, STRIDE_W, 64'd0, DILATION_W, 32'd0};
  /* verilator lint_on WIDTHCONCAT */

  // From a beat to the next, when so many loops begin again: a step of the one around them, and back to their begin.
  function automatic logic [LOOPS*32+31:0] moves(input logic [LOOPS*32+31:0] steps);
    int back;
    back = 0;
    for (int loop = 0; loop <= LOOPS; loop++) begin
      moves[32*loop+:32] = steps[32*loop+:32] - back;
      if (loop < LOOPS) back = back + (TURNS[32*loop+:32] - 1) * steps[32*loop+:32];
    end
  endfunction

  // The same moves in the ring: so many places forward, and so many back, which lead to the same.
  function automatic logic [LOOPS*32+31:0] around(input logic [LOOPS*32+31:0] beats, input logic back);
    int move;
    for (int loop = 0; loop <= LOOPS; loop++) begin
      move = beats[32*loop+:32];
      move = move % PLACES;
      if (move < 0) move = move + PLACES;
      around[32*loop+:32] = back ? move - PLACES : move;
    end
  endfunction

  localparam logic [LOOPS*32+31:0] MOVES = moves(STEPS);
  localparam logic [LOOPS*32+31:0] ROW_MOVES = moves(ROW_STEPS), COLUMN_MOVES = moves(COLUMN_STEPS);
  localparam logic [LOOPS*32+31:0] FORTH = around(MOVES, 1'b0), BACK = around(MOVES, 1'b1);
  localparam int FIRST = -PAD_H * ROW - PAD_W * BEATS;  // where the first beat stands in the image

  // Beats of the image above an output row's patches: when a row is done, those that only it needed are given up, and
  // with the last, all there are and those that no patch of the next frame reads.
  function automatic int above(input int row);
    above = (row * STRIDE_H - PAD_H) * ROW;
    above = above < 0 ? 0 : above < IMAGE ? above : IMAGE;
  endfunction

  localparam int UPPER = PAD_H > 0 ? PAD_H / STRIDE_H : 0;  // the first output row that gives up any, and the last one
  localparam int LOWER = (HEIGHT + PAD_H - 1) / STRIDE_H;
  localparam int UPPER_GIVES = above(UPPER + 1) - above(UPPER), LOWER_GIVES = IMAGE - above(LOWER);
  localparam int SKIP = above(0), LEFT = IMAGE - above(OUT_HEIGHT - 1) + SKIP;
  localparam int GIVES_MOST = (LEFT > STRIDE_H * ROW ? LEFT : STRIDE_H * ROW) + (READS ? 0 : IMAGE);

  localparam int LAST_ROW = (OUT_HEIGHT - 1) * STRIDE_H - PAD_H + (KERNEL_H - 1) * DILATION_H;
  localparam int LAST_COLUMN = (OUT_WIDTH - 1) * STRIDE_W - PAD_W + (KERNEL_W - 1) * DILATION_W;
  localparam int ROW_BITS = $clog2((LAST_ROW > HEIGHT ? LAST_ROW : HEIGHT) + (PAD_H > 0 ? PAD_H : 0) + 1) + 1;
  localparam int COLUMN_BITS = $clog2((LAST_COLUMN > WIDTH ? LAST_COLUMN : WIDTH) + (PAD_W > 0 ? PAD_W : 0) + 1) + 1;
  localparam int PLACE_BITS = PLACES > 1 ? $clog2(PLACES) : 1;
  localparam int COUNT_BITS = $clog2(PLACES + GIVES_MOST + 1) + 1;

  (* ram_style = RAM_STYLE *)
  logic [BITS-1:0] memory[0:PLACES-1];

  // Arithmetic is in 32 bits, of which synthesis keeps what counts.
  /* verilator lint_off UNUSED */
  logic signed [COUNT_BITS-1:0] room;  // one less than the beats there is room for, so below zero where there is none
  logic signed [COUNT_BITS-1:0] ahead;  // beats taken behind the one that leaves; of use where that one is in the image
  logic [PLACE_BITS-1:0] write_place, place;
  logic [ROW_BITS-1:0] row;
  logic [COLUMN_BITS-1:0] column;
  logic in_rows, in_columns;  // the image

  logic [LOOPS-1:0] last;  // whether each loop is at its last turn

  wire in_image = in_rows && in_columns;
  wire advance = !out_valid || out_ready;
  // A frame of nothing but padding waits, at its end, for its own first beat: or it would run ahead for ever.
  wire begun = READS || !(&last) || 32'(room) < PLACES + above(OUT_HEIGHT - 1) - 1;
  wire here = in_image ? !ahead[COUNT_BITS-1] : begun;
  wire read = here && advance;
  wire take = in_valid && in_ready;
  assign in_ready = !room[COUNT_BITS-1];

  logic [31:0] out_row;
  for (genvar loop = 0; loop < LOOPS; loop++) begin : loops
    localparam int COUNT = TURNS[32*loop+:32];
    if (COUNT == 1) begin : once
      assign last[loop] = 1'b1;
      if (loop == LOOPS - 1) assign out_row = '0;
    end else begin : often
      logic [$clog2(COUNT)-1:0] turn;
      logic ends;
      assign last[loop] = ends;
      if (loop == LOOPS - 1) assign out_row = 32'(turn);
      always_ff @(posedge clk)
        if (rst) begin
          turn <= '0;
          ends <= 1'b0;
        end else if (read && &(last | ~((LOOPS'(1) << loop) - LOOPS'(1)))) begin
          turn <= ends ? '0 : turn + 1'b1;
          ends <= 32'(turn) == COUNT - 2;
        end
    end
  end

  // What each moves by: as said for the innermost loop that is not at its last turn.
  logic signed [31:0] move, row_move, column_move, forth, back;
  always_comb begin
    {move, row_move, column_move} = {MOVES[32*LOOPS+:32], ROW_MOVES[32*LOOPS+:32], COLUMN_MOVES[32*LOOPS+:32]};
    {forth, back} = {FORTH[32*LOOPS+:32], BACK[32*LOOPS+:32]};
    for (int loop = LOOPS - 1; loop >= 0; loop--)
      if (!last[loop]) begin
        {move, row_move, column_move} = {MOVES[32*loop+:32], ROW_MOVES[32*loop+:32], COLUMN_MOVES[32*loop+:32]};
        {forth, back} = {FORTH[32*loop+:32], BACK[32*loop+:32]};
      end
  end

  wire [31:0] gives = last[LOOPS-1] ? LEFT : out_row == UPPER ? UPPER_GIVES : out_row == LOWER ? LOWER_GIVES
      : out_row > UPPER && out_row < LOWER ? STRIDE_H * ROW : 0;
  wire [PLACE_BITS-1:0] forward = PLACE_BITS'(32'(place) + forth);
  wire [PLACE_BITS:0] backward = (PLACE_BITS + 1)'(32'(place) + back);
  wire [ROW_BITS-1:0] next_row = ROW_BITS'(32'(row) + row_move);
  wire [COLUMN_BITS-1:0] next_column = COLUMN_BITS'(32'(column) + column_move);
  /* verilator lint_on UNUSED */

  always_ff @(posedge clk) begin
    if (take) memory[write_place] <= in_data;
    if (rst) begin
      room <= COUNT_BITS'(PLACES + SKIP - 1);
      ahead <= COUNT_BITS'(-FIRST - 1);
      write_place <= '0;
      place <= PLACE_BITS'((FIRST % PLACES + PLACES) % PLACES);
      row <= ROW_BITS'(-PAD_H);
      column <= COLUMN_BITS'(-PAD_W);
      in_rows <= PAD_H <= 0;
      in_columns <= PAD_W <= 0;
    end else begin
      if (take) write_place <= 32'(write_place) == PLACES - 1 ? '0 : write_place + 1'b1;
      room <= COUNT_BITS'(32'(room) + (read && &last[LOOPS-2:0] ? gives : 0) - (take ? 1 : 0));
      ahead <= COUNT_BITS'(32'(ahead) - (read ? move : 0) + (take ? 1 : 0));
      if (read) begin
        place <= backward[PLACE_BITS] ? forward : backward[PLACE_BITS-1:0];
        row <= next_row;
        column <= next_column;
        in_rows <= 32'(next_row) < HEIGHT;
        in_columns <= 32'(next_column) < WIDTH;
      end
    end
  end

  // --- what leaves: a block RAM is slow, so what it reads has a register of its own
  if (RAM_STYLE == "block") begin : g_block
    logic [BITS-1:0] found;
    logic found_valid, found_in_image;
    always_ff @(posedge clk) begin
      if (advance) begin
        found <= memory[place];
        found_in_image <= in_image;
        out_data <= found_in_image ? found : '0;
      end
      if (rst) {out_valid, found_valid} <= '0;
      else if (advance) {out_valid, found_valid} <= {found_valid, here};
    end
  end else begin : g_distributed
    always_ff @(posedge clk) begin
      if (advance) out_data <= in_image ? memory[place] : '0;
      if (rst) out_valid <= 1'b0;
      else if (advance) out_valid <= here;
    end
  end
endmodule
