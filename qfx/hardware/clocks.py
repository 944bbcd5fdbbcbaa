"""How fast a design is clocked, estimated: by its slowest stage and its size, for its part."""

from __future__ import annotations

from collections.abc import Sequence

from qfx.hardware.speeds import factor_of
from qfx.hardware.stage import Stage

# The longest path of a whole design beside that of its slowest stage alone, whose neighbours do not
# take the best places: fitted to the smallest design of benchmarks/speed_estimates.py. How far off
# others are stands in docs/results.md.
_WHOLE = 1.1


def fmax_mhz(stages: Sequence[Stage], part: str) -> float:
    """Return the fastest clock of a design on a part."""
    return factor_of(part) * 1000 / (_WHOLE * max(stage.path_ns for stage in stages))
