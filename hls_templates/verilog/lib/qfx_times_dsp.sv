// A product of signed numbers in a DSP slice, without registers: a map's.
(* use_dsp = "yes" *)
module qfx_times_dsp #(
    parameter int X_BITS = 5,
    parameter int W_BITS = 5,
    parameter int PRODUCT_BITS = 9
) (
    /* verilator lint_off UNUSED */  // of x, where all constants are zero
    input  logic signed [      X_BITS-1:0] x,
    /* verilator lint_on UNUSED */
    input  logic signed [      W_BITS-1:0] w,
    output logic signed [PRODUCT_BITS-1:0] product
);
  assign product = PRODUCT_BITS'(x) * PRODUCT_BITS'(w);
endmodule
