// One registered product, in a DSP slice or in LUTs.
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
  wire signed [X_BITS:0] x_value = $signed({X_SIGNED && x[X_BITS-1], x});
  wire signed [W_BITS:0] w_value = $signed({W_SIGNED && w[W_BITS-1], w});
  wire signed [PRODUCT_BITS-1:0] exact = PRODUCT_BITS'(x_value) * PRODUCT_BITS'(w_value);

  if (USE_DSP) begin : g_dsp
    (* use_dsp = "yes" *) logic signed [PRODUCT_BITS-1:0] result;
    always_ff @(posedge clk) if (enable) result <= exact;
    assign product = result;
  end else begin : g_lut
    (* use_dsp = "no" *) logic signed [PRODUCT_BITS-1:0] result;
    always_ff @(posedge clk) if (enable) result <= exact;
    assign product = result;
  end
endmodule
