// Sums of rows whose weights were stripped of the zeros they end in, shifted up again: SHIFTS holds a field of
// SHIFT_BITS for each of the ROWS * PE rows in the order they leave, PE in every beat; without SHIFT_BITS none is shifted.
module qfx_row_shifts #(
    parameter int ROWS = 1,
    parameter int PE = 1,
    parameter int SUM_BITS = 8,
    parameter int SHIFT_BITS = 0,
    parameter bit [ROWS*PE*(SHIFT_BITS>0?SHIFT_BITS:1)-1:0] SHIFTS = '0
) (
    /* verilator lint_off UNUSED */
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   given,
    /* verilator lint_on UNUSED */
    input  logic [PE*SUM_BITS-1:0] sums,
    output logic [PE*SUM_BITS-1:0] shifted
);
  localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  if (SHIFT_BITS == 0) begin : g_plain
    assign shifted = sums;
  end else begin : g_shifted
    logic [ROW_BITS-1:0] row;
    logic [PE*SHIFT_BITS-1:0] shifts;
    always_comb begin  // looked up row by row: SHIFTS at row times a width would be a product
      shifts = '0;
      for (int r = 0; r < ROWS; r = r + 1)
        if (row == ROW_BITS'(r)) shifts = SHIFTS[r*PE*SHIFT_BITS+:PE*SHIFT_BITS];
    end
    always_ff @(posedge clk)
      if (rst) row <= '0;
      else if (given) row <= row == ROW_BITS'(ROWS - 1) ? '0 : row + 1'b1;
    for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
      assign shifted[p*SUM_BITS+:SUM_BITS] = sums[p*SUM_BITS+:SUM_BITS] << shifts[p*SHIFT_BITS+:SHIFT_BITS];
    end
  end
endmodule
