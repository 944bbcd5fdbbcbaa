// The largest of TAPS, lane by lane, all of them in one beat: two by two, each round behind a register.
//
// A beat is tap after tap, each with its lanes.  The pipeline stands still as a whole while the beat at its end waits.
module qfx_pool_tree #(
    parameter int LANES = 2,
    parameter int BITS = 4,
    parameter bit SIGNED = 0,
    parameter int TAPS = 4
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       in_valid,
    output logic                       in_ready,
    input  logic [TAPS*LANES*BITS-1:0] in_data,
    output logic                       out_valid,
    input  logic                       out_ready,
    output logic [     LANES*BITS-1:0] out_data
);
  localparam int ROUNDS = $clog2(TAPS);

  function automatic int left(input int rounds);  // of the taps, behind so many rounds
    left = TAPS;
    for (int round = 0; round < rounds; round++) left = (left + 1) / 2;
  endfunction

  function automatic int place(input int rounds);  // of theirs, behind those of the rounds before
    place = 0;
    for (int round = 0; round < rounds; round++) place = place + left(round);
  endfunction

  logic [ROUNDS-1:0] valid;  // behind each round
  assign out_valid = valid[ROUNDS-1];
  assign in_ready  = !out_valid || out_ready;

  always_ff @(posedge clk)
    if (rst) valid <= '0;
    else if (in_ready) valid <= ROUNDS'({valid, in_valid});

  logic [place(ROUNDS+1)*LANES*BITS-1:0] taps;
  assign taps[0+:TAPS*LANES*BITS] = in_data;
  assign out_data = taps[place(ROUNDS)*LANES*BITS+:LANES*BITS];

  for (genvar round = 1; round <= ROUNDS; round++) begin : g_round
    localparam int FROM = place(round - 1), COUNT = left(round - 1);
    logic [left(round)*LANES*BITS-1:0] largest;
    assign taps[place(round)*LANES*BITS+:left(round)*LANES*BITS] = largest;
    for (genvar tap = 0; tap < left(round); tap++) begin : g_tap
      for (genvar lane = 0; lane < LANES; lane++) begin : g_lane
        wire [BITS-1:0] x = taps[((FROM+2*tap)*LANES+lane)*BITS+:BITS];
        if (2 * tap + 1 == COUNT) begin : g_odd
          always_ff @(posedge clk) if (in_ready) largest[(tap*LANES+lane)*BITS+:BITS] <= x;
        end else begin : g_pair
          wire [BITS-1:0] y = taps[((FROM+2*tap+1)*LANES+lane)*BITS+:BITS];
          wire signed [BITS:0] x_value = $signed({SIGNED && x[BITS-1], x});
          wire signed [BITS:0] y_value = $signed({SIGNED && y[BITS-1], y});
          always_ff @(posedge clk) if (in_ready) largest[(tap*LANES+lane)*BITS+:BITS] <= x_value > y_value ? x : y;
        end
      end
    end
  end
endmodule
