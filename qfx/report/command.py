"""The command that makes a project's design anew from the model.qfx in its folder."""

from __future__ import annotations

import shlex
from pathlib import Path

from qfx.hardware.overrides import Overrides


def command_of(
    board: str,
    clock_mhz: float | None,
    goal_ii: int | None,
    goal_fps: float | None,
    multipliers: str,
    overrides: Overrides | str | Path | None,
    samples: int,
    seed: int,
    drive_casts: int | None,
    measure: bool = False,
    force: bool = False,
) -> str:
    """As typed; the arguments as for `qfx.export`.

    What was given as an object in Python is a file here, named SAMPLES.npy or OVERRIDES.yaml; a
    board's own file goes by its name, without the folder it lay in.

    Args:
        samples: for so many inputs.
    """
    own = f"{Path(board).name}" if board.endswith((".yaml", ".yml")) else board
    options: list[tuple[str, object]] = [
        ("--board", own),
        ("--clock-mhz", None if clock_mhz is None else f"{clock_mhz:.12g}"),
        ("--goal-ii", goal_ii),
        ("--goal-fps", None if goal_fps is None else f"{goal_fps:.12g}"),
        ("--multipliers", multipliers),
        ("--overrides", _file(overrides)),
        *(("--samples", name) for name in _samples(samples)),
        ("--seed", seed),
        ("--drive-casts", drive_casts),
    ]
    words = [word for flag, value in options if value is not None for word in (flag, str(value))]
    words += [flag for flag, given in (("--measure", measure), ("--force", force)) if given]
    return shlex.join(["qfx", "export", "model.qfx", "-o", "FOLDER", *words])


def _file(overrides: Overrides | str | Path | None) -> str | None:
    if overrides is None:
        return None
    return Path(overrides).name if isinstance(overrides, (str, Path)) else "OVERRIDES.yaml"


def _samples(count: int) -> list[str]:
    return ["SAMPLES.npy"] if count == 1 else [f"SAMPLES{n}.npy" for n in range(1, count + 1)]
