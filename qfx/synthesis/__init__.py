"""Resources measured by a synthesis tool, beside the estimates made by formula."""

from qfx.synthesis.measure import synth
from qfx.synthesis.outcome import (
    Leftover,
    Multiplications,
    StageSynthesis,
    Synthesis,
    SynthesisError,
)

__all__ = [
    "Leftover",
    "Multiplications",
    "StageSynthesis",
    "Synthesis",
    "SynthesisError",
    "synth",
]
