// A queue of DEPTH beats; valid and ready both come from registers, so it ends every path from ready to ready.  Of two
// beats, so does what leaves.
module qfx_fifo #(
    parameter int BITS  = 8,
    parameter int DEPTH = 2
) (
    input  logic            clk,
    input  logic            rst,
    input  logic            in_valid,
    output logic            in_ready,
    input  logic [BITS-1:0] in_data,
    output logic            out_valid,
    input  logic            out_ready,
    output logic [BITS-1:0] out_data
);
`ifdef QFX_PROOF  // in simulation, +net.u_fifo=N lets it hold N beats, 8 * DEPTH at most
  localparam int PLACES = 8 * DEPTH;
  int LIMIT;
  localparam bit REGISTERS = 1'b0;
  initial if (!$value$plusargs({$sformatf("%m"), "=%d"}, LIMIT)) LIMIT = DEPTH;
`else
  localparam int PLACES = DEPTH;
  localparam int LIMIT = DEPTH;
  localparam bit REGISTERS = DEPTH == 2;
`endif
  localparam int PLACE_BITS = PLACES > 1 ? $clog2(PLACES) : 1;
  localparam int LEVEL_BITS = $clog2(PLACES + 1);

  logic [LEVEL_BITS-1:0] level;
  logic full, empty;

  wire take = in_valid && in_ready;
  wire give = out_valid && out_ready;

  assign in_ready  = !full;
  assign out_valid = !empty;

  always_ff @(posedge clk)
    if (rst) begin
      level <= '0;
      full  <= 1'b0;
      empty <= 1'b1;
    end else begin
      level <= level + LEVEL_BITS'(take) - LEVEL_BITS'(give);
      if (take != give) begin
        full  <= take && level == LEVEL_BITS'(LIMIT - 1);
        empty <= give && level == LEVEL_BITS'(1);
      end
    end

  if (REGISTERS) begin : g_registers
    logic [BITS-1:0] first, second;
    assign out_data = first;
    always_ff @(posedge clk) begin
      if (take) second <= in_data;
      if (give || empty) first <= full ? second : in_data;
    end
  end else begin : g_memory
    (* ram_style = "distributed" *)
    logic [BITS-1:0] memory[0:PLACES-1];
    logic [PLACE_BITS-1:0] write_place, read_place;
    assign out_data = memory[read_place];
    always_ff @(posedge clk) begin
      if (take) memory[write_place] <= in_data;
      if (rst) begin
        write_place <= '0;
        read_place <= '0;
      end else begin
        if (take) write_place <= write_place == PLACE_BITS'(PLACES - 1) ? '0 : write_place + 1'b1;
        if (give) read_place <= read_place == PLACE_BITS'(PLACES - 1) ? '0 : read_place + 1'b1;
      end
    end
  end
endmodule
