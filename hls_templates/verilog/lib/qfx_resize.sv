// The same elements in beats of another size: units of BITS enter IN at a time and leave OUT at a time.
//
// The last beat of a frame, or of a part of one, adds LAST_PUSH units instead of IN, so that each begins in a beat of its
// own.
// Another beat is taken while at most LIMIT units are held, so many that the busier side never waits; with a LIMIT of 0,
// which is for whole output beats that leave one by one, it is taken while the last of them leaves.  What decides whether a
// beat comes or leaves is a register.
module qfx_resize #(
    parameter int BITS = 8,
    parameter int IN = 2,
    parameter int OUT = 3,
    parameter int IN_BEATS = 3,
    parameter int LAST_PUSH = 3,
    parameter int LIMIT = 5,
    parameter bit FILLED = 0  // whether what the last beat adds above what came in is zeros
) (
    input  logic                clk,
    input  logic                rst,
    input  logic                in_valid,
    output logic                in_ready,
    input  logic [ IN*BITS-1:0] in_data,
    output logic                out_valid,
    input  logic                out_ready,
    output logic [OUT*BITS-1:0] out_data
);
  localparam int MOST_PUSH = LAST_PUSH > IN ? LAST_PUSH : IN;
  localparam int CAPACITY = LIMIT + MOST_PUSH;
  localparam int LEVEL_BITS = $clog2(CAPACITY + 1);
  localparam int BEAT_BITS = IN_BEATS > 1 ? $clog2(IN_BEATS) : 1;

  logic [CAPACITY*BITS-1:0] held;
  logic [LEVEL_BITS-1:0] level, left;  // units held; of those, what is left when a beat has left
  logic [ BEAT_BITS-1:0] beat;
  logic room, single;  // for a beat; no more than one leaves of what is held

  wire take = in_valid && in_ready;
  wire give = out_valid && out_ready;
  wire last = beat == BEAT_BITS'(IN_BEATS - 1);
  /* verilator lint_off UNUSED */
  wire [LEVEL_BITS-1:0] rest = give ? left : level;
  /* verilator lint_on UNUSED */

  assign in_ready  = LIMIT > 0 ? room : room || (single && out_ready);
  assign out_data  = held[OUT*BITS-1:0];

  if (LIMIT == 0) begin : g_whole  // what leaves last comes to no other place, so that it takes no choice
    localparam int LAST = IN > OUT ? (IN - OUT) * BITS : 1;
    always_ff @(posedge clk)
      if (give || take) begin
        held[LAST-1:0] <= take ? in_data[LAST-1:0] : held[OUT*BITS+:LAST];
        held[CAPACITY*BITS-1:LAST] <= in_data[IN*BITS-1:LAST];
      end
  end else begin : g_placed
    logic [CAPACITY*BITS-1:0] next;
    always_comb begin
      next = give ? held >> (OUT * BITS) : held;
      for (int place = 0; place <= LIMIT; place = place + 1)
        if (take && rest == LEVEL_BITS'(place)) next[place*BITS+:IN*BITS] = in_data;
    end
    always_ff @(posedge clk) held <= FILLED && rst ? '0 : next;
  end

  // --- what will be, of what may happen: a beat leaves, one comes, a frame's last one
  logic [LEVEL_BITS-1:0] more, more_left;  // by so much the level rises, and what will be left is above it
  always_comb
    case ({take, give})
      2'b00: {more, more_left} = {LEVEL_BITS'(0), LEVEL_BITS'(-OUT)};
      2'b01: {more, more_left} = {LEVEL_BITS'(-OUT), LEVEL_BITS'(-2 * OUT)};
      2'b10:
      {more, more_left} =
          last ? {LEVEL_BITS'(LAST_PUSH), LEVEL_BITS'(LAST_PUSH - OUT)} : {LEVEL_BITS'(IN), LEVEL_BITS'(IN - OUT)};
      default:
      {more, more_left} = last ? {LEVEL_BITS'(LAST_PUSH - OUT), LEVEL_BITS'(LAST_PUSH - 2 * OUT)}
          : {LEVEL_BITS'(IN - OUT), LEVEL_BITS'(IN - 2 * OUT)};
    endcase

  // Whether the level is at most what makes it be at most LIMIT, OUT - 1 and OUT then, for each of six that may happen:
  // comparisons with constants, bit by bit, which take no adder.
  wire [17:0] fits;
  for (genvar c = 0; c < 18; c = c + 1) begin : g_fits
    localparam int CASE = c % 6;
    localparam int WANTED = c < 6 ? LIMIT : c < 12 ? OUT - 1 : OUT;
    localparam int MOST = WANTED + (CASE % 2 == 1 ? OUT : 0) - (CASE < 2 ? 0 : CASE < 4 ? IN : LAST_PUSH);
    logic so_far;
    always_comb begin
      so_far = 1'b1;
      for (int i = 0; i < LEVEL_BITS; i = i + 1)
        so_far = ((MOST >> i) & 1) == 1 ? !level[i] || so_far : !level[i] && so_far;
    end
    assign fits[c] = MOST >= CAPACITY || (MOST >= 0 && so_far);
  end
  wire [2:0] fits_then;  // LIMIT, OUT - 1, OUT
  for (genvar c = 0; c < 3; c = c + 1) begin : g_then
    wire of_taken = last ? (give ? fits[6*c+5] : fits[6*c+4]) : give ? fits[6*c+3] : fits[6*c+2];
    assign fits_then[c] = take ? of_taken : give ? fits[6*c+1] : fits[6*c];
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      level <= '0;
      left <= LEVEL_BITS'(-OUT);
      beat <= '0;
      room <= 1'b1;
      single <= 1'b0;
      out_valid <= 1'b0;
    end else begin
      level <= level + more;
      left <= level + more_left;
      room <= fits_then[0];
      single <= fits_then[2] && !fits_then[1];
      out_valid <= !fits_then[1];
      if (take) beat <= last ? '0 : beat + 1'b1;
    end
  end
endmodule
