// Sums of rows whose weights were stripped of the zeros they end in, shifted up again: SHIFTS holds a field of
// SHIFT_BITS for each of the ROWS * PE rows in the order they leave, PE in every beat.  A row's sums are shifted a cycle of
// `enable` after they are given; without SHIFT_BITS none is shifted, and they leave in the same cycle.
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
    input  logic                   enable,
    /* verilator lint_on UNUSED */
    input  logic                   given,    // sums holds those of the next row
    input  logic [PE*SUM_BITS-1:0] sums,
    output logic                   valid,
    output logic [PE*SUM_BITS-1:0] shifted
);
  localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  if (SHIFT_BITS == 0) begin : g_plain
    assign valid   = given;
    assign shifted = sums;
  end else begin : g_shifted
    logic [ROW_BITS-1:0] row;  // behind the one whose shifts are held
    logic [PE*SHIFT_BITS-1:0] shifts, shifts_of_row;
    always_comb begin  // looked up row by row: SHIFTS at row times a width would be a product
      shifts_of_row = '0;
      for (int r = 0; r < ROWS; r = r + 1)
        if (row == ROW_BITS'(r)) shifts_of_row = SHIFTS[r*PE*SHIFT_BITS+:PE*SHIFT_BITS];
    end
    always_ff @(posedge clk)
      if (rst) begin
        row <= ROWS > 1 ? ROW_BITS'(1) : '0;
        shifts <= SHIFTS[PE*SHIFT_BITS-1:0];
        valid <= 1'b0;
      end else if (enable) begin
        if (given) begin
          row <= row == ROW_BITS'(ROWS - 1) ? '0 : row + 1'b1;
          shifts <= shifts_of_row;
        end
        valid <= given;
      end
    for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
      always_ff @(posedge clk)
        if (enable) shifted[p*SUM_BITS+:SUM_BITS] <= sums[p*SUM_BITS+:SUM_BITS] << shifts[p*SHIFT_BITS+:SHIFT_BITS];
    end
  end
endmodule
