"""No path leads through a port of the IP within the cycle, and none is overlooked."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from qfx import assets
from qfx.project.folder import Project
from qfx.synthesis.yosys.paths import paths, paths_through_ports
from several_models import frozen

LIBRARY = sorted((assets.folder("hls_templates") / "verilog" / "lib").glob("*.sv"))
STAGES = [file.stem for file in LIBRARY if "_valid," in file.read_text()]

# A path let in: the file, an edit of it, and the ends of the path.
LET_IN = {
    "ready waits for valid": (
        "qfx_port_in.sv", "room && !rst", "room && !rst && in_valid",
        ("s_axis_a_tvalid", "s_axis_a_tready"),
    ),
    "valid waits for ready": (
        "qfx_port_out.sv", "waits && !rst", "waits && !rst && out_ready",
        ("m_axis_tready", "m_axis_tvalid"),
    ),
    "ready to ready, through the core": (
        "qfx_fifo.sv", "in_ready  = !full", "in_ready  = !full || out_ready",
        ("m_axis_tready", "s_axis_b_tready"),
    ),
    "data to data, through the core": (
        "qfx_fifo.sv", "out_data = first", "out_data = empty ? in_data : first",
        ("s_axis_a_tdata", "m_axis_tdata"),
    ),
    "AW waits for W": (
        "qfx_control.sv", "awready = awake", "awready = wvalid && awake",
        ("s_axi_control_wvalid", "s_axi_control_awready"),
    ),
    "B with W": (
        "qfx_control.sv", "bresp   = 2'b00", "bresp = {2{wvalid}}",
        ("s_axi_control_wvalid", "s_axi_control_bresp"),
    ),
    "reset": (
        "qfx_control.sv", "awready = awake", "awready = awake && aresetn",
        ("aresetn", "s_axi_control_awready"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], None]) -> Project:
    """Two inputs, one output."""
    require_tool("yosys")
    model, shapes = frozen("added")
    return qfx.export(model, tmp_path_factory.mktemp("paths") / "p", input_shape=shapes)


def test_no_path_leads_through_a_port(added: Project) -> None:
    assert paths_through_ports(added) == []


@pytest.mark.parametrize("kind", LET_IN)
def test_a_path_is_found(kind: str, added: Project, tmp_path: Path) -> None:
    name, right, wrong, ends = LET_IN[kind]
    shutil.copytree(added.path, tmp_path / "p")
    file = tmp_path / "p" / "verilog" / "src" / name
    text = file.read_text()
    assert text.count(right) == 1
    file.write_text(text.replace(right, wrong))
    assert ends in paths_through_ports(Project.open(tmp_path / "p"))


def test_the_core_alone_offers_whether_or_not_it_is_taken(added: Project) -> None:
    found = paths("model", sorted((added.path / "verilog" / "src").glob("*.sv")))
    assert not [pair for pair in found if pair[0].endswith("ready") and pair[1].endswith("valid")]
    assert ("aclk", "m_axis_tvalid") not in found


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_waits_for_ready_to_be_valid(
    stage: str, require_tool: Callable[[str], None]
) -> None:
    require_tool("yosys")
    found = paths(stage, LIBRARY)
    assert not [(a, b) for a, b in found if a.endswith("_ready") and b.endswith("_valid")]
    own = [(f"{side}_valid", f"{side}_ready") for side in ("in", "a", "b")]
    assert not set(found) & set(own)  # nor for its own valid to be ready


def test_a_latch_lets_through_and_a_register_does_not(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("yosys")
    file = tmp_path / "m.v"
    file.write_text(
        "module m(input clk, input a, input b, input [1:0] c, output reg q, output reg r,"
        " output [1:0] d, output one);\n always @(posedge clk) q <= a;\n"
        " always @* if (clk) r = b;\n assign d = {c[0], q};\n assign one = 1'b1;\nendmodule\n"
    )
    assert paths("m", [file]) == [("b", "r"), ("c", "d"), ("clk", "r")]
