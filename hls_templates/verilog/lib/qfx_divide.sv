// x * 2**ZEROS / w, cut off towards zero: a row for each of QUOTIENT_BITS bits of the quotient, a register behind
// every ROWS of them, and where operand or divisor may be negative (SIGNS) one behind their sizes.
//
// A row subtracts the divisor from the rest where that is not negative, else adds it: nothing is restored.  The size of a
// quotient takes no more than QUOTIENT_BITS bits, that of a divisor no more than DIVISOR_BITS: so the rest begins with
// the bits of the operand above the quotient's.
module qfx_divide #(
    parameter int X_BITS = 6,
    parameter int ZEROS = 2,
    parameter int W_BITS = 5,
    parameter int DIVISOR_BITS = 5,
    parameter int QUOTIENT_BITS = 7,
    parameter int Y_BITS = 8,
    parameter int ROWS = 2,
    parameter bit SIGNS = 1
) (
    input  logic                     clk,
    input  logic                     enable,
    input  logic signed [X_BITS-1:0] x,
    input  logic signed [W_BITS-1:0] w,
    output logic signed [Y_BITS-1:0] y
);
  localparam int GROUPS = (QUOTIENT_BITS + ROWS - 1) / ROWS;
  localparam int REST_BITS = DIVISOR_BITS + 1;
  localparam int STATE_BITS = 1 + DIVISOR_BITS + REST_BITS + QUOTIENT_BITS;  // the sign, then as named

  /* verilator lint_off UNUSED */  // sizes without a sign, and of the last row all but the quotient
  wire x_negative = SIGNS && x[X_BITS-1];
  wire w_negative = SIGNS && w[W_BITS-1];
  wire [X_BITS-1:0] x_size = (x ^ {X_BITS{x_negative}}) + X_BITS'(x_negative);
  wire [W_BITS-1:0] w_size = (w ^ {W_BITS{w_negative}}) + W_BITS'(w_negative);
  wire [X_BITS+ZEROS+QUOTIENT_BITS-1:0] numerator = {{QUOTIENT_BITS + ZEROS{1'b0}}, x_size} << ZEROS;
  wire [STATE_BITS-1:0] entering = {
    x_negative ^ w_negative,
    DIVISOR_BITS'(w_size),
    REST_BITS'(numerator >> QUOTIENT_BITS),
    numerator[QUOTIENT_BITS-1:0]
  };

  function automatic [REST_BITS+QUOTIENT_BITS-1:0] after_rows(
      input [REST_BITS-1:0] rest_before, input [QUOTIENT_BITS-1:0] low_before, input [DIVISOR_BITS-1:0] divisor,
      input int count);
    logic [REST_BITS-1:0] rest;  // a signed number
    logic [QUOTIENT_BITS-1:0] low;  // the operand's bits that are still to come, behind them the quotient's so far
    logic [REST_BITS+1:0] sum;  // below it a bit that carries a one to where the divisor is inverted
    logic minus;
    rest = rest_before;
    low  = low_before;
    for (int row = 0; row < ROWS; row = row + 1)
      if (row < count) begin
        minus = !rest[REST_BITS-1];
        sum = {rest, low[QUOTIENT_BITS-1], 1'b1} + {{2'b0, divisor} ^ {REST_BITS + 1{minus}}, minus};
        rest = sum[REST_BITS:1];
        low = (low << 1) | QUOTIENT_BITS'(!rest[REST_BITS-1]);
      end
    after_rows = {rest, low};
  endfunction

  wire [(GROUPS+1)*STATE_BITS-1:0] state;  // before each group of rows, and behind the last
  if (SIGNS) begin : g_sizes
    logic [STATE_BITS-1:0] kept;
    always_ff @(posedge clk) if (enable) kept <= entering;
    assign state[STATE_BITS-1:0] = kept;
  end else begin : g_no_signs
    assign state[STATE_BITS-1:0] = entering;
  end

  for (genvar group = 0; group < GROUPS; group = group + 1) begin : g_group
    localparam int COUNT = QUOTIENT_BITS - group * ROWS < ROWS ? QUOTIENT_BITS - group * ROWS : ROWS;
    wire negative;
    wire [DIVISOR_BITS-1:0] divisor;
    wire [REST_BITS-1:0] rest;
    wire [QUOTIENT_BITS-1:0] low;
    logic [STATE_BITS-1:0] kept;
    assign {negative, divisor, rest, low} = state[group*STATE_BITS+:STATE_BITS];
    always_ff @(posedge clk) if (enable) kept <= {negative, divisor, after_rows(rest, low, divisor, COUNT)};
    assign state[(group+1)*STATE_BITS+:STATE_BITS] = kept;
  end

  wire y_negative = state[(GROUPS+1)*STATE_BITS-1];
  wire [Y_BITS-1:0] size = Y_BITS'(state[GROUPS*STATE_BITS+:QUOTIENT_BITS]);
  assign y = SIGNS ? (size ^ {Y_BITS{y_negative}}) + Y_BITS'(y_negative) : size;
  /* verilator lint_on UNUSED */
endmodule
