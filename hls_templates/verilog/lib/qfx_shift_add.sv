// One registered product without a multiplier: the constant comes as a sum of TERMS signed powers of two.
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
    input  logic signed [      X_BITS-1:0] negative,
    input  logic        [      W_BITS-1:0] w,
    output logic signed [PRODUCT_BITS-1:0] product
);
  localparam int TERM_BITS = SHIFT_BITS + (HAS_SIGNS ? 1 : 0) + (HAS_GAPS ? 1 : 0);

  wire signed [PRODUCT_BITS-1:0] term[0:TERMS-1];
  for (genvar t = 0; t < TERMS; t = t + 1) begin : g_term
    localparam int PLACE = t * TERM_BITS;
    localparam int SIGN = HAS_SIGNS ? PLACE + SHIFT_BITS : 0;
    localparam int PRESENT = HAS_GAPS ? PLACE + TERM_BITS - 1 : 0;

    wire signed [X_BITS-1:0] either = HAS_SIGNS && w[SIGN] ? negative : x;
    wire signed [PRODUCT_BITS-1:0] shifted;
    if (SHIFT_BITS == 0) begin : g_in_place
      assign shifted = PRODUCT_BITS'(either);
    end else begin : g_shifted
      assign shifted = PRODUCT_BITS'(either) << w[PLACE+:SHIFT_BITS];
    end
    assign term[t] = HAS_GAPS && !w[PRESENT] ? '0 : shifted;
  end

  logic signed [PRODUCT_BITS-1:0] total;
  always_comb begin
    total = '0;
    for (int t = 0; t < TERMS; t = t + 1) total = total + term[t];
  end

  always_ff @(posedge clk) if (enable) product <= total;
endmodule
