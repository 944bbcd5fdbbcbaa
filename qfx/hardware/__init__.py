"""The design: a graph laid out as stages and streams, with its cycles and resources predicted."""

from qfx.hardware.architectures import ARCHITECTURES
from qfx.hardware.design import Design
from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import MULTIPLIERS, Multiplier, Multipliers
from qfx.hardware.port import Port
from qfx.hardware.schedule import ScheduleError, schedule
from qfx.hardware.stage import Head, Language, LayoutError, Stage
from qfx.hardware.stages import *  # noqa: F403 - every stage, as its own list says
from qfx.hardware.stages import __all__ as _stages
from qfx.hardware.stream import Stream, stream_order
from qfx.hardware.wishes import Wishes

__all__ = [
    "ARCHITECTURES",
    "MULTIPLIERS",
    "Design",
    "Folding",
    "Head",
    "Language",
    "LayoutError",
    "Multiplier",
    "Multipliers",
    "Port",
    "ScheduleError",
    "Stage",
    "Stream",
    "Wishes",
    "schedule",
    "stream_order",
]
__all__ += _stages
