// Weights of fc, 2 x 1 x fixed<4,1>: 4 words of 8 bits, read a cycle after the address.
module only_matmul_fc_matmul_rom (
    input  logic clk,
    input  logic enable,
    input  logic [1:0] address,
    output logic [7:0] data
);
  (* rom_style = "distributed", ram_style = "logic" *)  // as Vivado, and as Yosys spells it
  logic [7:0] memory[0:3];
  initial begin
    memory[0] = 8'he1;
    memory[1] = 8'hc3;
    memory[2] = 8'ha5;
    memory[3] = 8'h87;
  end
  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
