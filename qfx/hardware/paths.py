"""The paths from a fork to a meeting, one of them through the queue whose depth is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware.branch_stages import Fork
from qfx.hardware.stage import Stage
from qfx.hardware.tokens import Language, freeing, needed


@dataclass(frozen=True)
class Paths:
    """All counts are of beats from the first frame on, at numbers of beats that leave the meeting.

    Args:
        stages: from the fork, the first, to the meeting, the last.
        queue: of the stages, one that the meeting reads.
        ahead: beats of the meeting by which the paths are given theirs earlier.
        language: whose stages they are.
    """

    stages: list[Stage]
    queue: Stage
    ahead: int
    language: Language

    @cached_property
    def parting(self) -> set[str]:
        """The streams that lead to the queue, its own too; empty if none comes from the fork."""
        found = {stream.name for stream in self.queue.inputs}
        for stage in reversed(self.stages[1 : self.stages.index(self.queue)]):
            if any(stream.name in found for stream in stage.outputs):
                found |= {stream.name for stream in stage.inputs}
        parted = any(stream.name in found for stream in self.stages[0].outputs)
        return found if parted else set()

    def left(self, given: Integers) -> Integers:
        """What has left the queue when all of so many beats but the last have left the meeting."""
        meeting = self.stages[-1]
        counts = zip(meeting.inputs, needed(meeting, given - 1, self.language), strict=True)
        return next(n for stream, n in counts if stream.name == self.queue.output.name)

    def entered(self, given: Integers) -> Integers:
        """What must have entered the queue, had it room for all, for so many beats to leave the
        meeting: all that the fork passed on, but for what stages before the queue hold.
        """
        passed = self._passed(given + self.ahead)
        counts = {s.name: passed for s in self.stages[0].outputs if s.name in self.parting}
        for stage in self.stages[1:]:
            if stage is self.queue:
                break
            freed = [
                freeing(stage, s, counts.pop(s.name), self.language)
                for s in stage.inputs
                if s.name in counts
            ]
            if freed:
                most = np.maximum.reduce(freed)
                counts |= {s.name: most for s in stage.outputs if s.name in self.parting}
        return counts[self.queue.input.name]

    def _passed(self, given: Integers) -> Integers:
        """What the fork must have passed on for so many beats to leave the meeting."""
        wanted = {stream.name: given for stream in self.stages[-1].outputs}
        for stage in reversed(self.stages[1:]):
            ends = [wanted.pop(s.name) for s in stage.outputs if s.name in wanted]
            if ends:
                counts = needed(stage, np.maximum.reduce(ends), self.language)
                wanted |= {s.name: n for s, n in zip(stage.inputs, counts, strict=True)}
        assert isinstance(self.stages[0], Fork)
        result: Integers = np.maximum.reduce([wanted[s.name] for s in self.stages[0].outputs])
        return result
