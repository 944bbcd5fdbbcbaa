// exp(x) / sum of exp(x) over the COUNT elements of a frame, by ROMs of exponentials and of reciprocals.
//
// Frames enter a buffer of two, and the largest element of each is found on the way.  A frame is then read twice: to
// sum the exponentials, and to multiply each by the reciprocal of the sum, 2 * COUNT + 3 cycles in all.  The
// reciprocal is found by the bits of the sum below its leading one; as far as that stands above the one of a single
// exponential, the reciprocal is shifted down.
module qfx_softmax #(
    parameter int COUNT = 3,
    parameter int BITS = 4,
    parameter bit SIGNED = 0,
    parameter int EXP_BITS = 9,
    parameter int RECIPROCAL_BITS = 5,
    parameter int OUT_BITS = 13,
    parameter bit USE_DSP = 0,
    parameter int EXP_ADDRESS_BITS = 4,
    parameter int RECIPROCAL_ADDRESS_BITS = 3
) (
    input  logic                               clk,
    input  logic                               rst,
    input  logic                               in_valid,
    output logic                               in_ready,
    input  logic [                   BITS-1:0] in_data,
    output logic                               out_valid,
    input  logic                               out_ready,
    output logic [               OUT_BITS-1:0] out_data,
    output logic                               exp_enable,
    output logic [       EXP_ADDRESS_BITS-1:0] exp_address,
    input  logic [               EXP_BITS-1:0] exp_data,
    output logic                               reciprocal_enable,
    output logic [RECIPROCAL_ADDRESS_BITS-1:0] reciprocal_address,
    input  logic [        RECIPROCAL_BITS-1:0] reciprocal_data
);
  localparam int WAITED = 3;  // cycles from the last exponential's read until its sum's reciprocal is needed
  localparam int OF_LUTS = RECIPROCAL_BITS > 2 ? $clog2((RECIPROCAL_BITS + 1) / 2) : 1;
  localparam int OF_PRODUCT = USE_DSP ? 1 : OF_LUTS;  // cycles of a product, as in qfx_products
  localparam int UNIT_BITS = EXP_BITS - 1;
  localparam int OCTAVES = $clog2(COUNT + 1) - 1;
  localparam int OCTAVE_BITS = $clog2(OCTAVES + 1);
  localparam int SUM_BITS = EXP_BITS + OCTAVES;
  localparam int PLACE_BITS = $clog2(2 * COUNT);
  localparam int COUNT_BITS = $clog2(COUNT > WAITED ? COUNT : WAITED);
  localparam logic [1:0] SUM = 0, WAIT = 1, SCALE = 2;

  // --- the buffer: frames written whole and not yet read for the last time
  (* ram_style = "distributed" *)
  logic [BITS-1:0] memory[0:2*COUNT-1];
  logic signed [BITS:0] largest[0:1];
  logic [PLACE_BITS-1:0] write_place, read_place;
  logic read_half;
  logic [COUNT_BITS-1:0] count;
  logic [1:0] frames, phase;

  wire take = in_valid && in_ready;
  wire write_half = write_place >= PLACE_BITS'(COUNT);
  wire write_first = write_place == '0 || write_place == PLACE_BITS'(COUNT);
  wire write_last = write_place == PLACE_BITS'(COUNT - 1) || write_place == PLACE_BITS'(2 * COUNT - 1);
  wire signed [BITS:0] entering = $signed({SIGNED && in_data[BITS-1], in_data});

  wire advance = !out_valid || out_ready;
  wire here = frames != '0;
  wire step = here && advance;
  wire last = count == (phase == WAIT ? COUNT_BITS'(WAITED - 1) : COUNT_BITS'(COUNT - 1));
  wire release_frame = step && last && phase == SCALE;

  assign in_ready = frames != 2'd2;

  always_ff @(posedge clk) begin
    if (take) memory[write_place] <= in_data;
    if (take && (write_first || entering > largest[write_half])) largest[write_half] <= entering;
    if (rst) begin
      write_place <= '0;
      read_place <= '0;
      read_half <= 1'b0;
      count <= '0;
      frames <= '0;
      phase <= SUM;
    end else begin
      if (take) write_place <= write_last && write_half ? '0 : write_place + 1'b1;
      frames <= frames + 2'(take && write_last) - 2'(release_frame);
      if (step) begin
        count <= last ? '0 : count + 1'b1;
        if (last) phase <= phase == SCALE ? SUM : phase + 1'b1;
      end
      if (step && phase != WAIT)
        read_place <= !last ? read_place + 1'b1 : read_half ^ (phase == SCALE) ? PLACE_BITS'(COUNT) : '0;
      if (release_frame) read_half <= !read_half;
    end
  end

  // --- the pipeline of both reads: distance from the largest, exponential, sum or product; it stands still as a whole
  logic [BITS-1:0] x;
  logic signed [BITS:0] top;  // of its frame, whose place may be taken by then
  wire signed [BITS:0] value = $signed({SIGNED && x[BITS-1], x});
  logic [2:0] sums, firsts;
  logic [OF_PRODUCT+2:0] scales;
  logic [SUM_BITS-1:0] sum;
  logic [RECIPROCAL_BITS-1:0] factor;

  assign exp_enable = advance;

  always_ff @(posedge clk) begin
    if (advance) begin
      x <= memory[read_place];
      top <= largest[read_half];
      exp_address <= EXP_ADDRESS_BITS'(top - value);
      firsts <= {firsts[1:0], count == '0};
      if (sums[2]) sum <= SUM_BITS'(exp_data) + (firsts[2] ? '0 : sum);
    end
    if (rst) begin
      sums <= '0;
      scales <= '0;
      out_valid <= 1'b0;
    end else if (advance) begin
      sums <= {sums[1:0], here && phase == SUM};
      scales <= {scales[OF_PRODUCT+1:0], here && phase == SCALE};
      out_valid <= scales[OF_PRODUCT+2];
    end
  end

  qfx_multiply #(
      .X_BITS(EXP_BITS),
      .X_SIGNED(0),
      .W_BITS(RECIPROCAL_BITS),
      .W_SIGNED(0),
      .PRODUCT_BITS(OUT_BITS),
      .USE_DSP(USE_DSP)
  ) multiply (
      .clk(clk),
      .enable(advance),
      .x(exp_data),
      .w(factor),
      .product(out_data)
  );

  // --- the reciprocal of the sum
  logic [OCTAVE_BITS-1:0] octave, octave_at_address, octave_at_data;
  always_comb begin
    octave = '0;
    for (int k = 1; k <= OCTAVES; k = k + 1) if (sum[UNIT_BITS+k]) octave = OCTAVE_BITS'(k);
  end

  assign reciprocal_enable = 1'b1;

  always_ff @(posedge clk) begin
    reciprocal_address <= RECIPROCAL_ADDRESS_BITS'(sum >> (UNIT_BITS - RECIPROCAL_ADDRESS_BITS + 32'(octave)));
    octave_at_address <= octave;
    octave_at_data <= octave_at_address;
    factor <= reciprocal_data >> octave_at_data;
  end
endmodule
