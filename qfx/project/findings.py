"""What simulation and synthesis found of a project, kept in its folder for the report.

Neither file is among those that export hashes, and each names the state of the folder it was found
in: when a file of the folder has changed since, the finding is of another design and not read.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from statistics import median
from typing import Annotated, ClassVar

from pydantic import Field, ValidationError
from typing_extensions import Self

from qfx.boards import Resources
from qfx.data import Score
from qfx.disk import Damaged, json_text, whole
from qfx.disk.record import FiniteRecord
from qfx.project.folder import MANIFEST, Project, file_digest
from qfx.project.manifest import Count, Rate


class _Finding(FiniteRecord):
    file: ClassVar[str]
    state: str  # of the folder, as `state_of` gives it

    def keep(self, project: Project) -> bool:
        """Write it into the folder, whole or not at all; False where nothing can be written."""
        try:
            whole.write(project.path / self.file, self.model_dump_json(indent=1) + "\n")
        except OSError:  # a folder that may only be read can still be simulated
            return False
        return True

    @classmethod
    def read(cls, project: Project, state: str) -> Self | None:
        """Return the one that was found in this state of the folder; None where there is none."""
        try:
            data = (project.path / cls.file).read_bytes()
            json_text.read(data)
            kept = cls.model_validate_json(data)
        except (OSError, Damaged, ValidationError):  # never found, or by another version of qfx
            return None
        return kept if kept.state == state else None


class VerdictRow(FiniteRecord):
    """One simulator's result: the fields of `qfx.simulation.Row`, the difference as a sentence."""

    simulator: str
    label: str
    samples: Count
    mismatches: Count | None
    samples_per_second: Rate | None
    cycles_per_frame: Rate | None
    latency_cycles: Count | None = None
    problem: str  # the first difference, or why it did not run; empty where all is well
    refused: bool
    missing: bool = False
    scores: tuple[Score, ...] = ()  # how right each output is, by labels given at export
    unpredicted: bool = False  # its integers are equal, its cycles are not those predicted


class Verdict(_Finding):
    """The last run of each simulator that `qfx cosim` was asked for, and what all say together."""

    file: ClassVar[str] = "verdict.json"
    equal: bool
    sentence: str
    rows: tuple[VerdictRow, ...]
    cycles_measured: Rate | None
    latency_measured: Count | None = None


class TimedPath(FiniteRecord):
    """The longest path between two registers.

    Args:
        starts, ends: the registers, as the design names them; "port NAME[BIT]" stands for what
            is outside.
        stages: that it leads through, in its order; empty where it is of the top level alone.
        levels: cells between the registers, a chain of carries being one.
        logic_ns, routing_ns: through cells and registers, and along wires.
    """

    starts: str
    ends: str
    stages: tuple[str, ...]
    levels: Count
    logic_ns: Rate
    routing_ns: Rate


class Route(FiniteRecord):
    """A design placed and routed from one seed: its fastest clock, and the path that sets it."""

    seed: Count
    fmax_mhz: Annotated[float, Field(gt=0, le=1e5)]
    path: TimedPath


class Routed(FiniteRecord):
    """A design, or a stage alone, placed and routed from several seeds.

    Args:
        cells: of the family's kinds, before it is placed.
        routes: by seed; none where it is too large, as `refused` says.
    """

    cells: dict[str, Count]
    routes: tuple[Route, ...]
    refused: str = ""

    @property
    def fmax_mhz(self) -> float | None:
        """The median of the seeds; None where nothing was routed."""
        found = [route.fmax_mhz for route in self.routes]
        return round(median(found), 2) if found else None

    @property
    def counted(self) -> str:
        """What `fmax_mhz` is of how many."""
        count = len(self.routes)
        return "one seed" if count == 1 else f"median of {count} seeds"

    @property
    def slowest(self) -> Route | None:
        """The route of the longest path."""
        return min(self.routes, key=lambda route: route.fmax_mhz, default=None)


class Routing(FiniteRecord):
    """What a tool that places and routes made of a whole design, and of each stage alone.

    Args:
        device: the part, package and speed grade.
        whole: all of it.
        stages: each between registers, by its name.
    """

    device: str
    whole: Routed
    stages: dict[str, Routed]

    @property
    def fmax_mhz(self) -> float | None:
        """Of the whole; of its slowest stage where the whole is too large for the device."""
        return self.whole.fmax_mhz or min(self.fmax_of_stages.values(), default=None)

    @property
    def fmax_of_stages(self) -> dict[str, float]:
        """The median of each stage alone, the slowest first."""
        found = {name: routed.fmax_mhz for name, routed in self.stages.items()}
        known = {name: mhz for name, mhz in found.items() if mhz is not None}
        return dict(sorted(known.items(), key=lambda item: item[1]))


class Measured(FiniteRecord):
    """What one tool measured of the whole design and of each stage.

    Args:
        label: of its figures: "yosys", "vivado OOC", "csynth" or "nextpnr".
        tool, target: as in `qfx.synthesis.Synthesis`.
        promise: whether the design keeps what its multipliers promise, as a sentence, or empty.
        kept: whether it does.
        fmax_mhz: the fastest clock, by a tool that knows delays.
        routing: of a tool that places and routes for another part than the project's, whose
            budget its figures are not held against.
    """

    label: str
    tool: str
    target: str
    resources: Resources
    stages: dict[str, Resources]
    promise: str
    kept: bool
    fmax_mhz: Rate | None = None
    routing: Routing | None = None


class Measurements(_Finding):
    """The last `qfx synth` of each tool, by label."""

    file: ClassVar[str] = "synthesis.json"
    by_label: dict[str, Measured]


def state_of(project: Project) -> str:
    """Return a hash of the manifest and of every file it lists, as they are now."""
    names = (MANIFEST, *project.manifest.files)
    digests = "\n".join(f"{name} {file_digest(project.path / name)}" for name in names)
    return hashlib.sha256(digests.encode()).hexdigest()


def take_over(old: Path, project: Project) -> None:
    """Keep what was found of an older folder, where it is of the very design that is exported now.

    Args:
        old: the folder that is replaced; there may be none.
        project: the new one.
    """
    kinds = [kind for kind in (Verdict, Measurements) if (old / kind.file).is_file()]
    state = state_of(project) if kinds else ""
    for kind in kinds:
        if kind.read(Project(old, project.manifest), state) is not None:
            shutil.copyfile(old / kind.file, project.path / kind.file)
