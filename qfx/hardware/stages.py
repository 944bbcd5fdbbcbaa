"""The stages a design is made of, each one hardware module, and the table of which op is computed
by which.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware.branch_stages import Concatenate, Fork, Merge
from qfx.hardware.image_stages import Repeat, Window
from qfx.hardware.map_stage import Map, Step
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.multipliers import Multiplier
from qfx.hardware.shift_add import Terms
from qfx.hardware.stage import Stage
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.hardware.weights import Weights
from qfx.ops import (
    Add,
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Concat,
    Conv2d,
    DivideConstant,
    Embedding,
    Lookup,
    Matmul,
    MaxPool2d,
    Multiply,
    MultiplyConstant,
    Op,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Transpose,
    Upsample,
)

__all__ = [
    "STAGES",
    "STAGE_OF",
    "Argmax",
    "Concatenate",
    "Contract",
    "Embed",
    "Fifo",
    "Fork",
    "Map",
    "Merge",
    "Pool",
    "Repeat",
    "Resize",
    "SoftmaxStage",
    "Stage",
    "Step",
    "Window",
]


@dataclass(frozen=True)
class Contract(Stage):
    """Matrix-vector products: `pe` outputs at a time, `simd` inputs a cycle.

    Args:
        weights: of one vector's groups, in the order of the streams.
        vectors: per frame; each is one vector of inputs for each group.
        multiplier: what the products are asked to be built of.
        weight_style: where the weights are asked to go; None as `memory_of` says.
    """

    kind: ClassVar[str] = "contract"
    weights: Weights
    vectors: int
    multiplier: Multiplier
    weight_style: Style | None = None

    @property
    def row_shifts(self) -> Integers:
        """(groups, outputs), as for Weights."""
        return self.weights.row_shifts

    @property
    def mantissa(self) -> FixedPointArray:
        """(groups, inputs, outputs), as for Weights."""
        return self.weights.mantissa

    @property
    def terms(self) -> Terms:
        """Of the mantissas, as for Weights: what the products are built of under "shift_add"."""
        return self.weights.terms

    @property
    def weight_bits(self) -> int:
        """Of one weight in the ROM."""
        by_terms = self.multiplier == "shift_add"
        return self.terms.word_bits if by_terms else self.mantissa.dtype.wordlength

    @property
    def pe(self) -> int:
        return self.output.lanes

    @property
    def simd(self) -> int:
        return self.input.lanes

    @property
    def groups(self) -> int:
        return self.mantissa.shape[0]

    @property
    def steps(self) -> int:
        """Beats of one vector of one group."""
        return self.mantissa.shape[1] // self.simd

    @property
    def folds(self) -> int:
        """How often it is read: once for every `pe` outputs."""
        return self.mantissa.shape[2] // self.pe

    @property
    def words(self) -> int:
        """Of the weight ROM."""
        return self.groups * self.folds * self.steps

    @property
    def weight_memory(self) -> Style:
        """Where the weights go."""
        return self.weight_style or memory_of(self.words, self.pe * self.simd * self.weight_bits)

    @property
    def varying_bits(self) -> int:
        """Of a word of the weight ROM, those that are not the same in all."""
        return self.weights.varying_bits(self.pe, self.simd, self.multiplier == "shift_add")

    @property
    def buffer_style(self) -> Style:
        """Where the two vectors held go; products of shifts read them without a register."""
        if self.multiplier == "shift_add":
            return "distributed"
        return memory_of(2 * self.steps, self.input.bits)

    @property
    def cycles(self) -> int:
        return self.vectors * self.words

    @property
    def latency_cycles(self) -> int:
        return self.steps + 5  # buffer, operands, products, sum, accumulator


@dataclass(frozen=True)
class Pool(Stage):
    """The largest of the beats of each patch, lane by lane.

    Args:
        taps: beats a patch has for each lane.
    """

    kind: ClassVar[str] = "pool"
    taps: int


@dataclass(frozen=True)
class Argmax(Stage):
    """The place of a frame's largest element."""

    kind: ClassVar[str] = "argmax"


@dataclass(frozen=True)
class Resize(Stage):
    """Another number of lanes for the same elements."""

    kind: ClassVar[str] = "resize"

    @property
    def last_push(self) -> int:
        """Elements the last beat of a frame adds: what is left of it, and what fills the last
        output beat.
        """
        return self.output.beats * self.output.lanes - (self.input.beats - 1) * self.input.lanes

    @property
    def limit(self) -> int:
        """Elements held up to which a beat is taken: enough that the busier side never waits.

        Narrow beats may leave two output beats behind, as they fill the frame's last one: were none
        taken then, too few were held when those have left.
        """
        ins, outs = self.input.lanes, self.output.lanes
        if self.input.beats == 1 or outs % ins == 0:
            return outs
        return 2 * outs if ins < outs else 2 * outs - self.grain

    @property
    def grain(self) -> int:
        """Elements that always move together."""
        return gcd(self.input.lanes, self.output.lanes, self.last_push)

    @property
    def latency_cycles(self) -> int:
        return -(-self.output.lanes // self.input.lanes)


@dataclass(frozen=True)
class Fifo(Stage):
    """A queue; it also ends every combinational path from ready to ready.

    Args:
        depth: beats it holds.
    """

    kind: ClassVar[str] = "fifo"
    depth: int


STAGES: tuple[type[Stage], ...] = (
    Argmax,
    Concatenate,
    Contract,
    Embed,
    Fifo,
    Fork,
    Map,
    Merge,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Window,
)

# Which stage computes an op; None: it is wiring, an order of the stream's elements that later
# weights follow.
STAGE_OF: dict[type[Op], type[Stage] | None] = {
    Add: Merge,
    AddConstant: Map,
    ArgMax: Argmax,
    Cast: Map,
    Clip: Map,
    Concat: Concatenate,
    Conv2d: Contract,  # behind a Window
    DivideConstant: Map,
    Embedding: Embed,
    Lookup: Map,
    Matmul: Contract,
    MaxPool2d: Pool,  # behind a Window
    Multiply: Merge,
    MultiplyConstant: Map,
    PRelu: Map,
    Pad: Window,  # of one pixel
    Relu: Map,
    Reshape: None,
    Softmax: SoftmaxStage,
    Sqrt: Map,
    Transpose: None,
    Upsample: Repeat,
}
