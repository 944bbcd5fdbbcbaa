"""The design: a graph laid out as stages and streams, with its cycles and resources predicted."""

from qfx.hardware.design import Design
from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import MULTIPLIERS, Multiplier, Multipliers
from qfx.hardware.port import Port
from qfx.hardware.schedule import ScheduleError, schedule
from qfx.hardware.stage import Stage
from qfx.hardware.stages import (
    STAGE_OF,
    STAGES,
    Argmax,
    Concatenate,
    Contract,
    Fifo,
    Fork,
    Map,
    Merge,
    Pool,
    Repeat,
    Resize,
    Step,
    Window,
)
from qfx.hardware.stream import Stream, stream_order
from qfx.hardware.table_stages import Embed, SoftmaxStage

__all__ = [
    "MULTIPLIERS",
    "STAGES",
    "STAGE_OF",
    "Argmax",
    "Concatenate",
    "Contract",
    "Design",
    "Embed",
    "Fifo",
    "Folding",
    "Fork",
    "Map",
    "Merge",
    "Multiplier",
    "Multipliers",
    "Pool",
    "Port",
    "Repeat",
    "Resize",
    "ScheduleError",
    "SoftmaxStage",
    "Stage",
    "Step",
    "Stream",
    "Window",
    "schedule",
    "stream_order",
]
