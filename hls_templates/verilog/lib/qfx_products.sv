// One operand's products with OUTPUTS weights, the first of them in the least significant bits of w.
//
// By multipliers or, with TERMS, of shifts and adders. The operand comes a cycle of `enable` before its weights, so that
// what all its products share of it, its negative and its treble, are registers.  The products come behind the weights by
// a cycle in DSP slices, two where those hold pairs, in LUTs by one for each level of a tree of $clog2((W_BITS + 1) / 2)
// levels, at least one, of terms by 1 + $clog2(TERMS): qfx.hardware.formulas.product_latency.
module qfx_products #(
    parameter int OUTPUTS = 2,
    parameter int X_BITS = 4,
    parameter bit X_SIGNED = 0,
    parameter int W_BITS = 4,
    parameter bit W_SIGNED = 1,
    parameter int PRODUCT_BITS = 9,
    parameter bit USE_DSP = 0,
    parameter bit DSP_PAIRS = 0,  // two products in each DSP slice
    parameter int TERMS = 0,
    parameter int TERM_SHIFT_BITS = 0,
    parameter bit TERM_SIGNS = 0,
    parameter bit TERM_GAPS = 0,
    parameter int WORD_BITS = W_BITS
) (
    input  logic                            clk,
    input  logic                            enable,
    input  logic [              X_BITS-1:0] next_x,
    input  logic [   OUTPUTS*WORD_BITS-1:0] w,
    output logic [OUTPUTS*PRODUCT_BITS-1:0] product
);
  if (DSP_PAIRS) begin : g_pairs
    localparam int PAIRS = (OUTPUTS + 1) / 2;
    wire [2*PAIRS*W_BITS-1:0] weights = (2 * PAIRS * W_BITS)'(w);
    /* verilator lint_off UNUSED */  // of an odd number the last
    wire [2*PAIRS*PRODUCT_BITS-1:0] paired;
    /* verilator lint_on UNUSED */
    for (genvar p = 0; p < PAIRS; p = p + 1) begin : g_pair
      qfx_pair #(
          .X_BITS(X_BITS),
          .X_SIGNED(X_SIGNED),
          .W_BITS(W_BITS),
          .W_SIGNED(W_SIGNED),
          .PRODUCT_BITS(PRODUCT_BITS)
      ) pair (
          .clk(clk),
          .enable(enable),
          .x(next_x),
          .w(weights[2*p*W_BITS+:2*W_BITS]),
          .product(paired[2*p*PRODUCT_BITS+:2*PRODUCT_BITS])
      );
    end
    assign product = paired[OUTPUTS*PRODUCT_BITS-1:0];
  end else if (TERMS == 0) begin : g_multiply
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
          .x(next_x),
          .w(w[p*WORD_BITS+:WORD_BITS]),
          .product(product[p*PRODUCT_BITS+:PRODUCT_BITS])
      );
    end
  end else begin : g_shift_add
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
          .x($signed({X_SIGNED && next_x[X_BITS-1], next_x})),
          .w(w[p*WORD_BITS+:WORD_BITS]),
          .product(product[p*PRODUCT_BITS+:PRODUCT_BITS])
      );
    end
  end
endmodule
