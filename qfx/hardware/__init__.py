"""The design: a graph laid out as stages and streams, with its cycles and resources predicted."""

from qfx.hardware.architectures import ARCHITECTURES
from qfx.hardware.design import Design
from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import MULTIPLIERS, Multiplier, Multipliers
from qfx.hardware.port import Port
from qfx.hardware.schedule import ScheduleError, schedule
from qfx.hardware.stage import Head, Language, LayoutError, Stage
from qfx.hardware.stages import (
    STAGE_OF,
    STAGES,
    Argmax,
    Concatenate,
    Contract,
    Embed,
    Fifo,
    Fork,
    Map,
    Merge,
    Peak,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Step,
    Window,
)
from qfx.hardware.stream import Stream, stream_order
from qfx.hardware.wishes import Wishes

__all__ = [
    "ARCHITECTURES",
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
    "Head",
    "Language",
    "LayoutError",
    "Map",
    "Merge",
    "Multiplier",
    "Multipliers",
    "Peak",
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
    "Wishes",
    "schedule",
    "stream_order",
]
