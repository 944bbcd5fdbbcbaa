// A queue of DEPTH beats in block RAM; cycle by cycle at its ports what qfx_fifo is.
//
// What leaves is a register.  The place behind it is read every cycle, so its beat stands at the memory's output register
// when its turn comes.  A beat that goes into that very place in the cycle in which it is read passes the memory by, and
// so does one that finds nothing before it.
module qfx_fifo_block #(
    parameter int BITS  = 8,
    parameter int DEPTH = 1024
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
  initial if (!$value$plusargs({$sformatf("%m"), "=%d"}, LIMIT)) LIMIT = DEPTH;
`else
  localparam int PLACES = DEPTH;
  localparam int LIMIT = DEPTH;
`endif
  localparam int PLACE_BITS = PLACES > 1 ? $clog2(PLACES) : 1;
  localparam int LEVEL_BITS = $clog2(PLACES + 1);

  (* ram_style = "block" *)
  logic [BITS-1:0] memory[0:PLACES-1];
  logic [BITS-1:0] read, passed;
  logic passes;
  logic [PLACE_BITS-1:0] write_place, read_place;
  logic [LEVEL_BITS-1:0] level;
  logic full, empty, alone;  // alone: behind the beat that leaves there is none

  wire take = in_valid && in_ready;
  wire give = out_valid && out_ready;
  wire moves = give || empty;  // what leaves next becomes what leaves
  wire push = take && !(moves && alone);
  wire pop = give && !alone;
  wire [PLACE_BITS-1:0] after = read_place == PLACE_BITS'(PLACES - 1) ? '0 : read_place + 1'b1;
  wire [PLACE_BITS-1:0] next_place = pop ? after : read_place;

  assign in_ready  = !full;
  assign out_valid = !empty;

  always_ff @(posedge clk) begin
    if (push) memory[write_place] <= in_data;
    read   <= memory[next_place];
    passed <= in_data;
    passes <= push && write_place == next_place;
    if (moves) out_data <= alone ? in_data : passes ? passed : read;
    if (rst) begin
      write_place <= '0;
      read_place <= '0;
      level <= '0;
      full <= 1'b0;
      empty <= 1'b1;
      alone <= 1'b1;
    end else begin
      if (push) write_place <= write_place == PLACE_BITS'(PLACES - 1) ? '0 : write_place + 1'b1;
      read_place <= next_place;
      level <= level + LEVEL_BITS'(take) - LEVEL_BITS'(give);
      if (take != give) begin
        full  <= take && level == LEVEL_BITS'(LIMIT - 1);
        empty <= give && level == LEVEL_BITS'(1);
        alone <= take ? empty : alone || level == LEVEL_BITS'(2);
      end
    end
  end
endmodule
