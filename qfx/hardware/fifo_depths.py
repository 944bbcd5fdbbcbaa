"""How deep the queues are where streams meet that parted before.

While one path from a fork has consumed what it needs and yields nothing yet, the other path must
hold what came with it: a bound on beats that does not depend on time.  To lose no throughput, a
path is given its beats earlier by what the stages on it take to compute.

For any number of beats that leave a join, what its fork must have passed on by then enters the
queue, but for what the stages before the queue hold; of that, what the join took has left.  The
depth is the most that can be between: see `Paths`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware.circular_waits import entangled, tied
from qfx.hardware.greatest_gap import greatest_gap
from qfx.hardware.stage import Language, Stage

_FRAMES = 3  # the first, a seam behind a whole one, and that between two whole ones
_LEAST = 2  # what full throughput takes with registered valid and ready


def with_depths(
    stages: tuple[Stage, ...], given: Mapping[str, int], language: Language = "verilog"
) -> tuple[Stage, ...]:
    """Return the stages, the queues before every join as deep as they must be.

    Args:
        stages: each behind those whose streams it reads.
        given: depths that are not to be computed, by name of the queue.
        language: whose stages they are.
    """
    found = list(stages)
    interval = max(stage.cycles for stage in stages)
    whole = entangled(stages) | tied(stages)
    for number, join in enumerate(stages):
        if join.is_join:
            first, region = _region(found[: number + 1])
            for index in _queues(region):
                queue = region[index]
                depth = given.get(queue.name) or _depth(region, index, interval, language)
                if join.name in whole:
                    depth = max(depth, queue.input.beats)
                if queue.name not in given:
                    depth = max(depth, _LEAST + join.waiting(queue.output, interval))
                found[first + index] = region[index] = queue.with_depth(depth)
    return tuple(s.with_depth(given[s.name]) if s.name in given else s for s in found)


@dataclass(frozen=True)
class Reconvergence:
    """A queue between a fork and the join that it leads to.

    Args:
        fork, queue, join: the stages; `fork` is the nearest whose other path leads there too.
    """

    fork: Stage
    queue: Stage
    join: Stage

    def __str__(self) -> str:
        return f"{self.fork.name} to {self.join.name} by {self.queue.name}"


def reconvergences(stages: tuple[Stage, ...]) -> list[Reconvergence]:
    """Return the queues of all joins of streams that parted before."""
    found = []
    for number, join in enumerate(stages):
        if join.is_join:
            _, region = _region(list(stages[: number + 1]))
            for index in _queues(region):
                fork = _nearest_fork(region, region[index])
                if fork is not None:
                    found.append(Reconvergence(fork, region[index], join))
    return found


def _region(stages: list[Stage]) -> tuple[int, list[Stage]]:
    """Return the index of the fork from which all paths to the last stage come, and the stages from
    there on; of paths from several inputs, all stages.
    """
    leading = {stream.name for stream in stages[-1].inputs}
    for index in range(len(stages) - 2, 0, -1):
        stage, ends = stages[index], {stream.name for stream in stages[index].outputs}
        if ends & leading:
            leading = leading - ends | {stream.name for stream in stage.inputs}
        if stage.is_fork and len(leading) == 1:
            return index, stages[index:]
    return 0, stages


def _queues(region: list[Stage]) -> list[int]:
    """Say where the two queues before the last stage are."""
    read = {stream.name for stream in region[-1].inputs}
    return [n for n, stage in enumerate(region) if stage.output.name in read]


def _nearest_fork(region: list[Stage], queue: Stage) -> Stage | None:
    forks = {fork.name for fork in _forks(region)}
    ahead = {stream.name for stream in queue.inputs}
    for stage in reversed(region):
        if ahead & {stream.name for stream in stage.outputs}:
            if stage.is_fork and stage.name in forks:
                return stage
            ahead |= {stream.name for stream in stage.inputs}
    return None


def _forks(region: list[Stage]) -> list[Stage]:
    """Return those both of whose streams lead to the last stage."""
    leading = {stream.name for stream in region[-1].inputs}
    found = []
    for stage in reversed(region[:-1]):
        ends = [stream.name in leading for stream in stage.outputs]
        if any(ends):
            leading |= {stream.name for stream in stage.inputs}
        if stage.is_fork and all(ends):
            found.append(stage)
    return found


def _depth(region: list[Stage], index: int, interval: int, language: Language) -> int:
    """Return the least depth with which no fork has to wait for the path behind it that is full."""
    join, queue, depth = region[-1], region[index], _LEAST
    for fork in reversed(_forks(region)):
        there, back = _lag(region, fork, join), _lag(region, fork, queue)
        ahead = -(-(there + back) * join.output.beats // interval)
        paths = Paths(region[region.index(fork) :], queue, ahead, language)
        if paths.parting:
            depth = greatest_gap(paths.entered, paths.left, _FRAMES * join.output.beats, depth)
    return depth


def _lag(region: list[Stage], fork: Stage, end: Stage) -> int:
    """Count the cycles from the fork to a stage behind it by the slowest path between them; 0 where
    there is none. A place in a queue that gets free is known at the fork as late as a beat takes to
    it.
    """
    arrives = {stream.name: 0 for stream in fork.outputs}
    for stage in region[region.index(fork) + 1 :]:
        times = [arrives[s.name] for s in stage.inputs if s.name in arrives]
        if times:
            arrives |= {stream.name: max(times) + stage.lag for stream in stage.outputs}
    return arrives.get(end.output.name, 0)


@dataclass(frozen=True)
class Paths:
    """The paths from a fork to a join, one of them through the queue whose depth is asked for.

    All counts are of beats from the first frame on, at numbers of beats that leave the join.

    Args:
        stages: from the fork, the first, to the join, the last.
        queue: of the stages, one that the join reads.
        ahead: beats of the join by which the paths are given theirs earlier.
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
        """Say what has left the queue when all of so many beats but the last have left the join."""
        join = self.stages[-1]
        counts = zip(join.inputs, join.needed(given - 1, self.language), strict=True)
        return next(n for stream, n in counts if stream.name == self.queue.output.name)

    def entered(self, given: Integers) -> Integers:
        """Say what must have entered the queue, had it room for all, for so many beats to leave the
        join: all that the fork passed on, but for what stages before the queue hold.
        """
        passed = self._passed(given + self.ahead)
        counts = {s.name: passed for s in self.stages[0].outputs if s.name in self.parting}
        for stage in self.stages[1:]:
            if stage is self.queue:
                break
            freed = [
                stage.freeing(s, counts.pop(s.name), self.language)
                for s in stage.inputs
                if s.name in counts
            ]
            if freed:
                most = np.maximum.reduce(freed)
                counts |= {s.name: most for s in stage.outputs if s.name in self.parting}
        return counts[self.queue.input.name]

    def _passed(self, given: Integers) -> Integers:
        """Say what the fork must have passed on for so many beats to leave the join."""
        wanted = {stream.name: given for stream in self.stages[-1].outputs}
        for stage in reversed(self.stages[1:]):
            ends = [wanted.pop(s.name) for s in stage.outputs if s.name in wanted]
            if ends:
                counts = stage.needed(np.maximum.reduce(ends), self.language)
                wanted |= {s.name: n for s, n in zip(stage.inputs, counts, strict=True)}
        result: Integers = np.maximum.reduce([wanted[s.name] for s in self.stages[0].outputs])
        return result
