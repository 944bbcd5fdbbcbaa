"""The command that makes a project's design anew from the model.qfx in its folder."""

from __future__ import annotations

import shlex
from pathlib import Path

from qfx.hardware.overrides import Overrides
from qfx.hardware.wishes import Wishes


def command_of(board: str, wishes: Wishes, samples: int, seed: int, drive_casts: int | None) -> str:
    """Return it as typed; the arguments as for `qfx.export`.

    What was given as an object in Python is a file here, named SAMPLES.npy or OVERRIDES.yaml; a
    board's own file goes by its name, without the folder it lay in.

    Args:
        samples: for so many inputs.
    """
    own = f"{Path(board).name}" if board.endswith((".yaml", ".yml")) else board
    options: list[tuple[str, object]] = [
        ("--board", own),
        ("--architecture", _unusual("architecture", wishes)),
        ("--clock-mhz", None if wishes.clock_mhz is None else f"{wishes.clock_mhz:.12g}"),
        ("--goal-ii", wishes.goal_ii),
        ("--goal-fps", None if wishes.goal_fps is None else f"{wishes.goal_fps:.12g}"),
        ("--multipliers", wishes.multipliers),
        ("--overrides", _file(wishes.overrides)),
        *(("--samples", name) for name in _samples(samples)),
        ("--seed", seed),
        ("--drive-casts", drive_casts),
    ]
    words = [word for flag, value in options if value is not None for word in (flag, str(value))]
    flags = (("--measure", wishes.measure), ("--force", wishes.force))
    words += [flag for flag, given in flags if given]
    return shlex.join(["qfx", "export", "model.qfx", "-o", "FOLDER", *words])


def _unusual(name: str, wishes: Wishes) -> object:
    """What is asked for, where that is not what it would be without a word."""
    given = getattr(wishes, name)
    return None if given == getattr(Wishes, name) else given


def _file(overrides: Overrides | str | Path | None) -> str | None:
    if overrides is None:
        return None
    return Path(overrides).name if isinstance(overrides, (str, Path)) else "OVERRIDES.yaml"


def _samples(count: int) -> list[str]:
    return ["SAMPLES.npy"] if count == 1 else [f"SAMPLES{n}.npy" for n in range(1, count + 1)]
