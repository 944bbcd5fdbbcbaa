// Rows of a table: a row number in, the ROW_BEATS beats of that row out, as they lie in the ROM one row after the
// other.  The number waits at the input until the last beat of its row is read.
module qfx_embed #(
    parameter int INDEX_BITS = 3,
    parameter int ROW_BEATS = 2,
    parameter int BITS = 8,
    parameter int ADDRESS_BITS = 4
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    in_valid,
    output logic                    in_ready,
    input  logic [  INDEX_BITS-1:0] in_data,
    output logic                    out_valid,
    input  logic                    out_ready,
    output logic [        BITS-1:0] out_data,
    output logic                    rom_enable,
    output logic [ADDRESS_BITS-1:0] rom_address,
    input  logic [        BITS-1:0] rom_data
);
  localparam int BEAT_BITS = ROW_BEATS > 1 ? $clog2(ROW_BEATS) : 1;

  logic [BEAT_BITS-1:0] beat;
  wire advance = !out_valid || out_ready;
  wire last = beat == BEAT_BITS'(ROW_BEATS - 1);

  logic [ADDRESS_BITS-1:0] address;  // row number times ROW_BEATS, which is constant: so only adders
  always_comb begin
    address = ADDRESS_BITS'(beat);
    for (int k = 0; k < ADDRESS_BITS; k = k + 1)
      if (ROW_BEATS[k]) address = address + (ADDRESS_BITS'(in_data) << k);
  end

  assign in_ready = advance && last;
  assign rom_enable = advance;
  assign rom_address = address;
  assign out_data = rom_data;

  always_ff @(posedge clk)
    if (rst) begin
      beat <= '0;
      out_valid <= 1'b0;
    end else if (advance) begin
      out_valid <= in_valid;
      if (in_valid) beat <= last ? '0 : beat + 1'b1;
    end
endmodule
