// Every pixel SCALE_W times and every row SCALE_H times: the nearest neighbour on a finer grid.
//
// A pixel is BEATS beats.  Two rows are held in a ring, so that the next one enters while one leaves.
module qfx_repeat #(
    parameter int BITS = 8,
    parameter int BEATS = 2,
    parameter int WIDTH = 3,
    parameter int SCALE_H = 2,
    parameter int SCALE_W = 2,
    /* verilator lint_off UNUSED */
    parameter RAM_STYLE = "distributed"  // of the rows held: "distributed" or "block"
    /* verilator lint_on UNUSED */
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
  localparam int ROW_BEATS = WIDTH * BEATS;
  localparam int PLACES = 2 * ROW_BEATS;
  localparam int PLACE_BITS = $clog2(PLACES);
  localparam int COUNT_BITS = $clog2(BEATS + WIDTH + SCALE_H + SCALE_W);

  (* ram_style = RAM_STYLE *)
  logic [BITS-1:0] memory[0:PLACES-1];
  logic [PLACE_BITS-1:0] write_place, read_place, pixel_place;  // the latter the first of the pixel that leaves
  logic [1:0] rows;  // held whole, the one that leaves among them
  logic second;  // which half of the ring leaves
  logic [COUNT_BITS-1:0] part, copy, column, repeated;

  wire write_last = write_place == PLACE_BITS'(ROW_BEATS - 1) || write_place == PLACE_BITS'(PLACES - 1);
  wire here = rows != '0 || read_place < write_place;
  wire advance = !out_valid || out_ready;
  wire read = here && advance;
  wire take = in_valid && in_ready;

  wire part_done = part == COUNT_BITS'(BEATS - 1);
  wire pixel_done = part_done && copy == COUNT_BITS'(SCALE_W - 1);
  wire line_done = pixel_done && column == COUNT_BITS'(WIDTH - 1);
  wire row_done = line_done && repeated == COUNT_BITS'(SCALE_H - 1);

  wire [PLACE_BITS-1:0] next_place = read_place + 1'b1;
  wire [PLACE_BITS-1:0] line_place = second ^ row_done ? PLACE_BITS'(ROW_BEATS) : '0;  // of the next line's first pixel

  assign in_ready = rows != 2'd2;

  always_ff @(posedge clk) begin
    if (take) memory[write_place] <= in_data;
    if (advance) out_data <= memory[read_place];
    if (rst) begin
      write_place <= '0;
      read_place <= '0;
      pixel_place <= '0;
      rows <= '0;
      second <= 1'b0;
      part <= '0;
      copy <= '0;
      column <= '0;
      repeated <= '0;
      out_valid <= 1'b0;
    end else begin
      if (take) write_place <= write_place == PLACE_BITS'(PLACES - 1) ? '0 : write_place + 1'b1;
      rows <= rows + 2'(take && write_last) - 2'(read && row_done);
      if (advance) out_valid <= here;
      if (read) begin
        part <= part_done ? '0 : part + 1'b1;
        if (part_done) copy <= pixel_done ? '0 : copy + 1'b1;
        read_place <= line_done ? line_place : part_done && !pixel_done ? pixel_place : next_place;
        if (pixel_done) begin
          column <= line_done ? '0 : column + 1'b1;
          pixel_place <= line_done ? line_place : next_place;
        end
        if (line_done) repeated <= row_done ? '0 : repeated + 1'b1;
        if (row_done) second <= !second;
      end
    end
  end
endmodule
