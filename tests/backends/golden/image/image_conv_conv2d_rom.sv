// Weights of conv, 2 x 1 x fixed<4,1>: 8 words of 8 bits, read a cycle after the address.
module image_conv_conv2d_rom (
    input  logic clk,
    input  logic enable,
    input  logic [2:0] address,
    output logic [7:0] data
);
  (* rom_style = "distributed", ram_style = "logic" *)  // as Vivado, and as Yosys spells it
  logic [7:0] memory[0:7];
  initial begin
    memory[0] = 8'h8;
    memory[1] = 8'h4c;
    memory[2] = 8'h19;
    memory[3] = 8'h5d;
    memory[4] = 8'h2a;
    memory[5] = 8'h6e;
    memory[6] = 8'h3b;
    memory[7] = 8'h7f;
  end
  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
