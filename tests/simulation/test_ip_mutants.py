"""One wrong edit of the IP each: the soak finds it, and says what is wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from mutant import RTL, Mutant, mutated

import qfx
from qfx.project.folder import Project
from qfx.simulation import soak
from several_models import frozen

CONTROL, IN, OUT = (RTL + f"qfx_{part}.sv" for part in ("control", "port_in", "port_out"))
B, R, FAST = "s_axi_control B", "s_axi_control R", "axis_fast"

# what is wrong -> the edit, and what is said
MUTANTS = {
    "no B response": (CONTROL, r"bvalid  <= write \|\|.*?;", "bvalid <= 1'b0;", "no answer"),
    "B not held": (CONTROL, r"write \|\| \(bvalid && !bready\)", "write", f"{B} in .*valid fell"),
    "B without data": (CONTROL, r"= aw_held && w_held", "= aw_held", f"{B} in .*before its"),
    "B twice": (CONTROL, r"bvalid && !bready", "bvalid", f"{B} in .*to no write"),
    "R not held": (CONTROL, r"\|\| \(rvalid && !rready\)", "", f"{R} in .*valid fell"),
    "R changes": (CONTROL, r"if \(ar_held\) rdata", "rdata", f"{R} in .*changed before"),
    "an error": (CONTROL, r"bresp   = 2'b00", "bresp = 2'b10", "answered 2, not OKAY"),
    "no strobes": (CONTROL, r"&& write_strobes\[byte_\]", "", "TLAST is not on|packet says"),
    "hash": (CONTROL, r"32\*\(7-word\)", "32*word", "register graph_sha256_0 says"),
    "id": (RTL + "apart_ip.v", r"ID\(32'h51", "ID(32'h50", "register id says 0x50465820"),
    "nothing to begin with": (CONTROL, r"frames_per_packet <= 32'd1;", "", "packet says"),
    "registers are reset too": (
        CONTROL,
        r"(bvalid && !bready\);)",
        r"\1 if (!core_aresetn) frames_per_packet <= 32'd1;",
        "register frames_per_packet says 0x1",
    ),
    "no soft reset": (CONTROL, r"aresetn && !reset_asked &&.*?;", "aresetn;", "reset of the core"),
    "counters outlive a reset": (
        CONTROL, r"!core_aresetn \|\| clear_asked", "!aresetn || clear_asked", "register in 0 ",
    ),
    "clears nothing": (CONTROL, r"!core_aresetn \|\| clear_asked", "!core_aresetn", "frames says"),
    "frames too many": (CONTROL, r" && last\[port\]\);", ");", "frames says"),
    "stalls too many": (CONTROL, r"&& !ready\[port\]\);", ");", "register in 0 stalled says"),
    "starved too often": (CONTROL, r"ready\[port\] && !valid\[port\]", "ready[port]", "starved"),
    "always busy": (CONTROL, r"busy = \|midframe", "busy = !(|midframe)", "register status says"),
    "TLAST on every frame": (OUT, r"last && left == '0", "last", "TLAST is not on"),
    "TLAST too late": (
        OUT, r"one_less\(frames_per_packet\)", "frames_per_packet", "TLAST is not on",
    ),
    "TKEEP of every frame": (OUT, r"out_last \? keep : '1", "keep", f"{FAST}.*TKEEP does not"),
    "TKEEP of no frame": (OUT, r"out_last \? keep : '1", "'1", f"{FAST}.*TKEEP does not"),
    "a packet outlives a reset": (OUT, r"if \(rst\) begin", "if (1'b0) begin", "TLAST is not on"),
    "valid falls": (OUT, r"waits && !rst", "waits && !rst && !in_valid", "axis_.*valid fell"),
    "offers in reset": (OUT, r"waits && !rst", "(waits || rst)", "an output port offers"),
    "data change": (
        RTL + "qfx_fifo.sv", r"out_data = first", "out_data = in_valid && !full ? in_data : first",
        "changed before",
    ),
    "a beat is lost": (IN, r"room && !rst", "!rst", "is not golden|did not end"),
    "a beat comes twice": (
        IN,
        r"room && !rst;(.*)in_valid\(in_valid && in_ready\)",
        r"room && !rst && slow;\n  logic slow;\n  always_ff @(posedge clk) slow <= !slow;"
        r"\1in_valid(in_valid)",
        "is not golden|TLAST is not on",
    ),
    "takes in reset": (IN, r"room && !rst", "room", "an input port is ready"),
    "a beat is not counted": (IN, r"BEATS - 1\);", "BEATS - 2);", "register status says 0x1"),
}  # fmt: skip


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], None]) -> Project:
    require_tool("verilator")
    model, shapes = frozen("apart")
    folder = tmp_path_factory.mktemp("ip") / "apart"
    return qfx.export(model, folder, name="apart", input_shape=shapes)


@pytest.mark.parametrize("wrong", MUTANTS)
def test_a_mutant_is_caught(wrong: str, apart: Project, tmp_path: Path) -> None:
    file, pattern, replacement, said = MUTANTS[wrong]
    result = soak(mutated(apart, tmp_path / "mutant", Mutant(file, pattern, replacement)), 300)
    assert not result.clean
    assert result.frames < 300
    assert any(re.search(said, found) for found in result.found), result
