"""The stages a design is made of, a page each, and what follows from the list of them.

A page says which ops its stage computes, how it is folded, how many beats it needs, and what it
takes: `qfx.hardware.stage` says what is asked.  How a language spells a stage is the language's.
"""

from __future__ import annotations

from qfx.hardware.stage import Stage
from qfx.hardware.stages.argmax import Argmax
from qfx.hardware.stages.concatenate import Concatenate
from qfx.hardware.stages.contract import Contract
from qfx.hardware.stages.depthwise import Depthwise
from qfx.hardware.stages.embed import Embed
from qfx.hardware.stages.fifo import Fifo
from qfx.hardware.stages.fork import Fork
from qfx.hardware.stages.map import Map, Step
from qfx.hardware.stages.merge import Merge
from qfx.hardware.stages.patches import Patches
from qfx.hardware.stages.peak import Peak
from qfx.hardware.stages.pool import Pool
from qfx.hardware.stages.repeat import Repeat
from qfx.hardware.stages.resize import Resize
from qfx.hardware.stages.softmax import SoftmaxStage
from qfx.hardware.stages.subsample import Subsample
from qfx.hardware.stages.window import Window
from qfx.ops import Op, Reshape, Transpose

__all__ = [
    "STAGES",
    "STAGE_OF",
    "Argmax",
    "Concatenate",
    "Contract",
    "Depthwise",
    "Embed",
    "Fifo",
    "Fork",
    "Map",
    "Merge",
    "Patches",
    "Peak",
    "Pool",
    "Repeat",
    "Resize",
    "SoftmaxStage",
    "Step",
    "Subsample",
    "Window",
]

STAGES: tuple[type[Stage], ...] = (
    Argmax,
    Concatenate,
    Contract,
    Depthwise,
    Embed,
    Fifo,
    Fork,
    Map,
    Merge,
    Patches,
    Peak,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Subsample,
    Window,
)

# An order of the stream's elements, which later weights follow.
WIRING: tuple[type[Op], ...] = (Reshape, Transpose)

# Which stage computes an op; None: it is wiring.
STAGE_OF: dict[type[Op], type[Stage] | None] = {
    **{op: stage for stage in STAGES for op in stage.computes},
    **dict.fromkeys(WIRING),
}
