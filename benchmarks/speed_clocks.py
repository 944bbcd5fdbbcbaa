"""The clocks at which whole designs route on an ECP5, whichever qfx wrote them, and those of what
its fabric is made of.
"""

from pathlib import Path
from statistics import median
from typing import Any

from qfx.project.findings import Routed
from qfx.synthesis.nextpnr import scripts
from qfx.synthesis.nextpnr.family import family_of
from qfx.synthesis.nextpnr.meter import Build, Meter
from qfx.synthesis.yosys.scripts import read_sources

SEEDS = 5
PART = "LFE5U-85F-6BG756C"
_CLOCKS = ("aclk", "aresetn", "rst")

# What any design has: alone, a register before it and one behind.
_FABRIC = {
    "counter of 8 bits": """
module fabric(input aclk, input enable, output reg [7:0] q);
  always @(posedge aclk) if (enable) q <= q + 1'b1;
endmodule""",
    "counter of 16 bits": """
module fabric(input aclk, input enable, output reg [15:0] q);
  always @(posedge aclk) if (enable) q <= q + 1'b1;
endmodule""",
    "sum of 24 bits": """
module fabric(input aclk, input [23:0] a, input [23:0] b, output reg [23:0] q);
  reg [23:0] x, y;
  always @(posedge aclk) begin x <= a; y <= b; q <= x + y; end
endmodule""",
    "LUT RAM, 32 x 8": """
module fabric(input aclk, input write, input [4:0] to, input [4:0] from,
    input [7:0] d, output reg [7:0] q);
  reg [7:0] memory[0:31];
  reg [4:0] at;
  always @(posedge aclk) begin at <= from; if (write) memory[to] <= d; q <= memory[at]; end
endmodule""",
    "block RAM, 1,024 x 18": """
module fabric(input aclk, input write, input [9:0] to, input [9:0] from,
    input [17:0] d, output reg [17:0] q);
  reg [17:0] memory[0:1023];
  reg [17:0] y;
  always @(posedge aclk) begin if (write) memory[to] <= d; y <= memory[from]; q <= y; end
endmodule""",
    "multiplier, 18 x 18, a register on either side": """
module fabric(input aclk, input signed [17:0] a, input signed [17:0] b, output reg signed [35:0] q);
  reg signed [17:0] x, y;
  always @(posedge aclk) begin x <= a; y <= b; q <= x * y; end
endmodule""",
}


def clocks(folder: Path, top: str, seeds: int = SEEDS) -> dict[str, Any]:
    """Of a project folder of any version: the clocks that its design reaches from seeds 1 and up,
    and what limits the slowest.
    """
    files = sorted((folder / "verilog" / "src").glob("*.sv"))
    sources = {f"src_{file.name}": file.read_text() for file in files}
    return _told(_routed(sources, top, seeds))


def fabric(seeds: int = SEEDS) -> dict[str, Any]:
    """Of what the fabric is made of."""
    return {
        name: _told(_routed({"src_fabric.sv": text}, "fabric", seeds))
        for name, text in _FABRIC.items()
    }


def _routed(sources: dict[str, str], top: str, seeds: int) -> Routed:
    family = family_of(PART)
    script = scripts.netlist(family, top, tuple(read_sources(top, list(sources))))
    build = Build(top, script, sources, _CLOCKS, lambda name: name.partition(".")[0])
    found, _ = Meter(family, family.device(PART), top).measure({top: build}, seeds)
    return found[top]


def _told(found: Routed) -> dict[str, Any]:
    reached, slowest = [route.fmax_mhz for route in found.routes], found.slowest
    return {
        "median": median(reached) if reached else None,
        "seeds": reached,
        "slowest": None
        if slowest is None
        else {
            "through": slowest.path.stages,
            "levels": slowest.path.levels,
            "starts": slowest.path.starts,
            "ends": slowest.path.ends,
        },
        "cells": dict(found.cells),
        "refused": found.refused,
    }
