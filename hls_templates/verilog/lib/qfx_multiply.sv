// One product, in a DSP slice or in LUTs: modules of their own, because tools obey use_dsp on a module.  w comes a cycle
// of `enable` after x; the product a cycle after w in a DSP slice, in LUTs as qfx_product_lut says.
module qfx_multiply #(
    parameter int X_BITS = 4,
    parameter bit X_SIGNED = 0,
    parameter int W_BITS = 4,
    parameter bit W_SIGNED = 1,
    parameter int PRODUCT_BITS = 9,
    parameter bit USE_DSP = 0
) (
    input  logic                           clk,
    input  logic                           enable,
    input  logic        [      X_BITS-1:0] x,
    input  logic        [      W_BITS-1:0] w,
    output logic signed [PRODUCT_BITS-1:0] product
);
  if (USE_DSP) begin : g_dsp
    wire signed [X_BITS:0] x_value = $signed({X_SIGNED && x[X_BITS-1], x});
    wire signed [W_BITS:0] w_value = $signed({W_SIGNED && w[W_BITS-1], w});
    qfx_product_dsp #(
        .X_BITS(X_BITS + 1),
        .W_BITS(W_BITS + 1),
        .PRODUCT_BITS(PRODUCT_BITS)
    ) in_dsp (
        .clk(clk),
        .enable(enable),
        .x(x_value),
        .w(w_value),
        .product(product)
    );
  end else begin : g_lut
    localparam int X_WIDE = X_BITS + (X_SIGNED ? 0 : 1);
    qfx_product_lut #(
        .X_BITS(X_WIDE),
        .W_BITS(W_BITS),
        .W_SIGNED(W_SIGNED),
        .PRODUCT_BITS(PRODUCT_BITS)
    ) in_luts (
        .clk(clk),
        .enable(enable),
        .x(X_WIDE'(x)),  // with a zero for a sign where it has none
        .w(w),
        .product(product)
    );
  end
endmodule
