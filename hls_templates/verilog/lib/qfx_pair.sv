// Two products of one operand in one DSP slice: x * (w1 * 2**K + w0), where w0 stands for its bits without a sign, so
// that no weight changes the other; K is as wide as such a product.  x comes a cycle of `enable` before its weights, the
// products two cycles behind those.
//
// What is wrong of the lower product is x * 2**W_BITS where w0 is negative; and of the upper one, where x is signed, the 1
// that the lower one borrows.  A register later both are made good.
module qfx_pair #(
    parameter int X_BITS = 4,
    parameter bit X_SIGNED = 0,
    parameter int W_BITS = 4,
    parameter bit W_SIGNED = 1,
    parameter int PRODUCT_BITS = 9
) (
    input  logic                      clk,
    input  logic                      enable,
    input  logic [        X_BITS-1:0] x,
    input  logic [      2*W_BITS-1:0] w,
    output logic [2*PRODUCT_BITS-1:0] product
);
  localparam int K = X_BITS + W_BITS;
  localparam int BOTH_BITS = K + W_BITS + (W_SIGNED ? 0 : 1);

  wire signed [X_BITS:0] x_value = $signed({X_SIGNED && x[X_BITS-1], x});
  wire signed [W_BITS:0] upper_weight = $signed({W_SIGNED && w[2*W_BITS-1], w[2*W_BITS-1:W_BITS]});
  wire signed [BOTH_BITS-1:0] both = BOTH_BITS'($signed({upper_weight, {X_BITS{1'b0}}, w[W_BITS-1:0]}));
  wire signed [X_BITS+BOTH_BITS:0] products;
  qfx_product_dsp #(
      .X_BITS(X_BITS + 1),
      .W_BITS(BOTH_BITS),
      .PRODUCT_BITS(X_BITS + 1 + BOTH_BITS)
  ) in_dsp (
      .clk(clk),
      .enable(enable),
      .x(x_value),
      .w(both),
      .product(products)
  );

  logic signed [X_BITS:0] once, wrong;  // of the lower product, its upper bits
  wire signed [X_BITS:0] high = $signed({X_SIGNED && products[K-1], products[K-1:W_BITS]});
  wire borrowed = X_SIGNED && products[K-1];
  logic signed [X_BITS:0] upper_bits;
  logic [W_BITS-1:0] lower_bits;
  logic signed [PRODUCT_BITS-1:0] upper;
  always_ff @(posedge clk)
    if (enable) begin
      once <= x_value;
      wrong <= W_SIGNED && w[W_BITS-1] ? once : '0;
      upper_bits <= high - wrong;
      lower_bits <= products[W_BITS-1:0];
      upper <= PRODUCT_BITS'($signed(products[X_BITS+BOTH_BITS:K])) + PRODUCT_BITS'(borrowed);
    end
  assign product = {upper, PRODUCT_BITS'($signed({upper_bits, lower_bits}))};
endmodule
