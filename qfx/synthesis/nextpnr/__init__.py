"""Open tools as the clock meter: a design, and each stage alone, placed and routed from several
seeds on a part that such tools know.

Out of context: no pins, no board's wires, and a register outside each port, as stages and DMA
engines have them. What a netlist or a seed gave is kept as soon as it is there, so that an
interrupted run goes on where it was.
"""

from __future__ import annotations

import re
import time

from qfx.progress import Steps
from qfx.project import Project
from qfx.project.findings import Routing
from qfx.synthesis.measured import StageSynthesis, Synthesis
from qfx.synthesis.nextpnr import scripts
from qfx.synthesis.nextpnr.family import Family, family_of
from qfx.synthesis.nextpnr.meter import Build, Meter
from qfx.synthesis.nextpnr.report import Namer
from qfx.synthesis.yosys import scripts as splitting
from qfx.synthesis.yosys.split import owner, parts_of, sources_of

SEEDS = 3  # the least whose median one outlier does not move
_CLOCK, _RESET = "aclk", "rst"  # the names of stages' clock and reset in the top level
_UNREGISTERED = (_CLOCK, _RESET, "aresetn")


def run(
    project: Project,
    progress: Steps = lambda step, done, of: None,
    jobs: int | None = None,
    seeds: int | None = None,
) -> Synthesis:
    """Measure the clocks of a design and of each of its stages.

    Args:
        project: whose Verilog is built.
        progress: as for `qfx.synth`.
        jobs: tools at a time; None takes one for each CPU.
        seeds: of the placement, 1 and up; None takes SEEDS.

    Raises:
        PackageMissing, SynthesisError: as `qfx.synth`.
    """
    begun, top = time.perf_counter(), project.manifest.name
    family = family_of(project.manifest.part)
    meter = Meter(family, family.device(project.manifest.part), top, jobs, progress)
    builds = _builds(project, meter)
    found, ran = meter.measure(builds, SEEDS if seeds is None else seeds)
    stages = {name: routed for name, routed in found.items() if name != top}
    taken = {name: family.resources(routed.cells) for name, routed in found.items()}
    return Synthesis(
        project=project,
        tool=meter.tool,
        label="nextpnr",
        target=meter.device.name,
        stages=tuple(
            StageSynthesis(
                stage=name,
                resources=taken[name],
                memory_luts=0,
                shift_luts=0,
                depth=max((route.path.levels for route in routed.routes), default=None),
            )
            for name, routed in stages.items()
        ),
        built=ran,
        seconds=time.perf_counter() - begun,
        whole=taken[top],
        routing=Routing(device=meter.device.name, whole=found[top], stages=stages),
    )


def whole(project: Project, family: Family) -> Build:
    """Return all of a project, to be built and routed."""
    top, sources = project.manifest.name, _sources(project)
    script = scripts.netlist(family, top, [*splitting.read_sources(top, list(sources))])
    return Build(top, script, sources, _UNREGISTERED, lambda name: _stage_of(project, name))


def _sources(project: Project) -> dict[str, str]:
    """Its Verilog, by names that no file of a run has."""
    return {f"src_{path.name}": path.read_text() for path in sources_of(project)}


def _builds(project: Project, meter: Meter) -> dict[str, Build]:
    """The whole first, then each stage alone, by their names."""
    top, parts = project.manifest.name, parts_of(project)
    sources = _sources(project)
    named = {stage: splitting.module(stage) for stage in parts}
    split = splitting.split(top, list(sources), parts).replace("src/src_", "src_")
    split = re.sub(r"stages/(\w+\.il)", r"\1", split)
    texts = meter.split(split, sources, [f"{stage}.il" for stage in parts])
    builds = {top: whole(project, meter.family)}
    script = scripts.netlist(meter.family, splitting.MODULE)
    for stage, module in named.items():
        placed = splitting.alone(texts[f"{stage}.il"], module)
        builds[stage] = Build(
            top=splitting.MODULE,
            script=script,
            files={"stage.il": _anywhere(placed, f"u_{stage}")},
            unregistered=_UNREGISTERED,
            stage_of=_always(stage),
            told=_place(placed, f"u_{stage}"),
        )
    return builds


def _always(stage: str) -> Namer:
    """Everything in a stage alone is of that stage."""
    return lambda name: stage


def _anywhere(text: str, instance: str) -> str:
    """A stage without the names of its place, its clock and reset excepted."""
    placed = splitting.anywhere(text, instance)
    for number, name in _ports(text):
        if name in (_CLOCK, _RESET):
            placed = re.sub(rf"\\port{number}\b", rf"\\{name}", placed)
    return placed


def _place(text: str, instance: str) -> Namer:
    """What gives a name of a stage anywhere the names of its place again."""
    ports = {f"port{number}": name for number, name in _ports(text)}

    def told(name: str) -> str:
        name = re.sub(r"\bu_stage", instance, name)
        return re.sub(r"\bport\d+", lambda found: ports.get(found[0], found[0]), name)

    return told


def _ports(text: str) -> list[tuple[str, str]]:
    """The numbers and names of a module's ports."""
    return re.findall(r"^  wire .*\b(?:input|output) (\d+) \\(\S+)$", text, re.MULTILINE)


def _stage_of(project: Project, name: str) -> str:
    """The stage of a cell or net in the flattened top: that of the instance it lies in, else that
    whose stream it is of.
    """
    instance = name.partition(".")[0]
    if "." in name:
        return owner(project, instance)
    streams = (stage.name for stage in project.manifest.stages)
    return max((s for s in streams if name.startswith(f"{s}_")), key=len, default="")
