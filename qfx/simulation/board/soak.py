"""Many frames through the Verilated IP: every channel stalls, resets come at random moments, and no
beat may be lost, doubled or changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from qfx.project.folder import Project, ProjectError
from qfx.simulation.board.device_build import load
from qfx.simulation.board.soak_piece import COUNTED, Piece
from qfx.simulation.parallel import Workers, each, pieces_of


@dataclass(frozen=True)
class Soak:
    """What came of it.

    Args:
        frames: that came out in whole packets and were compared.
        mismatches: of them, those that are not golden, by any port.
        violations: broken rules of a channel, missing beats too; a piece ends at its first one.
        miscounted: registers that did not say what the testbench had counted itself.
        resets, soft_resets: by aresetn, by the register; each at a random cycle of a transfer.
        cycles: of the clock, in all pieces.
        seconds: of simulation, without building.
        found: what ended each piece that something was found in.
    """

    frames: int = 0
    mismatches: int = 0
    violations: int = 0
    miscounted: int = 0
    resets: int = 0
    soft_resets: int = 0
    cycles: int = 0
    seconds: float = 0.0
    found: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.mismatches or self.violations or self.miscounted)


def soak(
    project: Project | str,
    frames: int = 10_000,
    seed: int = 0,
    *,
    resets: bool = True,
    workers: Workers | None = None,
) -> Soak:
    """Run recorded stimuli in random order through the IP, in packets of random lengths, and
    compare each frame with the golden one of its number.

    Every piece of the run is a design of its own, with its own share of stalls; registers are read
    while frames pass. What came of a transfer that a reset ends is compared, and not counted.

    Args:
        project: its folder, opened or as a path.
        frames: to compare. Each takes about the design's initiation interval in cycles, of which a
            CPU simulates some hundred thousand a second.
        seed: of everything that is random.
        resets: whether resets come, by aresetn and by the register.
        workers: how many pieces at a time, and who hears of them.

    Raises:
        ProjectError: no project, or one without an IP, or frames below 1.
        ToolMissing, ToolFailed: Verilator or g++.
    """
    if frames < 1:
        raise ProjectError(f"frames must be 1 or more, not {frames}")
    project = project if isinstance(project, Project) else Project.open(project)
    workers, library = workers or Workers(), load(project)
    pieces = [
        Piece(project, library, piece.stop - piece.start, (seed, n), resets)
        for n, piece in enumerate(pieces_of(frames))
    ]

    def stop() -> None:
        for piece in pieces:
            piece.stopped = True

    workers.told(0)
    started = time.perf_counter()
    each(
        lambda n: pieces[n].run(), len(pieces), workers.count, stop,
        lambda: workers.told(sum(piece.frames for piece in pieces)),
    )  # fmt: skip
    totals = {name: sum(getattr(piece, name) for piece in pieces) for name in COUNTED}
    return Soak(
        **totals,
        seconds=time.perf_counter() - started,
        found=tuple(piece.found for piece in pieces if piece.found),
    )
