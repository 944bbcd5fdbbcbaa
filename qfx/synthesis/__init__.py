"""Resources measured by a synthesis tool, beside the estimates made by formula."""

from qfx.synthesis.bitstream import BuildTool, Built, build
from qfx.synthesis.measure import Tool, synth
from qfx.synthesis.outcome import (
    Clock,
    Leftover,
    Multiplications,
    StageSynthesis,
    Synthesis,
    SynthesisError,
)
from qfx.synthesis.overlay import Checked, check
from qfx.synthesis.paths import paths_through_ports

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
