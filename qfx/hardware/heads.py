"""The heads of a design's sections: what is folded, in which ways, and the stages it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from qfx.hardware.folding import Folding
from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multiplier, Multipliers, by_constant
from qfx.hardware.stages import Argmax, Contract, Pool, Window
from qfx.hardware.stream import Stream, divisors
from qfx.hardware.weights import Weights
from qfx.ir import Node
from qfx.ops import Conv2d, MaxPool2d


@dataclass(frozen=True)
class Contraction:
    """A matmul or a convolution to be folded.

    Args:
        node: whose op it is.
        weights: their inputs in the order they are streamed.
        vectors: per frame.
        simd_divides: what the number of input lanes must divide.
        multipliers: what is asked for.
    """

    node: Node
    weights: Weights
    vectors: int
    simd_divides: int
    multipliers: Multipliers

    @property
    def kinds(self) -> tuple[Multiplier, ...]:
        """What its products may be built of, the usual first."""
        bits = self.node.inputs[0].dtype.wordlength, self.weights.mantissa.dtype.wordlength
        return by_constant(self.multipliers, *bits)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes, its line buffer's input included."""
        groups, inputs, outputs = self.weights.whole.shape
        entering = prod(self.node.inputs[0].type.shape)
        for pe in divisors(outputs):
            for simd in divisors(self.simd_divides):
                products = self.vectors * groups * (outputs // pe) * (inputs // simd)
                cycles = max(products, entering // simd)
                for multiplier in self.kinds:
                    yield Folding(pe, simd, multiplier), cycles
                    if groups * outputs * inputs > pe * simd:  # more than one word
                        usual = self.memory(Folding(pe, simd, multiplier))
                        other: Style = "block" if usual == "distributed" else "distributed"
                        yield Folding(pe, simd, multiplier, other), cycles

    def memory(self, folding: Folding) -> Style:
        """Where the weights go."""
        reads = Stream("", self.node.inputs[0].dtype, self.elements, 1)
        return self.fold(reads, folding).weight_memory

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.vectors * prod(self.weights.whole.shape[:2])

    def fold(self, reads: Stream, folding: Folding) -> Contract:
        """The stage so folded, reading the elements of `reads`."""
        output = self.node.output
        groups, _, outputs = self.weights.whole.shape
        elements = self.vectors * groups * outputs
        return Contract(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, elements, folding.pe),
            weights=self.weights,
            vectors=self.vectors,
            multiplier=folding.multiplier or self.kinds[0],
            weight_style=folding.memory,
        )

    def window(self, reads: Stream, name: str) -> Window | None:
        """The line buffer before it; None where single pixels are read once, in order."""
        op = self.node.op
        if not isinstance(op, Conv2d) or _is_pointwise(op):
            return None
        return _window(self.node, op, reads, name, op.groups)


@dataclass(frozen=True)
class Pooling:
    """A pooling; what is to be chosen is its number of lanes, the same in and out.

    Args:
        node: whose op it is.
    """

    node: Node

    @property
    def op(self) -> MaxPool2d:
        assert isinstance(self.node.op, MaxPool2d)
        return self.node.op

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return prod(self.node.output.type.shape) * prod(self.op.kernel)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes, its line buffer's input included."""
        beats = max(self.elements, prod(self.node.inputs[0].type.shape))
        for lanes in divisors(self.node.output.type.shape[0]):
            yield Folding(lanes, lanes), beats // lanes

    def fold(self, reads: Stream, folding: Folding) -> Pool:
        """The stage so folded, reading the elements of `reads`."""
        output = self.node.output
        return Pool(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), folding.pe),
            taps=prod(self.op.kernel),
        )

    def window(self, reads: Stream, name: str) -> Window:
        """The line buffer before it: all taps of the first lanes, then of the next."""
        channels = self.node.output.type.shape[0]
        return _window(self.node, self.op, reads, name, channels // reads.lanes)


@dataclass(frozen=True)
class Selection:
    """An argmax; what is to be chosen is how many elements it takes a cycle.

    Args:
        node: whose op it is.
    """

    node: Node

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.node.inputs[0].type.shape[0]

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes."""
        for lanes in divisors(self.elements):
            yield Folding(1, lanes), self.elements // lanes

    def fold(self, reads: Stream, folding: Folding) -> Argmax:
        """The stage so folded, reading the elements of `reads`."""
        output = self.node.output
        return Argmax(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, 1, folding.pe),
        )

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""


def _window(node: Node, op: Conv2d | MaxPool2d, reads: Stream, name: str, groups: int) -> Window:
    channels, height, width = node.inputs[0].type.shape
    _, out_height, out_width = node.output.type.shape
    elements = out_height * out_width * prod(op.kernel) * channels
    return Window(
        name=name,
        source=node.source,
        input=reads,
        output=replace(reads, name=f"{name}_out", elements=elements),
        shape=(channels, height, width),
        out_size=(out_height, out_width),
        kernel=op.kernel,
        stride=op.stride,
        padding=op.padding,
        groups=groups,
        dilation=op.dilation if isinstance(op, Conv2d) else (1, 1),
    )


def _is_pointwise(op: Conv2d) -> bool:
    return (op.kernel, op.stride, op.padding, op.groups) == ((1, 1), (1, 1), (0, 0), 1)
