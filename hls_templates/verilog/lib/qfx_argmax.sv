// The place of a frame's largest element, the first of equal ones: one beat out for BEATS beats in.
//
// The lanes of a beat are compared two by two, each round behind a register; the largest of them is then compared with
// the largest of the beats before.  The pipeline stands still as a whole while the place at its end waits.
module qfx_argmax #(
    parameter int LANES = 2,
    parameter int BITS = 4,
    parameter bit SIGNED = 0,
    parameter int BEATS = 3,
    parameter int INDEX_BITS = 3
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic                  in_valid,
    output logic                  in_ready,
    input  logic [LANES*BITS-1:0] in_data,
    output logic                  out_valid,
    input  logic                  out_ready,
    output logic [INDEX_BITS-1:0] out_data
);
  localparam int ROUNDS = $clog2(LANES);
  localparam int LEAVES = 1 << ROUNDS;
  localparam int LANE_BITS = ROUNDS > 0 ? ROUNDS : 1;
  localparam int SLOT = LANE_BITS + BITS;
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;

  function automatic logic larger(input logic [BITS-1:0] x, input logic [BITS-1:0] y);
    larger = $signed({SIGNED && x[BITS-1], x}) > $signed({SIGNED && y[BITS-1], y});
  endfunction

  assign in_ready = !out_valid || out_ready;

  // --- the rounds: node 1 is the largest of all lanes and its lane, node k that of 2 k and 2 k + 1
  /* verilator lint_off UNUSED */  // node 0, which is none
  wire [2*LEAVES*SLOT-1:0] node;
  /* verilator lint_on UNUSED */
  wire [ROUNDS:0] valid;  // behind each round
  assign node[SLOT-1:0] = '0;
  assign valid[0] = in_valid;
  for (genvar round = 0; round <= ROUNDS; round = round + 1) begin : g_round
    for (genvar i = 0; i < LEAVES >> round; i = i + 1) begin : g_node
      localparam int K = (LEAVES >> round) + i;
      if (i << round >= LANES) begin : g_none
        assign node[K*SLOT+:SLOT] = '0;
      end else if (round == 0) begin : g_lane
        assign node[K*SLOT+:SLOT] = {{LANE_BITS{1'b0}}, in_data[i*BITS+:BITS]};
      end else begin : g_largest
        wire [SLOT-1:0] a = node[2*K*SLOT+:SLOT];
        logic [SLOT-1:0] kept;
        if ((2 * i + 1) << (round - 1) < LANES) begin : g_two
          wire [SLOT-1:0] b = node[(2*K+1)*SLOT+:SLOT];
          wire second = larger(b[BITS-1:0], a[BITS-1:0]);
          always_ff @(posedge clk) if (in_ready) kept <= second ? b | SLOT'(1) << (BITS + round - 1) : a;
        end else begin : g_one
          always_ff @(posedge clk) if (in_ready) kept <= a;
        end
        assign node[K*SLOT+:SLOT] = kept;
      end
    end
    if (round > 0) begin : g_valid
      logic here;
      always_ff @(posedge clk)
        if (rst) here <= 1'b0;
        else if (in_ready) here <= valid[round-1];
      assign valid[round] = here;
    end
  end

  // --- the largest so far; out_data keeps its place while a frame comes in
  logic [BEAT_BITS-1:0] beat;
  logic [INDEX_BITS-1:0] place;  // of the beat's lane 0
  logic [BITS-1:0] largest;
  wire [BITS-1:0] entering = node[SLOT+:BITS];
  wire take = valid[ROUNDS] && in_ready;
  wire last = beat == BEAT_BITS'(BEATS - 1);

  always_ff @(posedge clk) begin
    if (take && (beat == '0 || larger(entering, largest))) begin
      largest  <= entering;
      out_data <= place + INDEX_BITS'(node[SLOT+BITS+:LANE_BITS]);
    end
    if (rst) begin
      beat <= '0;
      place <= '0;
      out_valid <= 1'b0;
    end else begin
      if (take) begin
        beat  <= last ? '0 : beat + 1'b1;
        place <= last ? '0 : place + INDEX_BITS'(LANES);
      end
      if (in_ready) out_valid <= valid[ROUNDS] && last;
    end
  end
endmodule
