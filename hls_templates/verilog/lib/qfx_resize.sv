// The same elements in beats of another size: units of BITS enter IN at a time and leave OUT at a time.
//
// The last beat of a frame adds LAST_PUSH units instead of IN, so that ragged frames start and end on beats.
// Another beat is taken while at most LIMIT units are held, so many that the busier side never waits; both
// valid and ready are registers.
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


  logic [CAPACITY*BITS-1:0] held, next;
  logic [LEVEL_BITS-1:0] level, left;  // units held; of those, what is left when a beat has left
  logic [ BEAT_BITS-1:0] beat;

  wire take = in_valid && in_ready;
  wire give = out_valid && out_ready;
  wire last = beat == BEAT_BITS'(IN_BEATS - 1);
  wire [LEVEL_BITS-1:0] rest = give ? left : level;
  assign out_data = held[OUT*BITS-1:0];

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

  // What will be: comparisons of the level with constants, one for each of what may happen, and a choice of these.
  function automatic logic at_most(input logic [LEVEL_BITS-1:0] held_now, input int most);
    at_most = 1'b1;
    for (int i = 0; i < LEVEL_BITS; i = i + 1)
      at_most = most[i] ? !held_now[i] || at_most : !held_now[i] && at_most;
    if (most < 0) at_most = 1'b0;
    if (most >= CAPACITY) at_most = 1'b1;
  endfunction

  function automatic logic chosen(input logic [2:0] happens, input logic [5:0] each);
    case (happens)  // a beat comes, one leaves, and it is a frame's last that comes
      3'b000, 3'b001: chosen = each[0];
      3'b010, 3'b011: chosen = each[1];
      3'b100: chosen = each[2];
      3'b110: chosen = each[3];
      3'b101: chosen = each[4];
      default: chosen = each[5];
    endcase
  endfunction

  wire [2:0] happens = {take, give, last && LAST_PUSH != IN};
  wire ready_then = chosen(happens, {at_most(level, LIMIT + OUT - LAST_PUSH), at_most(level, LIMIT - LAST_PUSH),
      at_most(level, LIMIT + OUT - IN), at_most(level, LIMIT - IN), at_most(level, LIMIT + OUT), at_most(level, LIMIT)});
  wire waits_then = chosen(happens, {at_most(level, 2 * OUT - 1 - LAST_PUSH), at_most(level, OUT - 1 - LAST_PUSH),
      at_most(level, 2 * OUT - 1 - IN), at_most(level, OUT - 1 - IN), at_most(level, 2 * OUT - 1),
      at_most(level, OUT - 1)});
  logic [LEVEL_BITS-1:0] more, more_left;  // by so much the level rises, and what will be left is above it
  always_comb begin
    case (happens)
      3'b000, 3'b001: more = '0;
      3'b010, 3'b011: more = LEVEL_BITS'(-OUT);
      3'b100: more = LEVEL_BITS'(IN);
      3'b110: more = LEVEL_BITS'(IN - OUT);
      3'b101: more = LEVEL_BITS'(LAST_PUSH);
      default: more = LEVEL_BITS'(LAST_PUSH - OUT);
    endcase
    case (happens)
      3'b000, 3'b001: more_left = LEVEL_BITS'(-OUT);
      3'b010, 3'b011: more_left = LEVEL_BITS'(-2 * OUT);
      3'b100: more_left = LEVEL_BITS'(IN - OUT);
      3'b110: more_left = LEVEL_BITS'(IN - 2 * OUT);
      3'b101: more_left = LEVEL_BITS'(LAST_PUSH - OUT);
      default: more_left = LEVEL_BITS'(LAST_PUSH - 2 * OUT);
    endcase
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      level <= '0;
      beat <= '0;
      left <= LEVEL_BITS'(-OUT);
      in_ready <= 1'b1;
      out_valid <= 1'b0;
    end else begin
      level <= level + more;
      left <= level + more_left;
      in_ready <= ready_then;
      out_valid <= !waits_then;
      if (take) beat <= last ? '0 : beat + 1'b1;
    end
  end
endmodule
