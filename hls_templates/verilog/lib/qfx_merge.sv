// The sum of two streams, lane by lane, or what one of the parameters below says.  All are modulo 2**OUT_BITS, which is
// exact when the result fits.
module qfx_merge #(
    parameter int LANES = 2,
    parameter int A_BITS = 4,
    parameter bit A_SIGNED = 0,
    parameter int B_BITS = 4,
    parameter bit B_SIGNED = 1,
    parameter int OUT_BITS = 6,
    parameter bit SUBTRACT = 0,
    parameter bit MAXIMUM = 0,
    parameter bit MINIMUM = 0,
    parameter bit MULTIPLY = 0,
    parameter bit USE_DSP = 0
) (
    input  logic                      clk,
    input  logic                      rst,
    input  logic                      a_valid,
    output logic                      a_ready,
    input  logic [  LANES*A_BITS-1:0] a_data,
    input  logic                      b_valid,
    output logic                      b_ready,
    input  logic [  LANES*B_BITS-1:0] b_data,
    output logic                      out_valid,
    input  logic                      out_ready,
    output logic [LANES*OUT_BITS-1:0] out_data
);
  localparam int OF_LUTS = B_BITS > 2 ? $clog2((B_BITS + 1) / 2) : 1;  // cycles of a product, as in qfx_products
  localparam int DEPTH = !MULTIPLY ? 1 : USE_DSP ? 2 : 1 + OF_LUTS;  // registers from in to out
  localparam int PRODUCT_BITS = A_BITS + B_BITS + (A_SIGNED ? 0 : 1) + (B_SIGNED ? 0 : 1);

  wire advance = !out_valid || out_ready;
  assign a_ready = advance && b_valid;
  assign b_ready = advance && a_valid;

  for (genvar lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
    wire [A_BITS-1:0] a = a_data[lane*A_BITS+:A_BITS];
    wire [B_BITS-1:0] b = b_data[lane*B_BITS+:B_BITS];
    if (MULTIPLY) begin : g_multiply
      logic [B_BITS-1:0] w;  // comes a cycle after a
      always_ff @(posedge clk) if (advance) w <= b;
      wire signed [PRODUCT_BITS-1:0] product;
      qfx_multiply #(
          .X_BITS(A_BITS),
          .X_SIGNED(A_SIGNED),
          .W_BITS(B_BITS),
          .W_SIGNED(B_SIGNED),
          .PRODUCT_BITS(PRODUCT_BITS),
          .USE_DSP(USE_DSP)
      ) multiply (
          .clk(clk),
          .enable(advance),
          .x(a),
          .w(w),
          .product(product)
      );
      assign out_data[lane*OUT_BITS+:OUT_BITS] = OUT_BITS'(product);
    end else begin : g_add
      wire signed [A_BITS:0] a_value = $signed({A_SIGNED && a[A_BITS-1], a});
      wire signed [B_BITS:0] b_value = $signed({B_SIGNED && b[B_BITS-1], b});
      logic signed [OUT_BITS-1:0] total;
      if (MAXIMUM || MINIMUM) begin : g_choose
        wire larger = a_value > b_value;
        always_ff @(posedge clk) if (advance) total <= larger == MAXIMUM ? OUT_BITS'(a_value) : OUT_BITS'(b_value);
      end else if (SUBTRACT) begin : g_subtract
        always_ff @(posedge clk) if (advance) total <= OUT_BITS'(a_value) - OUT_BITS'(b_value);
      end else begin : g_sum
        always_ff @(posedge clk) if (advance) total <= OUT_BITS'(a_value) + OUT_BITS'(b_value);
      end
      assign out_data[lane*OUT_BITS+:OUT_BITS] = total;
    end
  end

  logic [DEPTH-1:0] valid;
  assign out_valid = valid[DEPTH-1];
  always_ff @(posedge clk)
    if (rst) valid <= '0;
    else if (advance) valid <= DEPTH'({valid, a_valid && b_valid});
endmodule
