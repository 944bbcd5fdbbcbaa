"""Which streams wait for which when no beat moves any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from qfx.hardware import Stage


class Handshake(NamedTuple):
    """How a stream stands in a cycle."""

    valid: bool
    ready: bool


@dataclass(frozen=True)
class Wait:
    """One stage that cannot go on before another does.

    Args:
        stage: which waits.
        stream: between the two.
        full: whether it offers a beat that is not taken; else it lacks one.
        other: what it waits for; None at a port.
    """

    stage: Stage
    stream: str
    full: bool
    other: Stage | None


@dataclass(frozen=True)
class Deadlock:
    """Why nothing moves.

    Args:
        waits: from one to the next; of a circle, the last waits for the first.
        stage: where they lead to; of a circle, where they begin.
        circle: whether they do not end.
    """

    waits: tuple[Wait, ...]
    stage: Stage
    circle: bool

    def __str__(self) -> str:
        if self.circle:
            return "; ".join(self._runs())
        end = self.waits[-1] if self.waits else None
        if end is not None and end.other is None:
            return (
                f"{end.stage.name} waits for {end.stream}, where nothing more comes: beats were"
                " lost, or are counted wrongly"
            )
        name = self.stage.name
        still = f"{self.waits[0].stage.name} waits for {name}, which" if end else name
        return f"{still} stands still: it takes nothing and sends nothing while its input waits"

    def _runs(self) -> Iterator[str]:
        """The waits for beats that do not come, then those for places that do not get free."""
        runs = [list(run) for _, run in groupby(self.waits, lambda wait: wait.full)]
        for run, after in zip(runs, [*runs[1:], runs[0]], strict=True):
            first, last = run[0].stage.name, after[0].stage.name
            streams = ", ".join(wait.stream for wait in run)
            state = "full" if run[0].full else "empty"
            are = "is" if len(run) == 1 else "are"
            depths = ", ".join(
                f"{wait.other.name} holds {_beats(wait.other.queue_depth)}"
                for wait in run
                if wait.full and wait.other and wait.other.queue_depth is not None
            )
            yield f"{first} waits for {last}, as {streams} {are} {state}" + (
                f" ({depths})" if depths else ""
            )


def find(stages: Iterable[Stage], states: Mapping[str, Handshake]) -> Deadlock | None:
    """What keeps the outputs of a design from coming, when nothing moves.

    Args:
        stages: of the design.
        states: how each of their streams stands, by name.

    Returns:
        The first circle of waits that is met from the outputs on, else the stage or the port where
        the waits end; None when an output offers a beat.
    """
    stages = tuple(stages)
    readers = {stream.name: stage for stage in stages for stream in stage.inputs}
    writers = {stream.name: stage for stage in stages for stream in stage.outputs}
    ends = [stage for name, stage in writers.items() if name not in readers]
    starved = [end for end in ends if not any(states[s.name].valid for s in end.outputs)]
    if not starved:
        return None
    walk = _Walk(states, readers, writers)
    return walk.circle(starved) or walk.end(starved[0])


class _Walk:
    """From stage to stage along what each waits for."""

    def __init__(
        self,
        states: Mapping[str, Handshake],
        readers: Mapping[str, Stage],
        writers: Mapping[str, Stage],
    ) -> None:
        self.states, self.readers, self.writers = states, readers, writers

    def waits(self, stage: Stage) -> list[Wait]:
        """What a stage waits for: first that its beats are taken, else beats that it lacks."""
        taken = [s.name for s in stage.outputs if self.states[s.name] == (True, False)]
        blocked = [Wait(stage, s, True, self.readers[s]) for s in taken if s in self.readers]
        if blocked:
            return blocked
        lacking = [s.name for s in stage.inputs if not self.states[s.name].valid]
        lacking.sort(key=lambda s: not self.states[s].ready)  # what it would take comes first
        return [Wait(stage, s, False, self.writers.get(s)) for s in lacking]

    def circle(self, starts: list[Stage]) -> Deadlock | None:
        """The first circle that is met."""
        ahead: list[tuple[Stage, tuple[Wait, ...]]] = [(stage, ()) for stage in reversed(starts)]
        seen: set[str] = set()
        while ahead:
            stage, behind = ahead.pop()
            names = [wait.stage.name for wait in behind]
            if stage.name in names:
                return _in_order(behind[names.index(stage.name) :])
            if stage.name not in seen:
                seen.add(stage.name)
                waits = reversed(self.waits(stage))
                ahead += [(wait.other, (*behind, wait)) for wait in waits if wait.other]
        return None

    def end(self, stage: Stage) -> Deadlock:
        """Where the first waits lead to, when there is no circle."""
        waits: list[Wait] = []
        while True:
            ahead = self.waits(stage)
            if not ahead:
                return Deadlock(tuple(waits), stage, False)
            waits.append(ahead[0])
            if ahead[0].other is None:
                return Deadlock(tuple(waits), stage, False)
            stage = ahead[0].other


def _beats(count: int) -> str:
    return f"{count:,} beat{'' if count == 1 else 's'}"


def _in_order(circle: tuple[Wait, ...]) -> Deadlock:
    """The circle from the stage on that lacks a beat though another waits for it to take one."""
    for start, wait in enumerate(circle):
        if not wait.full and circle[start - 1].full:
            circle = circle[start:] + circle[:start]
            break
    return Deadlock(circle, circle[0].stage, True)
