"""qfx.json, the manifest of a project folder: what made it, what was predicted, what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator
from typing_extensions import Self

from qfx.boards import Resources
from qfx.data import Score
from qfx.disk import shown
from qfx.disk.record import FiniteRecord
from qfx.fixedpoint import FixedPointType
from qfx.hardware import (
    Design,
    Folding,
    Multipliers,
    Port,
    Stage,
    stream_order,
)
from qfx.hardware.fabric import Fabric, fabric_of
from qfx.hardware.product_cost import ProductCost
from qfx.ir import file as graph_file
from qfx.ir.graph import MOST_ELEMENTS
from qfx.ir.names import require_identifier
from qfx.project.input_fit import InputFit

FORMAT_VERSION = 8


_MOST = 1 << 53  # of a count: integers that JSON's readers all agree on
Count = Annotated[int, Field(ge=0, le=_MOST)]
Rate = Annotated[float, Field(ge=0, le=1e18)]
Size = Annotated[int, Field(ge=1, le=_MOST)]


class ClockWarning(UserWarning):
    """A clock that is out of reach by the estimate."""


class PortRecord(FiniteRecord):
    """A Port as JSON.

    Args:
        order: of the stream, as for Port; None where it is pixel by pixel, channels innermost.
    """

    name: str
    wordlength: int
    fraction_bits: int
    signed: bool
    width_bits: Annotated[int, Field(ge=1, le=1 << 16)]
    shape: tuple[Size, ...]
    order: tuple[int, ...] | None

    @model_validator(mode="after")
    def _is_a_port(self) -> Self:
        require_identifier(self.name)
        _ = self.dtype  # refuses what no fixed-point number has
        elements = prod(self.shape)
        if elements > MOST_ELEMENTS:
            raise ValueError(f"no port has {elements} elements")
        if self.order is None:
            return self
        if len(self.order) != elements or sorted(self.order) != list(range(elements)):
            raise ValueError(f"the order does not name each of {elements} elements once")
        return self

    @classmethod
    def of(cls, port: Port) -> Self:
        dtype, usual = port.stream.dtype, stream_order(port.shape)
        return cls(
            name=port.stream.name,
            wordlength=dtype.wordlength,
            fraction_bits=dtype.fraction_bits,
            signed=dtype.signed,
            width_bits=port.width_bits,
            shape=port.shape,
            order=None if (port.order == usual).all() else tuple(port.order.tolist()),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {self.shape}"

    @property
    def dtype(self) -> FixedPointType:
        return FixedPointType(self.wordlength, self.fraction_bits, self.signed)

    def port(self) -> Port:
        order = stream_order(self.shape) if self.order is None else np.array(self.order, np.intp)
        return Port.over(self.width_bits, self.name, self.dtype, self.shape, order)


class StageRecord(FiniteRecord):
    """One stage as laid out, for people and reports.

    Args:
        products: what its products by constants are built of; None where it has none.
    """

    name: str
    kind: str
    layer: str
    input: str
    output: str
    folding: dict[str, int | str]
    cycles: Count
    estimate: Resources
    products: ProductCost | None

    @model_validator(mode="after")
    def _is_folded(self) -> Self:
        numbers = {key for key, value in self.folding.items() if isinstance(value, int)}
        lanes = {"pe", "simd"}  # of a contraction; behind a parallel line buffer, what that reads
        kinds = (lanes, lanes | {"window"}, {"depth"}, set[str]())  # of a queue, of any other
        if numbers not in kinds or not self.folding.keys() - numbers <= {"multiplier", "memory"}:
            raise ValueError(f"stage {shown(self.name)} has no folding that a stage can have")
        return self

    @property
    def queue_depth(self) -> int | None:
        """Beats that it holds as a queue; None of what is no queue."""
        depth = self.folding.get("depth")
        return None if depth is None else int(depth)

    @classmethod
    def of(cls, stage: Stage, fabric: Fabric) -> Self:
        costs: dict[str, Any] = {
            "estimate": stage.estimate(fabric),
            "products": stage.product_cost(),
        }
        return cls(**_laid_out(stage), **costs)

    def describes(self, stage: Stage) -> bool:
        """Tell whether it is the record of this stage, whatever formulas say now that it costs."""
        return all(getattr(self, name) == value for name, value in _laid_out(stage).items())


def _laid_out(stage: Stage) -> dict[str, Any]:
    """What is built and how long it takes, as a StageRecord has it."""
    return {
        "name": stage.name,
        "kind": stage.kind,
        "layer": stage.source,
        "input": " and ".join(f"{s.lanes} x {s.dtype}" for s in stage.inputs),
        "output": f"{stage.output.lanes} x {stage.output.dtype}",
        "folding": stage.chosen,
        "cycles": stage.cycles,
    }


class LayerRecord(FiniteRecord):
    """What a layer's integers look like on the first samples, and what it costs.

    Args:
        layer: its path in the model; empty for the input, of several the input's name.
        ops: it lowered to, as far as they are left.
        dtype, fraction_bits: of its result.
        low, high: the least and the greatest integer met.
        range_used: share of the type's span between them; None where no cast set the type.
        saturated: share of elements beyond the range, in the worst of its casts; None without one.
            Of an input, of all samples that were given.
        cast_sqnr_db: signal over rounding and saturation noise of its worst cast; 200 is exact. Of
            an input as above.
        float_sqnr_db: signal over all noise so far, against the float model; None without torch.
        folding: pe x simd of its contraction, and what its line buffer reads if in parallel.
        cycles: a frame, of its slowest stage.
    """

    layer: str
    ops: tuple[str, ...]
    dtype: str
    fraction_bits: int
    low: int
    high: int
    range_used: float | None
    saturated: float | None
    cast_sqnr_db: float | None
    float_sqnr_db: float | None
    folding: str
    cycles: Count


class Prediction(FiniteRecord):
    """What is claimed before anything is simulated."""

    initiation_interval: Size
    latency_cycles: Count
    bottleneck: str
    fmax_mhz: Rate  # the fastest clock, estimated; of the part, scaled from an ECP5's
    slowest_path: str  # the stage that sets it
    frames_per_second: dict[str, float]  # by clock, none beyond that estimate; the kernel's
    estimate: Resources

    @classmethod
    def of(cls, design: Design) -> Self:
        board, fmax = design.board, design.fmax_mhz
        clocks = (design.believed_mhz, min(board.max_clock_mhz, fmax))
        return cls(
            initiation_interval=design.initiation_interval,
            latency_cycles=design.latency_cycles,
            bottleneck=design.bottleneck,
            fmax_mhz=round(fmax, 1),
            slowest_path=design.slowest_path,
            frames_per_second={
                f"{mhz:.4g} MHz (estimate)": design.frames_per_second(mhz) for mhz in clocks
            },
            estimate=design.resources(),
        )


class Vectors(FiniteRecord):
    """What the recorded stimuli are."""

    seed: int
    counts: dict[str, Count]
    saturated: dict[str, list[str]]  # by cast: which ends of its range the stimuli exceed
    undriven: dict[str, list[str]]  # and which they do not, though some input might
    search: str  # how far stimuli were looked for that exceed them
    missed: dict[str, list[str]]  # by node: sides of its comparisons where no stimulus was seen
    torch: bool  # whether torch's own integers were recorded
    scores: dict[str, tuple[Score, ...]] = Field(default_factory=dict)  # by "float", "golden", ...

    @classmethod
    def none(cls) -> Self:
        """Make that of a design without a folder."""
        return cls(seed=0, counts={}, saturated={}, undriven={}, search="", missed={}, torch=False)

    @property
    def casts_driven(self) -> str:
        """Which ends of casts were driven beyond their range, and which were not, as a sentence."""
        driven, left = (sum(map(len, ends.values())) for ends in (self.saturated, self.undriven))
        if not driven + left:
            return self.search
        said = f"{driven} of {driven + left} ends of casts are driven beyond their range"
        said += f" ({self.search})"
        missed = (f"{cast} {' and '.join(ends)}" for cast, ends in self.undriven.items())
        return f"{said}; not driven: {', '.join(missed)}" if left else said


class Manifest(FiniteRecord):
    """qfx.json: what made the folder and what is in it."""

    format: int
    name: str
    board: str
    part: str
    architecture: str
    goal: str
    clock_mhz: float
    versions: dict[str, str]
    graph_sha256: str
    multipliers: Multipliers  # as asked for
    foldings: tuple[Folding, ...]  # of each head of a section
    inputs: tuple[PortRecord, ...]
    outputs: tuple[PortRecord, ...]
    stages: tuple[StageRecord, ...]
    layers: tuple[LayerRecord, ...]
    layers_from: str  # what was run for them
    fits: tuple[InputFit, ...]  # of the samples that were given, for each input; else none
    prediction: Prediction
    vectors: Vectors
    qonnx_refused: str | None  # why there is no model.onnx
    files: dict[str, str]  # sha256 by path
    own_sha256: str = ""  # of all the above

    @classmethod
    def of(
        cls,
        design: Design,
        *,
        vectors: Vectors,
        versions: Mapping[str, str] | None = None,
        layers: Sequence[LayerRecord] = (),
        layers_from: str = "",
        fits: Sequence[InputFit] = (),
        qonnx_refused: str | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Self:
        """Record what a design tells by itself, beside the rest."""
        board, graph, fabric = design.board, design.graph, fabric_of(design.board.part)
        return cls(
            format=FORMAT_VERSION,
            name=graph.name,
            board=board.name,
            part=board.part,
            architecture=design.architecture,
            goal=design.goal,
            clock_mhz=board.clock_mhz,
            versions=dict(versions or {}),
            graph_sha256=graph_file.sha256(graph),
            multipliers=design.multipliers,
            foldings=design.foldings,
            inputs=tuple(map(PortRecord.of, design.inputs)),
            outputs=tuple(map(PortRecord.of, design.outputs)),
            stages=tuple(StageRecord.of(stage, fabric) for stage in design.stages),
            layers=tuple(layers),
            layers_from=layers_from,
            fits=tuple(fits),
            prediction=Prediction.of(design),
            vectors=vectors,
            qonnx_refused=qonnx_refused,
            files=dict(files or {}),
        )

    def sealed(self) -> Self:
        """Return the same with its own hash."""
        return self.model_copy(update={"own_sha256": self._digest()})

    def changed(self) -> bool:
        """Tell whether it is not as it was sealed."""
        return self.own_sha256 != self._digest()

    def _digest(self) -> str:
        content = self.model_dump(mode="json", exclude={"own_sha256"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @model_validator(mode="after")
    def _is_of_one_folder(self) -> Self:
        require_identifier(self.name)
        if not self.inputs or not self.outputs:
            raise ValueError("a design has inputs and outputs")
        for name in self.files:
            parts = name.split("/")
            if not name.isprintable() or "\\" in name or not {"", ".", ".."}.isdisjoint(parts):
                raise ValueError("files has a path that does not lie in the folder")
        return self

    @property
    def believed_mhz(self) -> float:
        """The clock that is asked for, or the estimate where that is less."""
        return min(self.clock_mhz, self.prediction.fmax_mhz)

    @property
    def clock_warning(self) -> str:
        """What to say of a clock that is out of reach; empty where it is not."""
        asked, found = self.clock_mhz, self.prediction.fmax_mhz
        if asked <= found:
            return ""
        return (
            f"{asked:g} MHz are out of reach by estimate: about {found:.0f} MHz on {self.part}, for"
            f" the longest path in {self.prediction.slowest_path}; frames/s are told for those:"
            f" ask for clock_mhz={int(found)}"
        )

    @property
    def input(self) -> PortRecord:
        """The first, which mostly is the only one."""
        return self.inputs[0]

    @property
    def output(self) -> PortRecord:
        """The first, which mostly is the only one."""
        return self.outputs[0]
