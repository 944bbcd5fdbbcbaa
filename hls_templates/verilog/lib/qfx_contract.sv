// Matrix-vector product, folded: PE outputs at a time, SIMD inputs a cycle.
//
// Vectors enter a buffer of two, so the next one arrives while this one is read OUT_BEATS times; a vector
// takes IN_BEATS * OUT_BEATS cycles.  Every GROUPS vectors the weights begin again; they come ROM_LATENCY cycles after
// their address, one or two.  Sums are modulo 2**SUM_BITS, which is exact when the result fits.  Rows whose weights end
// in zeros have those stripped in the ROM; their sums are shifted by SHIFTS, a field of SHIFT_BITS for each row in the
// order they leave.  With TERMS, a weight comes as so many signed powers of two, WORD_BITS in all, and products are built
// of shifts and adders.
module qfx_contract #(
    parameter int IN_BEATS = 4,
    parameter int OUT_BEATS = 2,
    parameter int GROUPS = 1,
    parameter int SIMD = 2,
    parameter int PE = 2,
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
    parameter bit [GROUPS*OUT_BEATS*PE*(SHIFT_BITS>0?SHIFT_BITS:1)-1:0] SHIFTS = '0,
    parameter int ADDRESS_BITS = 3,
    parameter int ROM_LATENCY = 1,
    /* verilator lint_off UNUSED */
    parameter RAM_STYLE = "distributed"  // of the buffer: "distributed" or "block"
    /* verilator lint_on UNUSED */
) (
    input  logic                         clk,
    input  logic                         rst,
    input  logic                         in_valid,
    output logic                         in_ready,
    input  logic [      SIMD*X_BITS-1:0] in_data,
    output logic                         out_valid,
    input  logic                         out_ready,
    output logic [      PE*SUM_BITS-1:0] out_data,
    output logic                         rom_enable,
    output logic [     ADDRESS_BITS-1:0] rom_address,
    input  logic [PE*SIMD*WORD_BITS-1:0] rom_data
);
  localparam int STEP_BITS = IN_BEATS > 1 ? $clog2(IN_BEATS) : 1;
  localparam int FOLD_BITS = OUT_BEATS > 1 ? $clog2(OUT_BEATS) : 1;
  localparam int PLACE_BITS = $clog2(2 * IN_BEATS);
  localparam int LEVEL_BITS = $clog2(2 * IN_BEATS + 1);
  localparam int PRODUCT_BITS = X_BITS + W_BITS + (X_SIGNED ? 0 : 1) + (W_SIGNED ? 0 : 1);
  localparam int WORDS = GROUPS * OUT_BEATS * IN_BEATS;

  // --- the buffer; what decides whether a beat is taken or read is a register, and so is what is at its last turn
  (* ram_style = RAM_STYLE *)
  logic [SIMD*X_BITS-1:0] memory[0:2*IN_BEATS-1];
  logic [PLACE_BITS-1:0] write_place, read_place, base;
  logic [LEVEL_BITS-1:0] level;  // beats written and not yet read for the last time
  logic [LEVEL_BITS-1:0] fresh;  // those not yet read at all
  logic room, here, first;  // for a beat; one to be read; and for the first time
  logic [ADDRESS_BITS-1:0] place;  // of the weights

  wire advance, halts;  // the pipeline moves; it does not
  wire take = in_valid && in_ready;
  wire read = here && !halts;
  wire last_step, last_fold, last_word, again;  // again: the vector was read before
  wire [PLACE_BITS-1:0] other = base == '0 ? PLACE_BITS'(IN_BEATS) : '0;  // where the other vector begins

  // Where that costs no throughput, both counts hear of a beat a cycle later than they might.
  localparam bit LATER = IN_BEATS > 1 || OUT_BEATS > 2;
  wire written, freed;  // a beat that can be read in the next cycle; a place that can be written
  if (LATER) begin : g_later
    logic taken, released;
    assign written = taken;
    assign freed = released;
    always_ff @(posedge clk) begin
      taken <= take && !rst;
      released <= read && last_fold && !rst;
    end
  end else begin : g_at_once
    assign written = take;
    assign freed = read && last_fold;
  end

  if (IN_BEATS == 1) begin : g_step
    assign last_step = 1'b1;
  end else begin : g_steps
    logic [STEP_BITS-1:0] step;
    logic last;
    assign last_step = last;
    always_ff @(posedge clk)
      if (rst) begin
        step <= '0;
        last <= 1'b0;
      end else if (read) begin
        step <= last ? '0 : step + 1'b1;
        last <= step == STEP_BITS'(IN_BEATS - 2);
      end
  end
  if (OUT_BEATS == 1) begin : g_fold
    assign last_fold = 1'b1;
    assign again = 1'b0;
  end else begin : g_folds
    logic [FOLD_BITS-1:0] fold;
    logic last, later;
    assign last_fold = last;
    assign again = later;
    always_ff @(posedge clk)
      if (rst) begin
        fold <= '0;
        last <= 1'b0;
        later <= 1'b0;
      end else if (read && last_step) begin
        fold <= last ? '0 : fold + 1'b1;
        last <= fold == FOLD_BITS'(OUT_BEATS - 2);
        later <= !last;
      end
  end
  if (WORDS == 1) begin : g_word
    assign last_word = 1'b1;
  end else begin : g_words
    logic last;
    assign last_word = last;
    always_ff @(posedge clk)
      if (rst) last <= 1'b0;
      else if (read) last <= place == ADDRESS_BITS'(WORDS - 2);
  end

  wire again_then = read && last_step ? !last_fold : again;
  wire begun = first && !halts;  // a fresh one is read
  wire left = fresh > LEVEL_BITS'(1) || (fresh == LEVEL_BITS'(1) && !begun);
  assign in_ready = room;

  always_ff @(posedge clk) begin
    if (take) memory[write_place] <= in_data;
    if (rst) begin
      write_place <= '0;
      read_place <= '0;
      base <= '0;
      level <= '0;
      fresh <= '0;
      room <= 1'b1;
      here <= 1'b0;
      first <= 1'b0;
      place <= '0;
    end else begin
      if (take) write_place <= write_place == PLACE_BITS'(2 * IN_BEATS - 1) ? '0 : write_place + 1'b1;
      level <= level + LEVEL_BITS'(take) - LEVEL_BITS'(freed);
      room  <= (level != LEVEL_BITS'(2 * IN_BEATS) && !(level == LEVEL_BITS'(2 * IN_BEATS - 1) && take)) || freed;
      fresh <= fresh + LEVEL_BITS'(written) - LEVEL_BITS'(begun);
      here  <= again_then || written || left;
      first <= !again_then && (written || left);
      if (read) begin
        read_place <= !last_step ? read_place + 1'b1 : last_fold ? other : base;
        if (last_step && last_fold) base <= other;
        place <= last_word ? '0 : place + 1'b1;
      end
    end
  end

  // --- the pipeline: operands, what products take of them, products, sums, accumulator
  localparam int OF_LUTS = W_BITS > 2 ? $clog2((W_BITS + 1) / 2) : 1;  // cycles from weight to product, as qfx_products
  localparam int OF_PRODUCT = TERMS > 0 ? 1 + $clog2(TERMS) : DSP_PAIRS ? 2 : USE_DSP ? 1 : OF_LUTS;
  localparam int FROM_BLOCK = RAM_STYLE == "block" ? 1 : 0;  // it is slow, so what it reads has a register of its own
  localparam int DEPTH = 2 + FROM_BLOCK + OF_PRODUCT + $clog2(SIMD);  // from read to sum

  logic [SIMD*X_BITS-1:0] operands;
  logic [ADDRESS_BITS-1:0] place_then;  // of the weights of what operands hold next
  logic [DEPTH-1:0] valid, last;  // last: of a vector
  /* verilator lint_off UNUSED */  // where a beat is a vector
  wire sum_valid = valid[DEPTH-1];
  /* verilator lint_on UNUSED */
  wire sum_last = last[DEPTH-1];

  assign rom_enable = advance;
  if (ROM_LATENCY == 1) begin : g_rom_of_one
    always_ff @(posedge clk) if (advance) rom_address <= place_then;
  end else begin : g_rom_of_two
    assign rom_address = place_then;
  end
  if (FROM_BLOCK == 1) begin : g_from_block
    logic [SIMD*X_BITS-1:0] found;
    always_ff @(posedge clk)
      if (advance) begin
        found <= memory[read_place];
        operands <= found;
        place_then <= place;
      end
  end else begin : g_from_luts
    assign place_then = place;
    always_ff @(posedge clk) if (advance) operands <= memory[read_place];
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      valid <= '0;
      last  <= '0;
    end else if (advance) begin
      valid <= {valid[DEPTH-2:0], here};
      last  <= {last[DEPTH-2:0], here && last_step};
    end
  end

  wire [PE*SIMD*PRODUCT_BITS-1:0] product;
  for (genvar s = 0; s < SIMD; s = s + 1) begin : g_simd
    wire [PE*WORD_BITS-1:0] w;
    wire [PE*PRODUCT_BITS-1:0] of_lane;
    for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
      assign w[p*WORD_BITS+:WORD_BITS] = rom_data[(p*SIMD+s)*WORD_BITS+:WORD_BITS];
      assign product[(p*SIMD+s)*PRODUCT_BITS+:PRODUCT_BITS] = of_lane[p*PRODUCT_BITS+:PRODUCT_BITS];
    end
    qfx_products #(
        .OUTPUTS(PE),
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
        .next_x(operands[s*X_BITS+:X_BITS]),
        .w(w),
        .product(of_lane)
    );
  end

  wire [PE*SUM_BITS-1:0] sums;
  for (genvar p = 0; p < PE; p = p + 1) begin : g_pe
    wire signed [SUM_BITS-1:0] sum;
    qfx_sum #(
        .N(SIMD),
        .BITS(PRODUCT_BITS),
        .SUM_BITS(SUM_BITS)
    ) sum_of_lanes (
        .clk(clk),
        .enable(advance),
        .addends(product[p*SIMD*PRODUCT_BITS+:SIMD*PRODUCT_BITS]),
        .sum(sum)
    );
    if (IN_BEATS == 1) begin : g_whole
      assign sums[p*SUM_BITS+:SUM_BITS] = sum;
    end else begin : g_accumulated
      logic [SUM_BITS-1:0] so_far;  // begins again at 0, so that an adder is all it needs
      wire [SUM_BITS-1:0] next = so_far + sum;
      always_ff @(posedge clk)
        if (rst || (advance && sum_last)) so_far <= '0;
        else if (advance && sum_valid) so_far <= next;
      assign sums[p*SUM_BITS+:SUM_BITS] = next;
    end
  end

  qfx_results #(
      .SPACED(IN_BEATS > 1),
      .ROWS(GROUPS * OUT_BEATS),
      .PE(PE),
      .SUM_BITS(SUM_BITS),
      .SHIFT_BITS(SHIFT_BITS),
      .SHIFTS(SHIFTS)
  ) results (
      .clk(clk),
      .rst(rst),
      .soon(last[DEPTH-2]),
      .given(sum_last),
      .sums(sums),
      .advance(advance),
      .halts(halts),
      .valid(out_valid),
      .ready(out_ready),
      .data(out_data)
  );
endmodule
