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

  logic [CAPACITY*BITS-1:0] held;
  logic [LEVEL_BITS-1:0] level;
  logic [ BEAT_BITS-1:0] beat;

  wire take = in_valid && in_ready;
  wire give = out_valid && out_ready;
  wire last = beat == BEAT_BITS'(IN_BEATS - 1);
  wire [LEVEL_BITS-1:0] rest = give ? level - LEVEL_BITS'(OUT) : level;
  wire [LEVEL_BITS-1:0] push = last ? LEVEL_BITS'(LAST_PUSH) : LEVEL_BITS'(IN);

  wire [LEVEL_BITS-1:0] level_then = take ? rest + push : rest;
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

  always_ff @(posedge clk) begin
    if (rst) begin
      level <= '0;
      beat <= '0;
      in_ready <= 1'b1;
      out_valid <= 1'b0;
    end else begin
      level <= level_then;
      in_ready <= level_then <= LEVEL_BITS'(LIMIT);
      out_valid <= level_then >= LEVEL_BITS'(OUT);
      if (take) beat <= last ? '0 : beat + 1'b1;
    end
  end
endmodule
