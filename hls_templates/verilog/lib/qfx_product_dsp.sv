// A product of signed numbers in a DSP slice: qfx_multiply's.  It comes a cycle after w, and two after x.
(* use_dsp = "yes" *)
module qfx_product_dsp #(
    parameter int X_BITS = 5,
    parameter int W_BITS = 5,
    parameter int PRODUCT_BITS = 9
) (
    input  logic                           clk,
    input  logic                           enable,
    input  logic signed [      X_BITS-1:0] x,
    input  logic signed [      W_BITS-1:0] w,
    output logic signed [PRODUCT_BITS-1:0] product
);
  logic signed [X_BITS-1:0] once;
  always_ff @(posedge clk)
    if (enable) begin
      once <= x;
      product <= PRODUCT_BITS'(once) * PRODUCT_BITS'(w);
    end
endmodule
