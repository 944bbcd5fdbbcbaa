// Weights of conv, 2 x 1 x fixed<4,1> as 2 terms of 3 bits: 8 words of 12 bits, read a cycle after the address.
module image_conv_conv2d_rom (
    input  logic clk,
    input  logic enable,
    input  logic [2:0] address,
    output logic [11:0] data
);
  (* rom_style = "distributed", ram_style = "logic" *)  // as Vivado, and as Yosys spells it
  logic [11:0] memory[0:7];
  initial begin
    memory[0] = 12'h836;
    memory[1] = 12'h26d;
    memory[2] = 12'h878;
    memory[3] = 12'h430;
    memory[4] = 12'h39;
    memory[5] = 12'hae4;
    memory[6] = 12'h8b4;
    memory[7] = 12'h8e8;
  end
  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
