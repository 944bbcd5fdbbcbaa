"""A graph laid out on a board: stages joined by streams, with the cycles and resources predicted
for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from qfx.boards import Board, Resources
from qfx.hardware import clocks
from qfx.hardware.fabric import fabric_of
from qfx.hardware.folding import Folding
from qfx.hardware.latency import latency_cycles
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.port import Port
from qfx.hardware.sections import Plan
from qfx.hardware.stage import Stage
from qfx.ir import Graph


@dataclass(frozen=True, eq=False)
class Design:
    """What both hardware languages spell.

    Args:
        architecture: that laid it out, one of ARCHITECTURES.
        plan: the graph cut into what is folded, and the ports.
        board: what it is for.
        stages: each behind those whose streams it reads.
        foldings: of each head of the plan, in order; multipliers and memories as they were chosen.
        goal: what the folding was chosen for, as a sentence.
    """

    architecture: str
    plan: Plan
    board: Board
    stages: tuple[Stage, ...]
    foldings: tuple[Folding, ...]
    goal: str

    @property
    def graph(self) -> Graph:
        """What it computes."""
        return self.plan.graph

    @property
    def inputs(self) -> tuple[Port, ...]:
        """The top level's, in the graph's order."""
        return self.plan.inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """The top level's, in the graph's order."""
        return self.plan.outputs

    @property
    def multipliers(self) -> Multipliers:
        """What products were asked to be built of."""
        return self.plan.multipliers

    @property
    def initiation_interval(self) -> int:
        """Predicted cycles between frames: the slowest stage or port."""
        ports = (port.stream.beats for port in (*self.inputs, *self.outputs))
        return max(*ports, *(stage.cycles for stage in self.stages))

    @property
    def latency_cycles(self) -> int:
        """Predicted cycles from the first input beat to the last output beat of one frame alone."""
        entering, leaving = (
            [port.stream for port in ports] for ports in (self.inputs, self.outputs)
        )
        return latency_cycles(entering, self.stages, leaving)

    @property
    def bottleneck(self) -> str:
        """What sets the initiation interval."""
        slowest = max(self.stages, key=lambda stage: stage.cycles)
        if slowest.cycles == self.initiation_interval:
            return slowest.name
        entering = any(p.stream.beats == self.initiation_interval for p in self.inputs)
        return "input port" if entering else "output port"

    @property
    def fmax_mhz(self) -> float:
        """The fastest clock of the design, estimated: what its slowest stage allows."""
        return clocks.fmax_mhz(self.stages, self.board.part)

    @property
    def slowest_path(self) -> str:
        """The stage whose longest path sets that clock."""
        return max(self.stages, key=lambda stage: stage.path_ns).name

    @property
    def believed_mhz(self) -> float:
        """The clock that is asked for, where the estimate says that it can be had; else the
        estimate.
        """
        return min(self.board.clock_mhz, self.fmax_mhz)

    def frames_per_second(self, clock_mhz: float) -> float:
        """Return the frames a second at that clock, kernel only."""
        return clock_mhz * 1e6 / self.initiation_interval

    def resources(self) -> Resources:
        """Return the estimate of all stages."""
        return self._resources

    @cached_property
    def _resources(self) -> Resources:
        fabric = fabric_of(self.board.part)
        return sum((stage.estimate(fabric) for stage in self.stages), Resources())
