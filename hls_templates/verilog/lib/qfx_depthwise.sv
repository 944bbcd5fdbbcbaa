// Sums of products of each channel for itself: CHANNELS channels a beat, TAPS taps of each, OUTPUTS results of each.
//
// A result takes the IN_BEATS beats of its taps, a beat a cycle; every BLOCKS results the weights begin again.  In a
// beat of the input, all channels of a tap stand before those of the next; in a beat of the output, all results of a
// channel.  Nothing is held but a pipeline, which stands still as a whole: products, a tree that sums the taps of a beat,
// and over several beats an accumulator.  Sums, SHIFTS, TERMS and ROM_LATENCY are as qfx_contract has them.
module qfx_depthwise #(
    parameter int IN_BEATS = 4,
    parameter int BLOCKS = 2,
    parameter int CHANNELS = 2,
    parameter int TAPS = 3,
    parameter int OUTPUTS = 2,
    parameter int X_BITS = 4,
    parameter bit X_SIGNED = 0,
    parameter int W_BITS = 4,
    parameter bit W_SIGNED = 1,
    parameter int SUM_BITS = 12,
    parameter bit USE_DSP = 0,
    parameter bit DSP_PAIRS = 0,
    parameter int TERMS = 0,
    parameter int TERM_SHIFT_BITS = 0,
    parameter bit TERM_SIGNS = 0,
    parameter bit TERM_GAPS = 0,
    parameter int WORD_BITS = W_BITS,
    parameter int SHIFT_BITS = 0,
    parameter bit [BLOCKS*CHANNELS*OUTPUTS*(SHIFT_BITS>0?SHIFT_BITS:1)-1:0] SHIFTS = '0,
    parameter int ADDRESS_BITS = 3,
    parameter int ROM_LATENCY = 1
) (
    input  logic                                       clk,
    input  logic                                       rst,
    input  logic                                       in_valid,
    output logic                                       in_ready,
    input  logic [           TAPS*CHANNELS*X_BITS-1:0] in_data,
    output logic                                       out_valid,
    input  logic                                       out_ready,
    output logic [      CHANNELS*OUTPUTS*SUM_BITS-1:0] out_data,
    output logic                                       rom_enable,
    output logic [                   ADDRESS_BITS-1:0] rom_address,
    input  logic [CHANNELS*OUTPUTS*TAPS*WORD_BITS-1:0] rom_data
);
  localparam int PE = CHANNELS * OUTPUTS;
  localparam int STEP_BITS = IN_BEATS > 1 ? $clog2(IN_BEATS) : 1;
  localparam int PRODUCT_BITS = X_BITS + W_BITS + (X_SIGNED ? 0 : 1) + (W_SIGNED ? 0 : 1);
  localparam int TREE = $clog2(TAPS);  // cycles of its sums
  localparam int OF_LUTS = W_BITS > 2 ? $clog2((W_BITS + 1) / 2) : 1;  // cycles from weight to product, as qfx_products
  localparam int OF_PRODUCT = TERMS > 0 ? 1 + $clog2(TERMS) : DSP_PAIRS ? 2 : USE_DSP ? 1 : OF_LUTS;
  localparam int SUMMED = ROM_LATENCY + OF_PRODUCT + TREE;  // registers from a beat to the sum of its products

  wire advance, halts;  // the pipeline moves; it does not
  wire take = in_valid && in_ready;
  assign in_ready = !halts;
  assign rom_enable = advance;

  logic [STEP_BITS-1:0] step;
  wire last_step = step == STEP_BITS'(IN_BEATS - 1);
  always_ff @(posedge clk)
    if (rst) begin
      step <= '0;
      rom_address <= '0;
    end else if (take) begin
      step <= last_step ? '0 : step + 1'b1;
      rom_address <= rom_address == ADDRESS_BITS'(BLOCKS * IN_BEATS - 1) ? '0 : rom_address + 1'b1;
    end

  wire [TAPS*CHANNELS*X_BITS-1:0] operands;  // a cycle before their weights
  if (ROM_LATENCY == 1) begin : g_at_once
    assign operands = in_data;
  end else begin : g_later
    logic [TAPS*CHANNELS*X_BITS-1:0] held;
    always_ff @(posedge clk) if (advance) held <= in_data;
    assign operands = held;
  end

  logic [SUMMED-1:0] valid;  // of the beats in the pipeline, the last taken in bit 0
  always_ff @(posedge clk)
    if (rst) valid <= '0;
    else if (advance) valid <= SUMMED'({valid, take});

  // --- products, the taps of each result beside each other
  wire [PE*TAPS*PRODUCT_BITS-1:0] product;
  for (genvar t = 0; t < TAPS; t = t + 1) begin : g_tap
    for (genvar c = 0; c < CHANNELS; c = c + 1) begin : g_channel
      localparam int LANE = t * CHANNELS + c;
      wire [OUTPUTS*WORD_BITS-1:0] w;
      wire [OUTPUTS*PRODUCT_BITS-1:0] of_lane;
      for (genvar o = 0; o < OUTPUTS; o = o + 1) begin : g_output
        localparam int PLACE = (c * OUTPUTS + o) * TAPS + t;
        assign w[o*WORD_BITS+:WORD_BITS] = rom_data[PLACE*WORD_BITS+:WORD_BITS];
        assign product[PLACE*PRODUCT_BITS+:PRODUCT_BITS] = of_lane[o*PRODUCT_BITS+:PRODUCT_BITS];
      end
      qfx_products #(
          .OUTPUTS(OUTPUTS),
          .X_BITS(X_BITS),
          .X_SIGNED(X_SIGNED),
          .W_BITS(W_BITS),
          .W_SIGNED(W_SIGNED),
          .PRODUCT_BITS(PRODUCT_BITS),
          .USE_DSP(USE_DSP),
          .DSP_PAIRS(DSP_PAIRS),
          .TERMS(TERMS),
          .TERM_SHIFT_BITS(TERM_SHIFT_BITS),
          .TERM_SIGNS(TERM_SIGNS),
          .TERM_GAPS(TERM_GAPS),
          .WORD_BITS(WORD_BITS)
      ) products (
          .clk(clk),
          .enable(advance),
          .next_x(operands[LANE*X_BITS+:X_BITS]),
          .w(w),
          .product(of_lane)
      );
    end
  end

  // --- sums: of the taps of a beat, then of the beats of a result
  wire [PE*SUM_BITS-1:0] sum, total;
  for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
    qfx_sum #(
        .N(TAPS),
        .BITS(PRODUCT_BITS),
        .SUM_BITS(SUM_BITS)
    ) taps (
        .clk(clk),
        .enable(advance),
        .addends(product[p*TAPS*PRODUCT_BITS+:TAPS*PRODUCT_BITS]),
        .sum(sum[p*SUM_BITS+:SUM_BITS])
    );
  end
  logic [SUMMED-1:0] last;  // of those, the last beats of a result
  wire sum_last = last[SUMMED-1];
  always_ff @(posedge clk)
    if (rst) last <= '0;
    else if (advance) last <= SUMMED'({last, take && last_step});

  if (IN_BEATS == 1) begin : g_whole
    assign total = sum;
  end else begin : g_accumulated
    for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
      logic [SUM_BITS-1:0] kept;  // begins again at 0, so that an adder is all it needs
      wire [SUM_BITS-1:0] next = kept + sum[p*SUM_BITS+:SUM_BITS];
      always_ff @(posedge clk)
        if (rst || (advance && sum_last)) kept <= '0;
        else if (advance && valid[SUMMED-1]) kept <= next;
      assign total[p*SUM_BITS+:SUM_BITS] = next;
    end
  end

  qfx_results #(
      .SPACED(IN_BEATS > 1),
      .ROWS(BLOCKS),
      .PE(PE),
      .SUM_BITS(SUM_BITS),
      .SHIFT_BITS(SHIFT_BITS),
      .SHIFTS(SHIFTS)
  ) results (
      .clk(clk),
      .rst(rst),
      .soon(last[SUMMED-2]),
      .given(sum_last),
      .sums(total),
      .advance(advance),
      .halts(halts),
      .valid(out_valid),
      .ready(out_ready),
      .data(out_data)
  );
endmodule
