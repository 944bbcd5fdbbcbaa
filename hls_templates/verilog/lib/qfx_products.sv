// One operand's registered products with OUTPUTS weights, the first of them in the least significant bits of w.
//
// By multipliers or, with TERMS, of shifts and adders: all products share the operand's negative, which is made while
// the operand itself is still next_x.
module qfx_products #(
    parameter int OUTPUTS = 2,
    parameter int X_BITS = 4,
    parameter bit X_SIGNED = 0,
    parameter int W_BITS = 4,
    parameter bit W_SIGNED = 1,
    parameter int PRODUCT_BITS = 9,
    parameter bit USE_DSP = 0,
    parameter int TERMS = 0,
    parameter int TERM_SHIFT_BITS = 0,
    parameter bit TERM_SIGNS = 0,
    parameter bit TERM_GAPS = 0,
    parameter int WORD_BITS = W_BITS
) (
    input  logic                            clk,
    input  logic                            enable,
    /* verilator lint_off UNUSED */
    input  logic [              X_BITS-1:0] next_x,
    /* verilator lint_on UNUSED */
    input  logic [              X_BITS-1:0] x,
    input  logic [   OUTPUTS*WORD_BITS-1:0] w,
    output logic [OUTPUTS*PRODUCT_BITS-1:0] product
);
  if (TERMS == 0) begin : g_multiply
    for (genvar p = 0; p < OUTPUTS; p = p + 1) begin : g_output
      qfx_multiply #(
          .X_BITS(X_BITS),
          .X_SIGNED(X_SIGNED),
          .W_BITS(W_BITS),
          .W_SIGNED(W_SIGNED),
          .PRODUCT_BITS(PRODUCT_BITS),
          .USE_DSP(USE_DSP)
      ) multiply (
          .clk(clk),
          .enable(enable),
          .x(x),
          .w(w[p*WORD_BITS+:WORD_BITS]),
          .product(product[p*PRODUCT_BITS+:PRODUCT_BITS])
      );
    end
  end else begin : g_shift_add
    logic signed [X_BITS:0] negative;
    always_ff @(posedge clk)
      if (enable) negative <= -$signed({X_SIGNED && next_x[X_BITS-1], next_x});
    for (genvar p = 0; p < OUTPUTS; p = p + 1) begin : g_output
      qfx_shift_add #(
          .X_BITS(X_BITS + 1),
          .TERMS(TERMS),
          .SHIFT_BITS(TERM_SHIFT_BITS),
          .HAS_SIGNS(TERM_SIGNS),
          .HAS_GAPS(TERM_GAPS),
          .W_BITS(WORD_BITS),
          .PRODUCT_BITS(PRODUCT_BITS)
      ) shift_add (
          .clk(clk),
          .enable(enable),
          .x($signed({X_SIGNED && x[X_BITS-1], x})),
          .negative(negative),
          .w(w[p*WORD_BITS+:WORD_BITS]),
          .product(product[p*PRODUCT_BITS+:PRODUCT_BITS])
      );
    end
  end
endmodule
