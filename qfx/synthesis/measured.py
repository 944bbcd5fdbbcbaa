"""What a synthesis tool measured of a project, and whether the design keeps what it promised."""

from __future__ import annotations

from dataclasses import dataclass

from qfx.boards import Resources
from qfx.errors import QfxError
from qfx.hardware import STAGES
from qfx.project import Project
from qfx.project.findings import Routing
from qfx.shown import Shown

# What a design exported with these multipliers promises, as its verdict says it.
_PROMISES = {
    "lut": "0 DSP: every product is built of LUTs",
    "none": "0 DSP: no multiplier is left",
}
_ALLOWS = {"lut": "no DSP slice", "none": "no multiplier"}
# What to change in the model where exporting again does not help.
_ADVICE = {stage.kind: stage.advice for stage in STAGES if stage.advice}


class SynthesisError(QfxError, RuntimeError):
    """A design that the tool does not build, a part it does not know, or a report that is none."""


@dataclass(frozen=True)
class Multiplications:
    """Where a design multiplies, by the names of its stages.

    Args:
        products: multiplications (Yosys' `$mul` and `$macc`) left when constants are folded and
            nothing is mapped yet; one by a power of two is none.
        dsps: DSP slices.
    """

    products: dict[str, int]
    dsps: dict[str, int]


@dataclass(frozen=True)
class Leftover:
    """A stage that breaks the design's promise.

    Args:
        stage, layer: their names; the layer's is empty where the stage is of none.
        products, dsps: what is left in it.
        advice: what to change.
    """

    stage: str
    layer: str
    products: int
    dsps: int
    advice: str

    def __str__(self) -> str:
        layer = f" of layer {self.layer}" if self.layer else ""
        products = f"{self.products} product{'s' * (self.products != 1)}"
        return f"{self.stage}{layer}: {self.dsps} DSP, {products}: {self.advice}"


@dataclass(frozen=True)
class StageSynthesis:
    """What one stage takes, its ROMs included, built alone.

    Args:
        stage: its name; the design's for what the top level itself does.
        resources: measured; `luts` are all of them, whatever they are used as.
        memory_luts, shift_luts: those used as distributed RAM and as shift registers.
        products: multiplications left before mapping, as in Multiplications; None where the tool
            does not tell.
        depth: LUTs, carry chains of four bits and other cells on the longest path between two
            registers or ports; None where the tool does not tell.
    """

    stage: str
    resources: Resources
    memory_luts: int
    shift_luts: int
    products: int | None = None
    depth: int | None = None


@dataclass(frozen=True)
class Clock:
    """A clock, by a tool that knows delays.

    Args:
        asked_ns: its period.
        reached_ns: the least period that the slowest path allows.
        depth: LUTs, carries and other cells on that path; None where the tool does not tell.
    """

    asked_ns: float
    reached_ns: float
    depth: int | None


@dataclass(frozen=True)
class Synthesis(Shown):
    """The resources of a design, by a tool that built it.

    Args:
        project: what was built.
        tool: its name and version.
        label: what figures from here are labelled: "yosys", "vivado OOC", "csynth" or "nextpnr".
        target: what it was built for, as the tool calls it.
        stages: in the order of the design, the top level last; where the tool does not tell stages
            apart, all as one under the design's name.
        built: so many of them now; the same sources had given the others before.
        seconds: it took now.
        whole: of all together, where the tool says it; a LUT that two stages share is one there.
        clock: what the tool says of it; None where it knows no delays.
        interval: cycles between two frames, by a tool that schedules them.
        routing: clocks and longest paths seed by seed, by a tool that places and routes for a part
            of another family than the project's.
    """

    shown_by = "qfx.report.synthesis:show_synth"

    project: Project
    tool: str
    label: str
    target: str
    stages: tuple[StageSynthesis, ...]
    built: int
    seconds: float
    whole: Resources | None = None
    clock: Clock | None = None
    interval: int | None = None
    routing: Routing | None = None

    @property
    def fmax_mhz(self) -> float | None:
        """The fastest clock; None where the tool knows no delays."""
        if self.routing is not None:
            return self.routing.fmax_mhz
        return None if self.clock is None else round(1000 / self.clock.reached_ns, 2)

    @property
    def resources(self) -> Resources:
        """Of all together."""
        return self.whole or sum((stage.resources for stage in self.stages), Resources())

    @property
    def memory_luts(self) -> int:
        """LUTs used as distributed RAM."""
        return sum(stage.memory_luts for stage in self.stages)

    @property
    def shift_luts(self) -> int:
        """LUTs used as shift registers."""
        return sum(stage.shift_luts for stage in self.stages)

    @property
    def deepest(self) -> StageSynthesis:
        """The stage with the longest path between two registers, where that is known."""
        return max(self.stages, key=lambda stage: stage.depth or 0)

    @property
    def multiplications(self) -> Multiplications:
        """Where the DSP slices are, and the products before mapping."""
        return Multiplications(
            products={s.stage: s.products for s in self.stages if s.products},
            dsps={s.stage: s.resources.dsps for s in self.stages if s.resources.dsps},
        )

    @property
    def kept(self) -> bool:
        """Whether the design keeps what its `multipliers` promise; True where they promise
        nothing.
        """
        return not self.leftovers

    @property
    def leftovers(self) -> tuple[Leftover, ...]:
        """The stages that break the promise: "lut" allows no DSP slice, "none" no product either,
        not even of LUTs.
        """
        asked, found = self.project.manifest.multipliers, self.multiplications
        if asked not in _PROMISES:
            return ()
        names = found.dsps.keys() | (found.products.keys() if asked == "none" else set())
        stages = {stage.name: stage for stage in self.project.manifest.stages}
        changed = changed_sources(self.project)
        left = []
        for name in sorted(names):
            stage = stages.get(name)
            advice = "export again"
            if changed:
                advice = f"{', '.join(changed[:3])} changed since export: {advice}"
            elif stage and stage.kind in _ADVICE:
                advice += f", or {_ADVICE[stage.kind]}"
            products, dsps = found.products.get(name, 0), found.dsps.get(name, 0)
            left.append(Leftover(name, stage.layer if stage else "", products, dsps, advice))
        return tuple(left)

    def verdict(self) -> str:
        """Say in one sentence whether the promise is kept; where there is none, what the design
        takes.
        """
        asked = self.project.manifest.multipliers
        if self.routing is not None and self.kept:
            return _clock_said(self.label, self.routing)
        if asked not in _PROMISES:
            used = self.resources
            return (
                f"{self.label}: {used.luts:,} LUT, {used.flip_flops:,} FF, {used.dsps:,} DSP,"
                f" {used.bram_18k:,} BRAM18"
            )
        if self.kept:
            return _PROMISES[asked]
        names = ", ".join(left.stage for left in self.leftovers)
        return f"NOT KEPT: multipliers={asked!r} allows {_ALLOWS[asked]}, but see {names}"


def _clock_said(label: str, routing: Routing) -> str:
    """The clock in one sentence, and what sets it."""
    found, whole = routing.fmax_of_stages, routing.whole
    slowest = next(iter(found), "")
    alone = f"the slowest stage alone is {slowest}, {found[slowest]:.1f} MHz" if found else ""
    if whole.slowest is None:
        return f"{label}: not routed whole: {whole.refused}" + (f"; {alone}" if alone else "")
    seeds = [route.fmax_mhz for route in whole.routes]
    spread = f"{whole.counted}, {min(seeds):.1f} to {max(seeds):.1f}"
    where = " and ".join(whole.slowest.path.stages) or "the top level"
    said = f"{label}: {routing.fmax_mhz:.1f} MHz on {routing.device} ({spread})"
    return f"{said}; longest path in {where}" + (f"; {alone}" if alone else "")


def changed_sources(project: Project, folder: str = "verilog/src/") -> list[str]:
    """Return the sources in a folder that are missing or not as exported."""
    return [name for name in project.changed_files() if name.startswith(folder)]
