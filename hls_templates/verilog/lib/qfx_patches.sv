// Owns the parallel line buffer: pixels in, whole patches out, all KERNEL_H x KERNEL_W taps (zeros outside) of as many
// channels in one beat as came in one, DILATION_H rows and DILATION_W columns from one tap to the next.
//
// A pixel is BEATS beats, and so is its patch; the lanes of one are tap row, tap column, channel.  Where PAD_H or PAD_W
// is below 0, so many rows or columns at the beginning are in no patch.
//
// Each of ROWS rows is held in a bank of its own, a ring that the next frame enters while this one drains.  For each row
// of patches the columns FIRST to LAST, those that any patch reads, are read once, all taps of a column at the same
// address of their banks; with the columns before, which a short memory holds, they are a patch.  The patches that
// reach beyond the last column leave while the next row's first ones are read, or alone where those are not there yet.
// Every place moves by a constant and is known a beat ahead.
module qfx_patches #(
    parameter int BITS = 8,
    parameter int BEATS = 2,
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
    parameter int FIRST = 0,
    parameter int LAST = 5,
    parameter int ROWS = 4,
    /* verilator lint_off UNUSED */
    parameter RAM_STYLE = "distributed",  // of each bank: "distributed" or "block"
    parameter COLUMN_STYLE = "distributed"  // of the columns before
    /* verilator lint_on UNUSED */
) (
    input  logic                              clk,
    input  logic                              rst,
    input  logic                              in_valid,
    output logic                              in_ready,
    input  logic [                  BITS-1:0] in_data,
    output logic                              out_valid,
    input  logic                              out_ready,
    output logic [KERNEL_H*KERNEL_W*BITS-1:0] out_data
);
  localparam int ROW = WIDTH * BEATS;
  localparam int PLACES = ROWS * ROW;
  localparam int COLUMN = KERNEL_H * BITS;  // all taps of one

  // Columns, counted from where the scan of a row begins: those that are read; those at which the first and the last
  // patch are whole; the length of the scan, in which at most one patch leaves at a time; and how many are left then.
  localparam int WHOLE = (KERNEL_W - 1) * DILATION_W - PAD_W;
  localparam int BEGIN = WHOLE < FIRST ? WHOLE : FIRST;
  localparam int READ_FROM = FIRST - BEGIN, READ_TO = LAST - BEGIN;
  localparam int SEND_FROM = WHOLE - BEGIN, SEND_TO = SEND_FROM + (OUT_WIDTH - 1) * STRIDE_W;
  localparam int HALF = (SEND_TO + 2) / 2;
  localparam int APART = (OUT_WIDTH - 1) * STRIDE_W + 1 > HALF ? (OUT_WIDTH - 1) * STRIDE_W + 1 : HALF;
  localparam int SCAN = READ_TO + 1 > APART ? READ_TO + 1 : APART;
  localparam int TAIL = SEND_TO >= SCAN ? SEND_TO - SCAN + 1 : 0;
  localparam int READ = READ_TO - READ_FROM + 1;
  localparam int SPARE = TAIL == 0 ? 0 : (TAIL < READ ? TAIL : READ) * BEATS - 1;  // read together with a tail
  localparam int X_BITS = $clog2((SEND_TO > SCAN ? SEND_TO : SCAN) + 1);

  // The last row of the image that a row of patches waits for, and the first that it keeps; from a row to the next.
  function automatic int waits_for(input int row);
    waits_for = row * STRIDE_H - PAD_H + (KERNEL_H - 1) * DILATION_H;
    waits_for = waits_for < -1 ? -1 : waits_for < HEIGHT ? waits_for : HEIGHT - 1;
  endfunction

  function automatic int keeps(input int row);
    keeps = row * STRIDE_H - PAD_H;
    keeps = keeps < 0 ? 0 : keeps < HEIGHT ? keeps : HEIGHT;
  endfunction

  localparam int FRAME_WAITS = HEIGHT + waits_for(0) - waits_for(OUT_HEIGHT - 1);
  localparam int FRAME_GIVES = HEIGHT + keeps(0) - keeps(OUT_HEIGHT - 1);

  // What is taken ahead of the place to read changes by, from a row's last beat to the next one's first, which waits for
  // as many as are read together with a tail; and room, beside the beat that may come.
  function automatic int moves_by(input int rows);
    moves_by = READ * BEATS - rows * ROW - SPARE - (SCAN > READ_TO + 1 ? 0 : 1);
  endfunction

  function automatic int moves(input int row);
    moves = moves_by(row == OUT_HEIGHT - 1 ? FRAME_WAITS : waits_for(row + 1) - waits_for(row));
  endfunction

  function automatic int gives(input int row);
    gives = (row == OUT_HEIGHT - 1 ? FRAME_GIVES : keeps(row + 1) - keeps(row)) * ROW - 1;
  endfunction

  // How many rows lie before that whose y is the first of at least `least`.
  function automatic int rows_to(input int y, input int least);
    rows_to = least <= y ? 0 : (least - y + STRIDE_H - 1) / STRIDE_H;
  endfunction

  // Of most rows both are the same; not of the last, and not where the image begins or ends.
  localparam int LOWEST = (KERNEL_H - 1) * DILATION_H - PAD_H;
  localparam int MOVES_FROM = rows_to(LOWEST, -1), MOVES_TO = rows_to(LOWEST, HEIGHT - 1) - 1;
  localparam int GIVES_FROM = rows_to(-PAD_H, 0), GIVES_TO = rows_to(-PAD_H, HEIGHT) - 1;
  localparam int MOST_WAITS = (FRAME_WAITS > STRIDE_H ? FRAME_WAITS : STRIDE_H) * ROW;
  localparam int MOST_GIVES = (FRAME_GIVES > STRIDE_H ? FRAME_GIVES : STRIDE_H) * ROW;
  localparam int AHEAD_BITS = $clog2(PLACES + ROW + MOST_WAITS + SPARE + 2) + 1;
  localparam int ROOM_BITS = $clog2(PLACES + keeps(0) * ROW + MOST_GIVES + 1) + 1;
  localparam int OUT_BITS = OUT_HEIGHT > 1 ? $clog2(OUT_HEIGHT) : 1;
  localparam int PLACE_BITS = ROW > 1 ? $clog2(ROW) : 1;
  localparam int BANK_BITS = ROWS > 1 ? $clog2(ROWS) : 1;

  function automatic int bank_of(input int row);
    bank_of = (row % ROWS + ROWS) % ROWS;
  endfunction

  function automatic int bank_after(input int bank, input int rows);  // fewer than ROWS; a choice: no carry is waited for
    bank_after = 0;
    for (int b = 0; b < ROWS; b++) if (bank == b) bank_after = b + rows < ROWS ? b + rows : b + rows - ROWS;
  endfunction

  function automatic logic [BITS-1:0] of_bank(input logic [ROWS*BITS-1:0] all, input int bank);
    of_bank = '0;
    for (int b = 0; b < ROWS; b++) if (bank == b) of_bank = all[b*BITS+:BITS];
  endfunction

  // Whether a count has come to a constant, bit by bit: no carry is waited for.
  function automatic logic reaches(input logic [31:0] count, input int least);
    reaches = 1'b1;
    for (int bit_ = 0; bit_ < 32; bit_++)
      reaches = least[bit_] ? count[bit_] && reaches : count[bit_] || reaches;
    if (least <= 0) reaches = 1'b1;
  endfunction

  function automatic logic lies(input logic [31:0] count, input int from, input int until_);
    lies = reaches(count, from) && !reaches(count, until_);
  endfunction

  // The columns of the scan at which tap s of the patch that is whole there is in the image; the rows at which tap r is.
  function automatic int enters(input int s);
    enters = (KERNEL_W - 1 - s) * DILATION_W - BEGIN;
  endfunction

  function automatic int enters_row(input int r);
    enters_row = rows_to(r * DILATION_H - PAD_H, 0);
  endfunction

  function automatic int leaves_row(input int r);
    leaves_row = rows_to(r * DILATION_H - PAD_H, HEIGHT);
  endfunction

  // Arithmetic is in 32 bits, of which synthesis keeps what counts.
  /* verilator lint_off UNUSED */

  // --- in: rows are written one after the other, each into the next bank
  logic signed [ROOM_BITS-1:0] room;  // one less than the beats there is room for, so below zero where there is none
  logic [PLACE_BITS-1:0] write_place;
  logic [ BANK_BITS-1:0] write_bank;
  logic                  write_ends;  // whether it is a row's last beat
  wire take = in_valid && in_ready;
  assign in_ready = !room[ROOM_BITS-1];

  always_ff @(posedge clk)
    if (rst) begin
      write_place <= '0;
      write_bank <= '0;
      write_ends <= ROW == 1;
    end else if (take) begin
      write_place <= write_ends ? '0 : write_place + 1'b1;
      write_ends <= ROW == 1 || (!write_ends && 32'(write_place) == ROW - 2);
      if (write_ends) write_bank <= 32'(write_bank) == ROWS - 1 ? '0 : write_bank + 1'b1;
    end

  // --- the scan: where the next beat is read, and the patch that leaves with it
  logic signed [AHEAD_BITS-1:0] ahead;  // beats taken behind the one to be read; at a row's begin behind all of a tail
  logic [X_BITS-1:0] x, sent_x;  // columns: of what is read, and at which the patch is whole that leaves; mostly the same
  logic [PLACE_BITS-1:0] place;
  logic [OUT_BITS-1:0] out_row;
  logic tail;  // patches of the row before are left
  logic fresh;  // nothing of this row was read
  logic alone;  // a column of a tail, all its beats, goes without reading
  logic last_beat, last_x, last_sent, last_row, reads;  // of each whether it is the last; whether column x is read
  logic sends;  // a patch may be whole at sent_x, but for the stride
  logic whole;
  logic [KERNEL_W-1:0] in_image;  // the columns of its taps are
  logic [KERNEL_H-1:0] row_in_image;  // and their rows
  logic signed [AHEAD_BITS-1:0] row_moves;  // from this row's end to the next one's begin
  logic signed [ROOM_BITS-1:0] row_gives;
  logic [1:0] unused;  // of sums with a carry

  wire advance = !out_valid || out_ready;
  wire here = !ahead[AHEAD_BITS-1] || !reads;
  wire read = advance && here && !alone;
  wire step = advance && (here || (tail && fresh));
  wire last = last_x && last_beat;
  wire row_ends = read && last;
  wire column_ends = step && last_beat;

  // Of what was taken ahead: what reading here takes; what is given back as nothing is left to wait for a whole tail.
  wire behind = SPARE != 0 && tail && fresh;
  wire signed [31:0] takes = behind ? (reads ? SPARE - 1 : SPARE) : last ? 32'(row_moves) : reads ? -1 : 0;
  wire signed [31:0] change = read ? takes : behind && column_ends && last_sent ? SPARE : 0;

  // Where a tail has left, the patches of the row that is read come next, from its begin where nothing of it was.
  wire again = TAIL == 0 ? last_x : tail && last_sent && !read;
  wire [X_BITS-1:0] from_x = TAIL != 0 && tail && last_sent ? x : sent_x;

  if (BEATS == 1) begin : g_one_beat
    assign last_beat = 1'b1;
    assign alone = 1'b0;
  end else begin : g_beats
    localparam int BEAT_BITS = $clog2(BEATS);
    logic [BEAT_BITS-1:0] beat;
    always_ff @(posedge clk)
      if (rst) begin
        beat <= '0;
        last_beat <= 1'b0;
        alone <= 1'b0;
      end else if (step) begin
        beat <= last_beat ? '0 : beat + 1'b1;
        last_beat <= 32'(beat) == BEATS - 2;
        alone <= !read && !last_beat;
      end
  end

  if (STRIDE_W == 1) begin : g_every
    assign whole = sends;
  end else begin : g_strided
    logic [$clog2(STRIDE_W)-1:0] phase;
    logic first;
    assign whole = sends && first;
    always_ff @(posedge clk)
      if (rst) begin
        phase <= '0;
        first <= 1'b1;
      end else if (column_ends) begin
        phase <= !sends || last_sent || 32'(phase) == STRIDE_W - 1 ? '0 : phase + 1'b1;
        first <= !sends || last_sent || 32'(phase) == STRIDE_W - 1;
      end
  end

  always_ff @(posedge clk)
    if (rst) begin
      room <= ROOM_BITS'(PLACES + keeps(0) * ROW - 1);
      ahead <= AHEAD_BITS'(-(waits_for(0) * WIDTH + FIRST) * BEATS - 1);
      x <= '0;
      sent_x <= '0;
      place <= PLACE_BITS'(FIRST * BEATS);
      out_row <= '0;
      tail <= 1'b0;
      fresh <= 1'b1;
      last_x <= SCAN == 1;
      last_sent <= SEND_TO == 0;
      last_row <= OUT_HEIGHT == 1;
      reads <= READ_FROM == 0;
      sends <= SEND_FROM == 0;
      row_moves <= AHEAD_BITS'(moves(0));
      row_gives <= ROOM_BITS'(gives(0));
      for (int s = 0; s < KERNEL_W; s++) in_image[s] <= lies(0, enters(s), enters(s) + WIDTH);
      for (int r = 0; r < KERNEL_H; r++) row_in_image[r] <= lies(0, enters_row(r), leaves_row(r));
    end else begin
      {room, unused[0]} <= {room, 1'b1} + {row_ends ? row_gives : ROOM_BITS'(-1), !take};
      {ahead, unused[1]} <= {ahead, 1'b1} + {AHEAD_BITS'(change), take};
      if (read) begin
        fresh <= last;
        if (last) place <= PLACE_BITS'(FIRST * BEATS);
        else if (reads) place <= place + 1'b1;
      end
      if (row_ends) begin
        out_row <= last_row ? '0 : out_row + 1'b1;
        last_row <= OUT_HEIGHT == 1 || (!last_row && 32'(out_row) == OUT_HEIGHT - 2);
        row_moves <= AHEAD_BITS'(last_row ? moves(0)
            : 32'(out_row) == OUT_HEIGHT - 2 ? moves(OUT_HEIGHT - 1)
            : 32'(out_row) == MOVES_FROM - 2 ? moves(MOVES_FROM - 1)
            : 32'(out_row) == MOVES_TO - 1 ? moves(MOVES_TO)
            : lies(32'(out_row), MOVES_FROM - 1, MOVES_TO - 1) ? moves_by(STRIDE_H) : moves_by(0));
        row_gives <= ROOM_BITS'(last_row ? gives(0)
            : 32'(out_row) == OUT_HEIGHT - 2 ? gives(OUT_HEIGHT - 1)
            : 32'(out_row) == GIVES_FROM - 2 ? gives(GIVES_FROM - 1)
            : 32'(out_row) == GIVES_TO - 1 ? gives(GIVES_TO)
            : lies(32'(out_row), GIVES_FROM - 1, GIVES_TO - 1) ? STRIDE_H * ROW - 1 : -1);
        for (int r = 0; r < KERNEL_H; r++)
          row_in_image[r] <= last_row ? lies(0, enters_row(r), leaves_row(r))
              : lies(32'(out_row), enters_row(r) - 1, leaves_row(r) - 1);
      end
      if (read && last_beat) begin
        x <= last_x ? '0 : x + 1'b1;
        last_x <= SCAN == 1 || (!last_x && 32'(x) == SCAN - 2);
        reads <= last_x ? READ_FROM == 0 : lies(32'(x), READ_FROM - 1, READ_TO);
      end
      if (column_ends) begin
        sent_x <= again ? '0 : from_x + 1'b1;
        last_sent <= again ? SEND_TO == 0 : 32'(from_x) == SEND_TO - 1;
        sends <= again ? SEND_FROM == 0 : lies(32'(from_x), SEND_FROM - 1, SEND_TO);
        for (int s = 0; s < KERNEL_W; s++)
          in_image[s] <= again ? lies(0, enters(s), enters(s) + WIDTH)
              : lies(32'(from_x), enters(s) - 1, enters(s) + WIDTH - 1);
        if (TAIL != 0) tail <= (read && last_x) || (tail && !last_sent);
      end
    end

  // --- a column: the beat at the place, of all banks; of them the taps' rows
  logic moved, sent;  // of the beat that was read: whether there is one, and whether a patch leaves with it
  logic [KERNEL_W-1:0] was_in_image;
  logic [KERNEL_H-1:0] was_row;
  logic [ROWS*BITS-1:0] banks;
  logic [COLUMN-1:0] column;
  /* verilator lint_on UNUSED */

  for (genvar bank = 0; bank < ROWS; bank++) begin : g_bank
    (* ram_style = RAM_STYLE *)
    logic [BITS-1:0] memory[0:ROW-1];
    logic [BITS-1:0] held;
    assign banks[bank*BITS+:BITS] = held;
    always_ff @(posedge clk) begin
      if (take && 32'(write_bank) == bank) memory[write_place] <= in_data;
      if (advance) held <= memory[place];
    end
  end

  for (genvar r = 0; r < KERNEL_H; r++) begin : g_row
    localparam int NEXT = bank_of(STRIDE_H), NEXT_FRAME = bank_of(HEIGHT - (OUT_HEIGHT - 1) * STRIDE_H);
    logic [BANK_BITS-1:0] bank, was_bank;
    assign column[r*BITS+:BITS] = was_row[r] ? of_bank(banks, 32'(was_bank)) : '0;
    always_ff @(posedge clk) begin
      if (advance) was_bank <= bank;
      if (rst) bank <= BANK_BITS'(bank_of(r * DILATION_H - PAD_H));
      else if (row_ends)  // each a table by itself, of which the rows are constants: else every entry has a remainder
        bank <= BANK_BITS'(last_row ? bank_after(32'(bank), NEXT_FRAME) : bank_after(32'(bank), NEXT));
    end
  end

  always_ff @(posedge clk) begin
    if (advance) begin
      was_in_image <= in_image;
      was_row <= row_in_image & {KERNEL_H{read && reads}};
    end
    if (rst) begin
      moved <= 1'b0;
      sent <= 1'b0;
      out_valid <= 1'b0;
    end else if (advance) begin
      moved <= step;
      sent <= step && whole;
      out_valid <= sent;
    end
  end

  // --- a patch: the column, and those before
  logic [KERNEL_W*COLUMN-1:0] columns;  // the newest is the last
  if (KERNEL_W == 1) begin : g_column
    assign columns = column;
  end else begin : g_columns
    localparam int DEPTH = BEATS * DILATION_W;
    logic [(KERNEL_W-1)*COLUMN-1:0] earlier;
    assign columns = {column, earlier};
    if (DEPTH == 1) begin : g_register
      always_ff @(posedge clk) if (advance && moved) earlier <= columns[KERNEL_W*COLUMN-1:COLUMN];
    end else begin : g_memory
      (* ram_style = COLUMN_STYLE *)
      logic [(KERNEL_W-1)*COLUMN-1:0] memory[0:DEPTH-1];
      logic [$clog2(DEPTH)-1:0] at, was_at;
      always_ff @(posedge clk) begin
        if (advance && moved) memory[was_at] <= columns[KERNEL_W*COLUMN-1:COLUMN];
        if (advance) begin
          earlier <= memory[at];
          was_at <= at;
        end
        if (rst) at <= '0;
        else if (step) at <= 32'(at) == DEPTH - 1 ? '0 : at + 1'b1;
      end
    end
  end

  for (genvar r = 0; r < KERNEL_H; r++) begin : g_out
    for (genvar s = 0; s < KERNEL_W; s++) begin : g_tap
      always_ff @(posedge clk)
        if (advance)
          out_data[(r*KERNEL_W+s)*BITS+:BITS] <= was_in_image[s] ? columns[s*COLUMN+r*BITS+:BITS] : '0;
    end
  end
endmodule
