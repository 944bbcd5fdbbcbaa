// The sum of N signed addends of BITS bits, side by side in `addends`, modulo 2**SUM_BITS: a tree of adders of two, a
// register behind each, so that no path is longer than one adder.
//
// It comes LATENCY cycles of `enable` after its addends, in the same cycle where there is but one; sums grow by a bit a
// level until they have SUM_BITS.
module qfx_sum #(
    parameter int N = 3,
    parameter int BITS = 4,
    parameter int SUM_BITS = 6
) (
    /* verilator lint_off UNUSED */  // without registers, where there is one addend; of addends that are wider than the sum
    input  logic                       clk,
    input  logic                       enable,
    input  logic        [  N*BITS-1:0] addends,
    output logic signed [SUM_BITS-1:0] sum
);
  localparam int LATENCY = $clog2(N);  // as qfx.hardware.formulas.sum_latency
  localparam int LEAVES = 1 << LATENCY;
  localparam int SLOT = BITS > SUM_BITS ? BITS : SUM_BITS;

  // --- the tree: node 1 is the sum, node k that of 2 k and 2 k + 1, as wide as its sums are, in a slot of its own
  wire [2*LEAVES*SLOT-1:0] node;
  assign node[SLOT-1:0] = '0;
  for (genvar level = 0; level <= LATENCY; level = level + 1) begin : g_level
    localparam int IN_BITS = level < 2 || BITS + level - 1 < SUM_BITS ? BITS + level - 1 : SUM_BITS;
    localparam int OUT_BITS = level == 0 || BITS + level < SUM_BITS ? BITS + level : SUM_BITS;
    for (genvar i = 0; i < LEAVES >> level; i = i + 1) begin : g_node
      localparam int K = (LEAVES >> level) + i;
      logic signed [OUT_BITS-1:0] total;
      if (i << level >= N) begin : g_none
        assign total = '0;
      end else if (level == 0) begin : g_leaf
        assign total = addends[i*BITS+:BITS];
      end else begin : g_sum
        wire signed [IN_BITS-1:0] a = node[2*K*SLOT+:IN_BITS];
        wire signed [IN_BITS-1:0] b = node[(2*K+1)*SLOT+:IN_BITS];
        if ((2 * i + 1) << (level - 1) < N) begin : g_two
          always_ff @(posedge clk) if (enable) total <= OUT_BITS'(a) + OUT_BITS'(b);
        end else begin : g_one
          always_ff @(posedge clk) if (enable) total <= OUT_BITS'(a);
        end
      end
      assign node[K*SLOT+:SLOT] = SLOT'(total);
    end
  end
  assign sum = node[SLOT+:SUM_BITS];
  /* verilator lint_on UNUSED */
endmodule
