// One product without a multiplier: the constant comes as a sum of TERMS signed powers of two, a cycle of `enable` after
// x.  The product comes 1 + $clog2(TERMS) cycles after the constant: its terms have registers, and their sums by pairs.
//
// A term has SHIFT_BITS of its exponent; above them, where HAS_SIGNS, a bit that takes the negative of x; and then,
// where HAS_GAPS, a bit without which the term is absent.  The first term stands in the least significant bits of w.
// Terms are modulo 2**PRODUCT_BITS, which is exact when the product fits.
module qfx_shift_add #(
    parameter int X_BITS = 5,
    parameter int TERMS = 2,
    parameter int SHIFT_BITS = 2,
    parameter bit HAS_SIGNS = 1,
    parameter bit HAS_GAPS = 0,
    parameter int W_BITS = 6,
    parameter int PRODUCT_BITS = 9
) (
    input  logic                           clk,
    input  logic                           enable,
    input  logic signed [      X_BITS-1:0] x,
    input  logic        [      W_BITS-1:0] w,
    output logic signed [PRODUCT_BITS-1:0] product
);
  localparam int TERM_BITS = SHIFT_BITS + (HAS_SIGNS ? 1 : 0) + (HAS_GAPS ? 1 : 0);

  logic signed [X_BITS-1:0] once, negative;  // all products of one x share its negative
  always_ff @(posedge clk)
    if (enable) begin
      once <= x;
      negative <= -x;
    end

  // Of several terms, the last bits of their shifts are seen to by their sums, which take few LUTs more for it.
  localparam int EARLY = TERMS > 1 && SHIFT_BITS > 1 ? 1 : SHIFT_BITS;
  localparam int LATE = SHIFT_BITS - EARLY;
  localparam int REACH = X_BITS + (1 << EARLY) - 1;
  localparam int SHIFTED_BITS = REACH < PRODUCT_BITS ? REACH : PRODUCT_BITS;

  wire [TERMS*PRODUCT_BITS-1:0] terms;
  for (genvar t = 0; t < TERMS; t = t + 1) begin : g_term
    localparam int PLACE = t * TERM_BITS;
    localparam int SIGN = HAS_SIGNS ? PLACE + SHIFT_BITS : 0;
    localparam int PRESENT = HAS_GAPS ? PLACE + TERM_BITS - 1 : 0;

    /* verilator lint_off UNUSED */  // a product may be narrower than x
    wire signed [X_BITS-1:0] either = HAS_SIGNS && w[SIGN] ? negative : once;
    /* verilator lint_on UNUSED */
    wire signed [SHIFTED_BITS-1:0] shifted;
    if (EARLY == 0) begin : g_in_place
      assign shifted = SHIFTED_BITS'(either);
    end else begin : g_shifted
      assign shifted = SHIFTED_BITS'(either) << w[PLACE+:EARLY];
    end
    logic signed [SHIFTED_BITS-1:0] held;
    always_ff @(posedge clk) if (enable) held <= HAS_GAPS && !w[PRESENT] ? '0 : shifted;
    if (LATE == 0) begin : g_whole
      assign terms[t*PRODUCT_BITS+:PRODUCT_BITS] = PRODUCT_BITS'(held);
    end else begin : g_late
      logic [LATE-1:0] left;
      always_ff @(posedge clk) if (enable) left <= w[PLACE+EARLY+:LATE];
      assign terms[t*PRODUCT_BITS+:PRODUCT_BITS] = PRODUCT_BITS'(held) << {left, {EARLY{1'b0}}};
    end
  end

  qfx_sum #(
      .N(TERMS),
      .BITS(PRODUCT_BITS),
      .SUM_BITS(PRODUCT_BITS)
  ) sum_of_terms (
      .clk(clk),
      .enable(enable),
      .addends(terms),
      .sum(product)
  );
endmodule
