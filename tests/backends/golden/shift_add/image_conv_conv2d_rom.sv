// Weights of conv, 1 x 2 x fixed<4,1> as 2 terms of 3 bits: 8 words of 12 bits, read a cycle after the address.
module image_conv_conv2d_rom (
    input  logic clk,
    input  logic enable,
    input  logic [2:0] address,
    output logic [11:0] data
);
  logic [11:0] memory[0:7];
  initial begin
    memory[0] = 12'hb76;
    memory[1] = 12'hc38;
    memory[2] = 12'h939;
    memory[3] = 12'ha34;
    memory[4] = 12'h260;
    memory[5] = 12'h421;
    memory[6] = 12'hac0;
    memory[7] = 12'h8e2;
  end
  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
