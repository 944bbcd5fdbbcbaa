"""Icarus, which knows X: once reset, the IP drives no unknown value, whatever it held before."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mutant import RTL, Mutant, mutated

import qfx
from qfx.project.folder import Project
from several_models import frozen

TESTBENCH = """
module testbench;
  reg aclk = 0, aresetn = 0, arvalid = 0;
  reg [11:0] araddr = 0;
  reg [127:0] fast = 0, slow = 0;
  wire awready, wready, bvalid, arready, rvalid, fast_ready, slow_ready, fast_valid, slow_valid;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata;
  wire [127:0] fast_data, slow_data;
  wire [15:0] fast_keep, slow_keep;
  wire fast_last, slow_last;
  integer taken = 0, answers = 0;
  always #1 aclk = !aclk;

  apart_ip dut (
      .aclk(aclk), .aresetn(aresetn),
      .s_axi_control_awvalid(1'b0), .s_axi_control_awready(awready),
      .s_axi_control_wvalid(1'b0), .s_axi_control_wready(wready),
      .s_axi_control_bvalid(bvalid), .s_axi_control_bready(1'b1), .s_axi_control_bresp(bresp),
      .s_axi_control_araddr(araddr), .s_axi_control_arvalid(arvalid),
      .s_axi_control_arready(arready), .s_axi_control_rdata(rdata), .s_axi_control_rresp(rresp),
      .s_axi_control_rvalid(rvalid), .s_axi_control_rready(1'b1),
      .s_axis_fast_tdata(fast), .s_axis_fast_tvalid(aresetn), .s_axis_fast_tready(fast_ready),
      .s_axis_slow_tdata(slow), .s_axis_slow_tvalid(aresetn), .s_axis_slow_tready(slow_ready),
      .m_axis_fast_act_tdata(fast_data), .m_axis_fast_act_tkeep(fast_keep),
      .m_axis_fast_act_tlast(fast_last), .m_axis_fast_act_tvalid(fast_valid),
      .m_axis_fast_act_tready(1'b1),
      .m_axis_slow_act_tdata(slow_data), .m_axis_slow_act_tkeep(slow_keep),
      .m_axis_slow_act_tlast(slow_last), .m_axis_slow_act_tvalid(slow_valid),
      .m_axis_slow_act_tready(1'b1)
  );

  task known(input bit_known, input [8*16-1:0] what);
    if (bit_known === 1'bx) begin
      $display("UNKNOWN %0s at %0d", what, $time);
      $finish;
    end
  endtask

  initial begin
    repeat (4) @(negedge aclk);
    aresetn = 1;
    repeat (3000) begin
      @(negedge aclk);
      known(^{awready, wready, bvalid, arready, rvalid}, "AXI4-Lite");
      known(^{fast_ready, slow_ready, fast_valid, slow_valid}, "a handshake");
      if (fast_valid) known(^{fast_last, fast_keep, fast_data}, "a fast beat");
      if (slow_valid) known(^{slow_last, slow_keep, slow_data}, "a slow beat");
      if (rvalid) known(^{rdata, rresp}, "a register");
      taken = taken + fast_valid + slow_valid;
      answers = answers + rvalid;
      if (arvalid && arready) araddr = araddr + 4;
      arvalid = 1;
    end
    $display("KNOWN %0d %0d", taken, answers);
    $finish;
  end
endmodule
"""


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], None]) -> Project:
    require_tool("iverilog")
    model, shapes = frozen("apart")
    folder = tmp_path_factory.mktemp("unknowns") / "apart"
    return qfx.export(model, folder, name="apart", input_shape=shapes)


def said(project: Project, folder: Path) -> str:
    source = project.path / "verilog" / "src"
    testbench = folder / "testbench.v"
    testbench.write_text(TESTBENCH)
    files = [testbench, source / "apart_ip.v", *sorted(source.glob("*.sv"))]
    command = ["iverilog", "-g2012", "-s", "testbench", "-o", folder / "run", *files]
    subprocess.run(command, check=True, capture_output=True)
    return subprocess.run(
        ["vvp", folder / "run"], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_nothing_is_unknown_after_a_reset(apart: Project, tmp_path: Path) -> None:
    word, taken, answers = said(apart, tmp_path).split()
    assert word == "KNOWN"
    assert int(taken) > 100
    assert int(answers) > 900  # of 1,024 places, the ports' counters and all other registers


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "what"),
    [
        ("qfx_port_out.sv", r"if \(rst\) begin", "if (1'b0) begin", "a (fast|slow) beat"),
        ("qfx_control.sv", r"frames_per_packet <= 32'd1;", "", "a (fast|slow) beat"),
        (
            "qfx_control.sv",
            r"    if \(!aresetn\) begin\n      aw_held <= 1'b0;",
            "    if (0) begin",
            "AXI4-Lite",
        ),
    ],
)
def test_an_unknown_is_seen(
    file: str, pattern: str, replacement: str, what: str, apart: Project, tmp_path: Path
) -> None:
    changed = mutated(apart, tmp_path / "mutant", Mutant(RTL + file, pattern, replacement))
    assert re.match(f"UNKNOWN {what} at", said(changed, tmp_path)), said(changed, tmp_path)
