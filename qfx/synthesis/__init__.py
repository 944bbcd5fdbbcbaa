"""Resources measured by a synthesis tool, beside the estimates made by formula."""

from qfx.synthesis.amd.bitstream import BuildTool, Built, build
from qfx.synthesis.measure import Tool, synth
from qfx.synthesis.measured import (
    Clock,
    Leftover,
    Multiplications,
    StageSynthesis,
    Synthesis,
    SynthesisError,
)
from qfx.synthesis.vivado_check import Checked, check
from qfx.synthesis.yosys.paths import paths_through_ports

__all__ = [
    "BuildTool",
    "Built",
    "Checked",
    "Clock",
    "Leftover",
    "Multiplications",
    "StageSynthesis",
    "Synthesis",
    "SynthesisError",
    "Tool",
    "build",
    "check",
    "paths_through_ports",
    "synth",
]
