"""Resources measured by a synthesis tool, beside the estimates made by formula."""

from qfx.synthesis.measure import Tool, synth
from qfx.synthesis.outcome import (
    Clock,
    Leftover,
    Multiplications,
    StageSynthesis,
    Synthesis,
    SynthesisError,
)
from qfx.synthesis.paths import paths_through_ports

__all__ = [
    "Clock",
    "Leftover",
    "Multiplications",
    "StageSynthesis",
    "Synthesis",
    "SynthesisError",
    "Tool",
    "paths_through_ports",
    "synth",
]
