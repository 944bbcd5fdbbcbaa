// The end of a pipeline of sums: a row of PE of them leaves in a beat, and `advance` says when the pipeline moves.
//
// Rows whose weights were stripped of the zeros they end in are shifted up again: SHIFTS holds a field of SHIFT_BITS for
// each of the ROWS * PE sums in the order they leave; that takes a cycle more.
//
// Where rows are SPACED, no two of them in neighbouring cycles, `sums` come from an adder and go into a register, and
// `advance` is one, so that no path leads from `ready` to the pipeline: it stops a cycle before a row would meet one that
// has not been taken; `halts` is the other way round, a register of its own, so that control need not wait for what has
// all of the pipeline to move.  Else `sums` are registers, and the pipeline stands still as a whole while its last row waits.
module qfx_results #(
    parameter bit SPACED = 1,
    parameter int ROWS = 1,
    parameter int PE = 1,
    parameter int SUM_BITS = 8,
    parameter int SHIFT_BITS = 0,
    parameter bit [ROWS*PE*(SHIFT_BITS>0?SHIFT_BITS:1)-1:0] SHIFTS = '0
) (
    /* verilator lint_off UNUSED */
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   soon,     // sums will hold those of the next row when the pipeline has moved once
    /* verilator lint_on UNUSED */
    input  logic                   given,    // they do
    input  logic [PE*SUM_BITS-1:0] sums,
    output logic                   advance,
    output logic                   halts,
    output logic                   valid,
    input  logic                   ready,
    output logic [PE*SUM_BITS-1:0] data
);
  // --- who waits
  /* verilator lint_off UNUSED */
  logic total_given;  // those that are to be shifted are a row's
  /* verilator lint_on UNUSED */
  if (SPACED) begin : g_spaced
    wire arrives = SHIFT_BITS > 0 ? total_given : given;
    wire arrives_then = halts ? arrives : SHIFT_BITS > 0 ? given : soon;
    wire waits = (!halts && arrives) || (valid && !ready);
    always_ff @(posedge clk)
      if (rst) begin
        advance <= 1'b1;
        halts <= 1'b0;
        valid <= 1'b0;
        total_given <= 1'b0;
      end else begin
        advance <= !(waits && arrives_then);
        halts <= waits && arrives_then;
        valid <= waits;
        if (!halts) total_given <= given;
      end
  end else begin : g_in_step
    assign advance = !valid || ready;
    assign halts = valid && !ready;
    assign total_given = given;
    if (SHIFT_BITS == 0) begin : g_plain
      assign valid = given;
    end else begin : g_shifted
      always_ff @(posedge clk)
        if (rst) valid <= 1'b0;
        else if (advance) valid <= given;
    end
  end

  // --- what leaves
  if (SHIFT_BITS > 0) begin : g_shifts
    localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
    logic [ROW_BITS-1:0] row;  // behind the one whose shifts are held
    logic [PE*SHIFT_BITS-1:0] shifts, shifts_of_row;
    logic [PE*SUM_BITS-1:0] total;
    always_comb begin  // looked up row by row: SHIFTS at row times a width would be a product
      shifts_of_row = '0;
      for (int r = 0; r < ROWS; r = r + 1)
        if (row == ROW_BITS'(r)) shifts_of_row = SHIFTS[r*PE*SHIFT_BITS+:PE*SHIFT_BITS];
    end
    if (SPACED) begin : g_registered
      always_ff @(posedge clk) if (advance) total <= sums;
    end else begin : g_wired
      assign total = sums;
    end
    always_ff @(posedge clk)
      if (rst) begin
        row <= ROWS > 1 ? ROW_BITS'(1) : '0;
        shifts <= SHIFTS[PE*SHIFT_BITS-1:0];
      end else if (advance && total_given) begin
        row <= row == ROW_BITS'(ROWS - 1) ? '0 : row + 1'b1;
        shifts <= shifts_of_row;
      end
    for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
      always_ff @(posedge clk)
        if (advance && total_given)
          data[p*SUM_BITS+:SUM_BITS] <= total[p*SUM_BITS+:SUM_BITS] << shifts[p*SHIFT_BITS+:SHIFT_BITS];
    end
  end else if (SPACED) begin : g_held
    always_ff @(posedge clk) if (advance && given) data <= sums;
  end else begin : g_wires
    assign data = sums;
  end
endmodule
