"""How deep the queues are where streams meet that parted before.

While one path from a fork has consumed what it needs and yields nothing yet, the other path must
hold what came with it: a bound on beats that does not depend on time.  To lose no throughput, a
path is given its beats earlier by what the stages on it take to compute.

For any number of beats that leave a meeting, what its fork must have passed on by then enters the
queue, but for what the stages before the queue hold; of that, what the meeting took has left.  The
depth is the most that can be between: see `Paths`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qfx.hardware.branch_stages import Concatenate, Fork, Meeting
from qfx.hardware.entangled import entangled
from qfx.hardware.greatest_gap import greatest_gap
from qfx.hardware.paths import Paths
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Fifo
from qfx.hardware.tied_inputs import tied
from qfx.hardware.tokens import Language, lag

_FRAMES = 3  # the first, a seam behind a whole one, and that between two whole ones
_LEAST = 2  # what full throughput takes with registered valid and ready


def with_depths(
    stages: tuple[Stage, ...], given: Mapping[str, int], language: Language = "verilog"
) -> tuple[Stage, ...]:
    """The stages, the queues before every meeting as deep as they must be.

    Args:
        stages: each behind those whose streams it reads.
        given: depths that are not to be computed, by name of the queue.
        language: whose stages they are.
    """
    found = list(stages)
    interval = max(stage.cycles for stage in stages)
    whole = entangled(stages) | tied(stages)
    for place, stage in enumerate(stages):
        if isinstance(stage, Meeting):
            first, region = _region(found[: place + 1])
            for index in _queues(region):
                queue = region[index]
                assert isinstance(queue, Fifo)
                depth = given.get(queue.name) or _depth(region, index, interval, language)
                if stage.name in whole:
                    depth = max(depth, queue.input.beats)
                if isinstance(stage, Concatenate) and queue.name not in given:
                    depth = max(depth, _turn_depth(stage, queue, interval))
                found[first + index] = region[index] = replace(queue, depth=depth)
    return tuple(
        replace(s, depth=given[s.name]) if isinstance(s, Fifo) and s.name in given else s
        for s in found
    )


@dataclass(frozen=True)
class Reconvergence:
    """A queue between a fork and the meeting that it leads to.

    Args:
        fork, queue, meeting: the stages; `fork` is the nearest whose other path leads there too.
    """

    fork: Fork
    queue: Fifo
    meeting: Meeting

    def __str__(self) -> str:
        return f"{self.fork.name} to {self.meeting.name} by {self.queue.name}"


def reconvergences(stages: tuple[Stage, ...]) -> list[Reconvergence]:
    """The queues of all meetings of streams that parted before."""
    found = []
    for place, meeting in enumerate(stages):
        if isinstance(meeting, Meeting):
            _, region = _region(list(stages[: place + 1]))
            for index in _queues(region):
                queue = region[index]
                fork = _nearest_fork(region, queue)
                if fork is not None and isinstance(queue, Fifo):
                    found.append(Reconvergence(fork, queue, meeting))
    return found


def _region(stages: list[Stage]) -> tuple[int, list[Stage]]:
    """The place of the fork from which all paths to the last stage come, and the stages from there
    on; of paths from several inputs, all stages.
    """
    leading = {stream.name for stream in stages[-1].inputs}
    for place in range(len(stages) - 2, 0, -1):
        stage, ends = stages[place], {stream.name for stream in stages[place].outputs}
        if ends & leading:
            leading = leading - ends | {stream.name for stream in stage.inputs}
        if isinstance(stage, Fork) and len(leading) == 1:
            return place, stages[place:]
    return 0, stages


def _queues(region: list[Stage]) -> list[int]:
    """Where the two queues before the last stage are."""
    read = {stream.name for stream in region[-1].inputs}
    return [n for n, stage in enumerate(region) if stage.output.name in read]


def _nearest_fork(region: list[Stage], queue: Stage) -> Fork | None:
    forks = {fork.name for fork in _forks(region)}
    ahead = {stream.name for stream in queue.inputs}
    for stage in reversed(region):
        if ahead & {stream.name for stream in stage.outputs}:
            if isinstance(stage, Fork) and stage.name in forks:
                return stage
            ahead |= {stream.name for stream in stage.inputs}
    return None


def _forks(region: list[Stage]) -> list[Fork]:
    """Those both of whose streams lead to the last stage."""
    leading = {stream.name for stream in region[-1].inputs}
    found = []
    for stage in reversed(region[:-1]):
        ends = [stream.name in leading for stream in stage.outputs]
        if any(ends):
            leading |= {stream.name for stream in stage.inputs}
        if isinstance(stage, Fork) and all(ends):
            found.append(stage)
    return found


def _depth(region: list[Stage], index: int, interval: int, language: Language) -> int:
    """The least depth with which no fork has to wait for the path behind it that is full."""
    meeting, queue, depth = region[-1], region[index], _LEAST
    for fork in reversed(_forks(region)):
        there, back = _lag(region, fork, meeting), _lag(region, fork, queue)
        ahead = -(-(there + back) * meeting.output.beats // interval)
        paths = Paths(region[region.index(fork) :], queue, ahead, language)
        if paths.parting:
            depth = greatest_gap(paths.entered, paths.left, _FRAMES * meeting.output.beats, depth)
    return depth


def _turn_depth(meeting: Concatenate, queue: Fifo, interval: int) -> int:
    """The least depth with which neither side of a concatenation need stop while the other one's
    beats pass, both coming at the pace of the frames.

    The side that is smaller waits as a whole for its turn, which then takes one cycle a beat; the
    other one waits with what comes in that time.
    """
    own, other = meeting.pixel_beats
    bits = [own * meeting.input.bits, other * meeting.second.bits]
    smaller = meeting.input if bits[0] <= bits[1] else meeting.second
    if queue.output.name == smaller.name:
        return _LEAST + (own if smaller is meeting.input else other)
    return _LEAST + -(-own * other * meeting.pixels // interval)


def _lag(region: list[Stage], fork: Fork, end: Stage) -> int:
    """Cycles from the fork to a stage behind it by the slowest path between them; 0 where there is
    none. A place in a queue that gets free is known at the fork as late as a beat takes to it.
    """
    arrives = {stream.name: 0 for stream in fork.outputs}
    for stage in region[region.index(fork) + 1 :]:
        times = [arrives[s.name] for s in stage.inputs if s.name in arrives]
        if times:
            arrives |= {stream.name: max(times) + lag(stage) for stream in stage.outputs}
    return arrives.get(end.output.name, 0)
