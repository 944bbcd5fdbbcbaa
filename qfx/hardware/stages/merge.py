"""Sums, differences, products and extremes of two streams, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from qfx.boards import Resources
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import (
    dsp_slices,
    lut_product,
    product_latency,
    product_registers,
    shared_multiples,
)
from qfx.hardware.multipliers import Multiplier, Multipliers, of_streams
from qfx.hardware.paths import Path
from qfx.hardware.stage import LayoutError
from qfx.hardware.stages.join import Join, JoinHead
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node
from qfx.ops import Add, Maximum, Minimum, Multiply, Op, Subtract

Operation = Literal["add", "subtract", "maximum", "minimum", "multiply"]
_OPERATIONS: dict[type[Op], Operation] = {
    Add: "add",
    Subtract: "subtract",
    Maximum: "maximum",
    Minimum: "minimum",
    Multiply: "multiply",
}


@dataclass(frozen=True)
class Merge(Join):
    """Two streams of one shape, element by element.

    Args:
        operation: what becomes of two elements.
        multiplier: what a product is asked to be built of; None where there is none.
    """

    kind: ClassVar[str] = "merge"
    computes: ClassVar[tuple[type[Op], ...]] = tuple(_OPERATIONS)
    operation: Operation
    multiplier: Multiplier | None

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> MergeHead:
        if (orders[0] != orders[1]).any():
            raise LayoutError(
                f"{node.output.name}: its two operands {node.output.type.shape} come in different"
                " orders, one of them reshaped or permuted: reshape or permute both alike, or"
                " neither"
            )
        if isinstance(node.op, Multiply) and multipliers == "none":
            raise LayoutError(
                f"{node.output.name}: a product of two streams takes a multiplier: ask for"
                " multipliers='lut', which takes no DSP slice either"
            )
        return MergeHead(node, multipliers)

    @classmethod
    def order(cls, node: Node, orders: list[Order]) -> Order:
        return orders[0]

    @property
    def folding(self) -> Folding:
        return Folding(self.output.lanes, self.input.lanes, self.multiplier)

    @property
    def chosen(self) -> dict[str, int | str]:
        return {"multiplier": self.multiplier} if self.multiplier else {}

    @property
    def delay(self) -> int:
        if self.multiplier is None:
            return 1
        return 1 + product_latency(self.multiplier, self.second.dtype.wordlength)

    @property
    def paths(self) -> tuple[Path, ...]:
        if self.operation != "multiply":  # an extreme is chosen behind a comparison
            levels = 0 if self.operation in ("add", "subtract") else 1
            return (Path(levels=levels, chains=1, carries=self.output.dtype.wordlength),)
        if self.multiplier == "dsp":
            return (Path(products=1),)
        rows = max(stream.dtype.wordlength for stream in self.inputs).bit_length()
        return (Path(levels=1, chains=rows, carries=rows * self.output.dtype.wordlength),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        lanes, registers = self.output.lanes, self.output.bits + 1
        left, right = (stream.dtype for stream in self.inputs)
        if self.operation in ("add", "subtract"):
            wider = max(left.wordlength, right.wordlength)
            return Resources(luts=lanes * wider + 4, flip_flops=registers)
        if self.operation != "multiply":  # the comparison takes two bits a LUT
            compared = (max(left.wordlength, right.wordlength) + 2) // 2
            chosen = self.output.dtype.wordlength
            return Resources(luts=lanes * (compared + chosen) + 4, flip_flops=registers)
        valids = 1 + product_latency(self.multiplier or "lut", right.wordlength)
        if self.multiplier == "lut":
            shared = shared_multiples(left.wordlength, right.wordlength, left.signed)
            luts = lanes * (lut_product(left.wordlength, right.wordlength) + shared.luts)
            each = product_registers(left.wordlength, right.wordlength) + shared.flip_flops
            return Resources(luts=luts + 4, flip_flops=lanes * (each + right.wordlength) + valids)
        a, b = (dtype.wordlength + (not dtype.signed) for dtype in (left, right))
        operands = sum(dtype.wordlength for dtype in (left, right))
        dsps = lanes * dsp_slices(a, b, fabric)
        return Resources(luts=4, flip_flops=lanes * operands + valids, dsps=dsps)


@dataclass(frozen=True)
class MergeHead(JoinHead):
    """What becomes of two streams.

    Args:
        node: whose op it is.
        multipliers: what is asked for; "none" cannot be, for a product.
    """

    multipliers: Multipliers

    @property
    def common(self) -> int:
        shape = self.node.output.type.shape
        return shape[0] if shape else 1

    @property
    def multiplier(self) -> Multiplier | None:
        if not isinstance(self.node.op, Multiply):
            return None
        left, right = (value.dtype.wordlength for value in self.node.inputs)
        return of_streams(self.multipliers, left, right)

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Merge:
        first, second = (replace(stream, lanes=folding.simd) for stream in reads)
        multiplier = self.multiplier
        return Merge(
            name=self.node.output.name,
            source=self.node.source,
            input=first,
            output=self.result(folding.pe),
            second=second,
            operation=_OPERATIONS[type(self.node.op)],
            multiplier=multiplier and (folding.multiplier or multiplier),
        )
