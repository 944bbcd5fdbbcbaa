"""What is asked of a design beside what it computes, as one thing that is handed on whole."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from pathlib import Path

from qfx.boards import Board
from qfx.errors import ArgumentTypeError, QfxError
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.overrides import Overrides


class ScheduleError(QfxError):
    """A graph that cannot be laid out, or a goal the board cannot reach."""


@dataclass(frozen=True)
class Wishes:
    """What is asked for; the rest is chosen.

    `qfx.export` and the command line take each of these by its name, and say there what it means.

    Args:
        architecture: one of ARCHITECTURES.
        goal_ii: cycles between frames, at most.
        goal_fps: frames a second, at least.
        clock_mhz: the board's default when None.
        multipliers: what products may be built of.
        overrides: by pattern of a layer's path, or a YAML file of such.
        measure: let Yosys decide where the estimate is too large.
        force: make a design that is too large all the same.

    Raises:
        ArgumentTypeError: a goal or clock that is no number.
    """

    architecture: str = "streaming"
    goal_ii: int | None = None
    goal_fps: float | None = None
    clock_mhz: float | None = None
    multipliers: Multipliers = "auto"
    overrides: Overrides | str | Path | None = None
    measure: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        for name in ("goal_ii", "goal_fps", "clock_mhz"):
            given = getattr(self, name)
            if given is not None and (isinstance(given, bool) or not isinstance(given, Real)):
                raise ArgumentTypeError(f"{name} must be a number, not {given!r}")

    def clocked(self, board: Board) -> Board:
        """Return the board at the clock that is asked for.

        Raises:
            BoardError: it cannot have that.
        """
        return board if self.clock_mhz is None else board.at_clock(self.clock_mhz)

    def goal(self, board: Board) -> tuple[int | None, str]:
        """Return the goal in cycles, None for the fastest, and in words.

        Args:
            board: whose clock ties cycles and frames a second.

        Raises:
            ScheduleError: two goals, or one that no design has.
        """
        goal_ii, goal_fps = self.goal_ii, self.goal_fps
        if goal_ii is not None and goal_fps is not None:
            raise ScheduleError(
                "give goal_ii or goal_fps, not both: the clock ties one to the other"
            )
        if goal_ii is not None:
            if not goal_ii >= 1 or goal_ii % 1:
                raise ScheduleError(
                    f"goal_ii must be whole cycles between frames, at least 1, not {goal_ii}"
                )
            return int(goal_ii), f"at most {goal_ii:,} cycles a frame"
        if goal_fps is None:
            return None, f"the fastest within the budget of {board.name}"
        clock = board.clock_mhz
        if not 0 < goal_fps <= clock * 1e6:
            raise ScheduleError(
                f"{goal_fps:g} frames/s cannot be reached at {clock:g} MHz: ask for more than 0,"
                f" and for at most {clock * 1e6:g}, one a cycle"
            )
        cycles = int(clock * 1e6 / goal_fps)
        words = f"{goal_fps:,.0f} frames/s at {clock:g} MHz, so at most {cycles:,} cycles a frame"
        return cycles, words
