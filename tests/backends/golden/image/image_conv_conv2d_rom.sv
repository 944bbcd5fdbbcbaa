// Weights of conv, 1 x 2 x fixed<4,1>: 8 words of 8 bits, read a cycle after the address.
module image_conv_conv2d_rom (
    input  logic clk,
    input  logic enable,
    input  logic [2:0] address,
    output logic [7:0] data
);
  logic [7:0] memory[0:7];
  initial begin
    memory[0] = 8'hc8;
    memory[1] = 8'hd9;
    memory[2] = 8'hea;
    memory[3] = 8'hfb;
    memory[4] = 8'h40;
    memory[5] = 8'h51;
    memory[6] = 8'h62;
    memory[7] = 8'h73;
  end
  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
