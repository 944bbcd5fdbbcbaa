// One stream to two: each takes a beat when it can, and the next one comes when both have it.
module qfx_fork #(
    parameter int BITS = 8
) (
    input  logic            clk,
    input  logic            rst,
    input  logic            in_valid,
    output logic            in_ready,
    input  logic [BITS-1:0] in_data,
    output logic            a_valid,
    input  logic            a_ready,
    output logic [BITS-1:0] a_data,
    output logic            b_valid,
    input  logic            b_ready,
    output logic [BITS-1:0] b_data
);
  logic a_done, b_done;  // it has this beat already

  assign a_valid  = in_valid && !a_done;
  assign b_valid  = in_valid && !b_done;
  assign a_data   = in_data;
  assign b_data   = in_data;
  assign in_ready = (a_done || a_ready) && (b_done || b_ready);

  always_ff @(posedge clk)
    if (rst || (in_valid && in_ready)) begin
      a_done <= 1'b0;
      b_done <= 1'b0;
    end else begin
      if (a_valid && a_ready) a_done <= 1'b1;
      if (b_valid && b_ready) b_done <= 1'b1;
    end
endmodule
