// A product of signed numbers in LUTs: qfx_multiply's.  w is read two bits at a time, each a digit that chooses among 0,
// x, 2 x and 3 x, the last of w's sign among 0, x, -2 x and -x; 3 x and -x are registers, which all products of one x
// share.  The rows so chosen are summed pairwise, a register behind each sum: LEVELS cycles after w, x a cycle before.  Of
// three rows, or seven, the last one is chosen only where it is added, in the same LUTs: until then its digit waits.
(* use_dsp = "no" *)
module qfx_product_lut #(
    parameter int X_BITS = 5,
    parameter int W_BITS = 4,
    parameter bit W_SIGNED = 1,
    parameter int PRODUCT_BITS = 9
) (
    input  logic                           clk,
    input  logic                           enable,
    input  logic signed [      X_BITS-1:0] x,
    /* verilator lint_off UNUSED */
    input  logic        [      W_BITS-1:0] w,
    output logic signed [PRODUCT_BITS-1:0] product
);
  localparam int ROWS = (W_BITS + 1) / 2;
  localparam int LEVELS = ROWS > 1 ? $clog2(ROWS) : 1;  // as qfx.hardware.formulas.product_latency
  localparam int LEAVES = 1 << LEVELS;
  localparam int ROW_BITS = X_BITS + 2;
  localparam int SLOT = X_BITS + 2 * LEAVES;
  localparam bit WAITS = ROWS % 4 == 3;  // the last row for a level, with no other beside it

  logic signed [ROW_BITS-1:0] once, thrice, negative;
  always_ff @(posedge clk)
    if (enable) begin
      once <= ROW_BITS'(x);
      thrice <= ROW_BITS'(x) + (ROW_BITS'(x) <<< 1);
      negative <= -(ROW_BITS'(x));
    end

  // --- node 1 is the product, node k that of half as many digits and of as many above them, in a slot of its own
  wire [2*LEAVES*SLOT-1:0] node;
  assign node[SLOT-1:0] = '0;
  for (genvar i = 0; i < LEAVES; i = i + 1) begin : g_row
    localparam bit TOP = W_SIGNED && i == ROWS - 1;
    localparam int LOW = i < ROWS ? 2 * i : 0;
    localparam int HIGH = 2 * i + 1 < W_BITS ? 2 * i + 1 : LOW;
    localparam bit LATE = WAITS && i == ROWS - 1;
    wire [1:0] digit;
    wire signed [ROW_BITS-1:0] one, three, minus;
    logic signed [ROW_BITS-1:0] row;
    if (LATE) begin : g_late
      logic [3*ROW_BITS-1:0] multiples;
      logic [1:0] held;
      always_ff @(posedge clk)
        if (enable) begin
          multiples <= {negative, thrice, once};
          held <= {w[HIGH], w[LOW]};
        end
      assign {minus, three, one} = multiples;
      assign digit = held;
    end else begin : g_at_once
      assign {minus, three, one, digit} = {negative, thrice, once, w[HIGH], w[LOW]};
    end
    if (i >= ROWS) begin : g_none
      assign row = '0;
    end else if (HIGH == LOW) begin : g_bit
      assign row = !digit[0] ? '0 : TOP ? minus : one;
    end else begin : g_digit
      wire signed [ROW_BITS-1:0] upper = TOP ? (digit[0] ? minus : minus <<< 1) : digit[0] ? three : one <<< 1;
      wire signed [ROW_BITS-1:0] chosen = digit[1] ? upper : digit[0] ? one : '0;
      if (i == 0) begin : g_first  // its lowest bits as a product, so that who counts products finds one
        wire [1:0] lowest = one[1:0] * digit[0];  // narrower than any tool puts into a multiplier
        assign row = {chosen[ROW_BITS-1:2], lowest[1] ^ (digit[1] && one[0]), lowest[0]};
      end else begin : g_next
        assign row = chosen;
      end
    end
    assign node[((LEAVES+i)>>LATE)*SLOT+:SLOT] = SLOT'(row);
    if (LATE) begin : g_unused
      assign node[(LEAVES+i)*SLOT+:SLOT] = '0;
    end
  end
  for (genvar level = 1; level <= LEVELS; level = level + 1) begin : g_level
    localparam int BELOW = 1 << level;  // bits of w of which the lower half's rows are
    for (genvar i = 0; i < LEAVES >> level; i = i + 1) begin : g_node
      localparam int K = (LEAVES >> level) + i;
      wire signed [X_BITS+BELOW-1:0] low = node[2*K*SLOT+:X_BITS+BELOW];
      wire signed [X_BITS+BELOW-1:0] high = node[(2*K+1)*SLOT+:X_BITS+BELOW];
      wire signed [X_BITS-1:0] carried = low[X_BITS+BELOW-1:BELOW];
      logic signed [X_BITS+2*BELOW-1:0] total;
      if (!WAITS || level > 1 || i != ROWS / 2) begin : g_sum
        always_ff @(posedge clk)
          if (enable) begin
            total[BELOW-1:0] <= low[BELOW-1:0];
            total[X_BITS+2*BELOW-1:BELOW] <= high + (X_BITS+BELOW)'(carried);
          end
        assign node[K*SLOT+:SLOT] = SLOT'(total);
      end
    end
  end
  wire signed [SLOT-1:0] whole = node[SLOT+:SLOT];
  assign product = PRODUCT_BITS'(whole);
  /* verilator lint_on UNUSED */
endmodule
