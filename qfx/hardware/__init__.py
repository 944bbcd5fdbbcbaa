"""The design: a graph laid out as stages and streams, with its cycles and resources predicted."""

from qfx.hardware.design import Design
from qfx.hardware.port import Port
from qfx.hardware.schedule import ScheduleError, schedule
from qfx.hardware.stages import (
    STAGE_OF,
    STAGES,
    Argmax,
    Contract,
    Fifo,
    Map,
    Pool,
    Repeat,
    Resize,
    Stage,
    Step,
    Window,
)
from qfx.hardware.stream import Stream, stream_order

__all__ = [
    "STAGES",
    "STAGE_OF",
    "Argmax",
    "Contract",
    "Design",
    "Fifo",
    "Map",
    "Pool",
    "Port",
    "Repeat",
    "Resize",
    "ScheduleError",
    "Stage",
    "Step",
    "Stream",
    "Window",
    "schedule",
    "stream_order",
]
