"""A graph laid out on a board: stages joined by streams, with the cycles and resources predicted
for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from qfx.boards import Board, Resources
from qfx.hardware.estimate import estimate
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.port import Port
from qfx.hardware.stage import Stage
from qfx.ir import Graph


@dataclass(frozen=True, eq=False)
class Design:
    """What both hardware languages spell.

    Args:
        graph: what it computes.
        board: what it is for.
        stages: in the order of the data; each reads the stream the one before it writes.
        input, output: the top level's ports.
        goal: what the folding was chosen for, as a sentence.
        multipliers: what products were asked to be built of.
    """

    graph: Graph
    board: Board
    stages: tuple[Stage, ...]
    input: Port
    output: Port
    goal: str
    multipliers: Multipliers

    @property
    def initiation_interval(self) -> int:
        """Predicted cycles between frames: the slowest stage or port."""
        return max(
            self.input.stream.beats, self.output.stream.beats, *(s.cycles for s in self.stages)
        )

    @property
    def latency_cycles(self) -> int:
        """Predicted cycles from the first input beat to the last output beat of one frame alone."""
        slowest = max(stage.cycles for stage in self.stages)
        return sum(stage.latency_cycles for stage in self.stages) + slowest

    @property
    def bottleneck(self) -> str:
        """What sets the initiation interval."""
        slowest = max(self.stages, key=lambda stage: stage.cycles)
        if slowest.cycles == self.initiation_interval:
            return slowest.name
        return (
            "input port" if self.input.stream.beats == self.initiation_interval else "output port"
        )

    def frames_per_second(self, clock_mhz: float) -> float:
        """At that clock, kernel only."""
        return clock_mhz * 1e6 / self.initiation_interval

    def resources(self) -> Resources:
        """The estimate of all stages."""
        return sum((estimate(stage) for stage in self.stages), Resources())
