"""Modules built and routed for a device, whatever they are of."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qfx import tools
from qfx.progress import Steps
from qfx.project.findings import Routed
from qfx.synthesis.nextpnr import runs, scripts, tasks
from qfx.synthesis.nextpnr.family import Device, Family
from qfx.synthesis.nextpnr.netlist import between_registers, without_places
from qfx.synthesis.nextpnr.report import Namer, read_route
from qfx.synthesis.nextpnr.tasks import Task

ASKED_MHZ = 250  # more than designs reach: nextpnr goes on for as long as it gains
_OPTIONS = ("--lpf-allow-unconstrained", "--out-of-context", "--timing-allow-fail")
_FORM = "2"  # of kept netlists: what is made of Yosys' own
_KEPT, _REPORT, _SCRIPT = "netlist.json.gz", "report.json", "steps.ys"


@dataclass(frozen=True)
class Build:
    """A module to be built and routed.

    Args:
        top: its name.
        script: what Yosys is told, in a folder with `files`.
        files: texts by their names.
        unregistered: ports that no register stands outside of, a clock or a reset.
        stage_of: names the stage of a cell or net in it.
        told: what a register is called in the design.
    """

    top: str
    script: str
    files: Mapping[str, str]
    unregistered: Iterable[str]
    stage_of: Namer
    told: Namer = str


class Meter:
    """Builds and routes, and keeps what comes out.

    Args:
        family, device: of parts, and the part.
        whose: the design, for errors.
        jobs: tools at a time; None takes one for each CPU.
        progress: as for `qfx.synth`.

    Raises:
        PackageMissing: a tool is not installed; the sentence says what to type.
    """

    def __init__(
        self,
        family: Family,
        device: Device,
        whose: str,
        jobs: int | None = None,
        progress: Steps = lambda step, done, of: None,
    ) -> None:
        self.family, self.device, self.whose, self.progress = family, device, whose, progress
        self.yosys, self.nextpnr = runs.version(runs.YOSYS), runs.version(family.nextpnr)
        self.at_once = jobs or tools.usable_cpus()

    @property
    def tool(self) -> str:
        """Both tools by their versions."""
        return f"nextpnr {self.nextpnr} behind Yosys {self.yosys}"

    def measure(self, builds: Mapping[str, Build], seeds: int) -> tuple[dict[str, Routed], int]:
        """Build netlists, and route from each seed what fits; return what came out by name, and how
        many runs of a tool that took now.

        Raises:
            SynthesisError: a tool fails; what was done before is kept.
        """
        netlists = {name: self._netlist(name, build) for name, build in builds.items()}
        ran = self._run([*netlists.values()])
        cells = {name: self._cells(task) for name, task in netlists.items()}
        refused = {name: self._too_large(found) for name, found in cells.items()}
        routes = {
            (name, seed): self._route(name, seed, netlists[name])
            for seed in range(1, seeds + 1)
            for name in builds
            if not refused[name]
        }
        ran += self._run([*routes.values()])
        found = {
            name: Routed(
                cells=cells[name],
                routes=tuple(
                    read_route(_file(task, _REPORT), seed, self.family, build.stage_of, build.told)
                    for (routed, seed), task in routes.items()
                    if routed == name
                ),
                refused=refused[name],
            )
            for name, build in builds.items()
        }
        return found, ran

    def split(self, script: str, files: Mapping[str, str], wanted: Iterable[str]) -> dict[str, str]:
        """Run Yosys alone, and return the files that it wrote, by the names that are wanted."""
        names = list(wanted)

        def keep(folder: Path, target: Path) -> None:
            texts = {name: (folder / name).read_text() for name in names}
            (target / "texts.json").write_text(json.dumps(texts))

        key = (self.yosys, script, _digest(files), *names)
        arguments = ("-q", "-s", _SCRIPT)
        task = Task(
            "reading the design",
            "nextpnr-split",
            key,
            runs.YOSYS,
            arguments,
            lambda: {_SCRIPT: script, **files},
            keep,
        )
        self._run([task])
        texts: dict[str, str] = json.loads(_file(task, "texts.json").read_text())
        return texts

    def _run(self, wanted: list[Task]) -> int:
        return tasks.run(wanted, self.at_once, self.progress, self.whose)

    def _netlist(self, name: str, build: Build) -> Task:
        left = sorted(build.unregistered)

        def keep(folder: Path, target: Path) -> None:
            module = json.loads((folder / scripts.NETLIST).read_text())["modules"][build.top]
            alone = without_places(between_registers(module, self.family, left))
            text = json.dumps({"creator": "qfx", "modules": {build.top: alone}})
            (target / _KEPT).write_bytes(gzip.compress(text.encode(), 1, mtime=0))
            (target / scripts.COUNTS).write_bytes((folder / scripts.COUNTS).read_bytes())

        return Task(
            what=name,
            kind="nextpnr-netlist",
            key=(_FORM, self.yosys, build.script, build.top, _digest(build.files), *left),
            module=runs.YOSYS,
            arguments=("-q", "-s", _SCRIPT),
            files=lambda: {_SCRIPT: build.script, **build.files},
            keep=keep,
        )

    def _cells(self, netlist: Task) -> dict[str, int]:
        stat = json.loads(_file(netlist, scripts.COUNTS).read_text())
        return self.family.cells(stat["design"]["num_cells_by_type"])

    def _too_large(self, cells: Mapping[str, int]) -> str:
        """Say what the device lacks; empty where nothing."""
        lacks = [
            f"{count:,} {kind} of {self.device.has[kind]:,}"
            for kind, count in cells.items()
            if count > self.device.has[kind]
        ]
        return f"it needs {', '.join(lacks)} that {self.device.name} has" if lacks else ""

    def _route(self, name: str, seed: int, netlist: Task) -> Task:
        options = (*self.device.options, "--freq", str(ASKED_MHZ), *_OPTIONS, "--seed", str(seed))

        def files() -> dict[str, str]:
            return {scripts.NETLIST: text().decode()}

        def text() -> bytes:
            return gzip.decompress(_file(netlist, _KEPT).read_bytes())

        def keep(folder: Path, target: Path) -> None:
            (target / _REPORT).write_bytes((folder / _REPORT).read_bytes())

        return Task(
            what=f"{name}, seed {seed}",
            kind="nextpnr",
            key=(self.nextpnr, " ".join(options), sha256(text()).hexdigest()),
            module=self.family.nextpnr,
            arguments=("--json", scripts.NETLIST, "--report", _REPORT, *options),
            files=files,
            keep=keep,
        )


def _file(task: Task, name: str) -> Path:
    folder = task.kept
    assert folder is not None  # it was run
    return folder / name


def _digest(files: Mapping[str, str]) -> str:
    return sha256(json.dumps(sorted(files.items())).encode()).hexdigest()
