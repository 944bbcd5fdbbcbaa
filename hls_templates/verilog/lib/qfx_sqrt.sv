// The square root of x * 2**ZEROS, rounded down; 0 of a negative x: a row for each of ROOT_BITS bits of the root, a
// register behind every ROWS of them.
//
// Digit by digit: what is left of the radicand's leading digits gets two more, and the root so far, of row + 1 bits, is
// subtracted where that is not negative, else added: nothing is restored.
module qfx_sqrt #(
    parameter int X_BITS = 9,
    parameter int ZEROS = 2,
    parameter int ROOT_BITS = 5,
    parameter int Y_BITS = 6,
    parameter int ROWS = 2
) (
    input  logic                     clk,
    input  logic                     enable,
    input  logic signed [X_BITS-1:0] x,
    output logic signed [Y_BITS-1:0] y
);
  localparam int GROUPS = (ROOT_BITS + ROWS - 1) / ROWS;
  localparam int REST_BITS = ROOT_BITS + 2;
  localparam int STATE_BITS = REST_BITS + ROOT_BITS + 2 * ROOT_BITS;  // the rest, the root, the radicand's bits to come

  wire [2*ROOT_BITS-1:0] radicand = x[X_BITS-1] ? '0 : (2 * ROOT_BITS)'(x) << ZEROS;
  function automatic [STATE_BITS-1:0] after_rows(input [STATE_BITS-1:0] state_before, input int first);
    logic [REST_BITS-1:0] rest;  // a signed number, and below it zeros: it is a bit wider with each row
    logic [ROOT_BITS-1:0] root;
    logic [2*ROOT_BITS-1:0] low;  // the radicand's bits that are still to come
    logic minus;  // 4 root + 1; else plus 4 root + 3
    {rest, root, low} = state_before;
    for (int row = 0; row < ROWS; row = row + 1)
      if (first + row < ROOT_BITS) begin
        minus = !rest[REST_BITS-1];
        rest = ((rest << 1) | REST_BITS'(low[2*ROOT_BITS-1:2*ROOT_BITS-2]) << ROOT_BITS - 1 - first - row)
            + ({root ^ {ROOT_BITS{minus}}, 2'b11} << ROOT_BITS - 1 - first - row);
        root = (root << 1) | ROOT_BITS'(!rest[REST_BITS-1]);
        low = low << 2;
      end
    after_rows = {rest, root, low};
  endfunction

  /* verilator lint_off UNUSED */  // of the last row all but the root
  wire [(GROUPS+1)*STATE_BITS-1:0] state;  // before each group of rows, and behind the last
  assign state[STATE_BITS-1:0] = STATE_BITS'(radicand);

  for (genvar group = 0; group < GROUPS; group = group + 1) begin : g_group
    logic [STATE_BITS-1:0] kept;
    always_ff @(posedge clk) if (enable) kept <= after_rows(state[group*STATE_BITS+:STATE_BITS], group * ROWS);
    assign state[(group+1)*STATE_BITS+:STATE_BITS] = kept;
  end

  assign y = Y_BITS'(state[GROUPS*STATE_BITS+2*ROOT_BITS+:ROOT_BITS]);
  /* verilator lint_on UNUSED */
endmodule
