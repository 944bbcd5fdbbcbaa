"""Contractions: the matrix-vector products of a linear layer or a convolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.multipliers import Multiplier, Multipliers, by_constant
from qfx.hardware.stage import Head, Language, LayoutError, Stage
from qfx.hardware.stages.depthwise import Depthwise, in_blocks
from qfx.hardware.stages.fifo import Fifo
from qfx.hardware.stages.operands import require_image
from qfx.hardware.stages.patches import patches
from qfx.hardware.stages.resize import filled, resized
from qfx.hardware.stages.subsample import subsample
from qfx.hardware.stages.weighted import Weighted
from qfx.hardware.stages.window import line_buffer
from qfx.hardware.stream import Order, Stream, divisors
from qfx.hardware.weights import Weights
from qfx.ir import Node
from qfx.ops import Conv2d, Matmul, Op

_FILLED = (3, 5, 6, 7)  # beats in which vectors are tried whose lanes do not divide them
_PIPELINE = 3  # buffer, operands, what products share of them; then products and their sums


@dataclass(frozen=True)
class Contract(Weighted):
    """Matrix-vector products: `pe` outputs at a time, `simd` inputs a cycle."""

    kind: ClassVar[str] = "contract"
    computes: ClassVar[tuple[type[Op], ...]] = (Conv2d, Matmul)  # the former behind a line buffer

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> ContractHead:
        if isinstance(node.op, Conv2d):
            return _convolution(node, node.op, orders[0], multipliers)
        assert isinstance(node.op, Matmul)
        operand, weight = node.inputs[0].type, node.op.weight
        if len(operand.shape) != 1:
            raise LayoutError(
                f"{node.output.name}: matmul over {operand.shape} needs Flatten before it"
            )
        weights = Weights(FixedPointArray(weight.integers[orders[0]][None], weight.dtype))
        return ContractHead(node, weights, 1, operand.shape[0], multipliers)

    @property
    def summed(self) -> int:
        return self.simd

    @property
    def buffer_style(self) -> Style:
        """Where the two vectors held go."""
        return memory_of(2 * self.steps, self.input.bits)

    @property
    def delay(self) -> int:
        seen = int(self.steps > 1 or self.folds > 2)  # a beat that was written, by what reads it
        return _PIPELINE + seen + (self.buffer_style == "block") + self.sum_latency

    @property
    def pace(self) -> int:
        return self.steps

    @property
    def lag(self) -> int:
        return self.steps * self.folds + self.delay  # it may come while another vector leaves

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        if language == "verilog":  # the next vector comes while it works on one
            return (given // self.folds * self.steps + 2 * self.steps,)
        return super().accepted(given, language)

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        if language == "verilog":
            return (-(-taken // self.steps) - 2) * self.folds
        return super()._freeing(read, taken, language)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return ((beat // self.folds + 1) * self.steps,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat // self.steps * self.folds

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the weights, the buffer of two vectors, products, their sum, accumulators,
        counters.
        """
        counters = self._counter_bits
        place = counter_bits(self.words) if self.buffer_style == "block" else 0
        sums = self.sums()
        logic = self.product_luts() + self.pe * sums.luts + 1.5 * counters * (not self.wired)
        registers = self.input.bits + self.product_registers() + self.pe * sums.flip_flops
        registers += counters + place + self.delay
        dsps = self.product_dsps(fabric)
        others = Resources(luts=int(logic), flip_flops=registers, dsps=dsps)
        return self.rom() + self._vectors(fabric) + others

    def _vectors(self, fabric: Fabric) -> Resources:
        """Estimate the buffer of the two vectors that it works on."""
        return memory.ram(2 * self.steps, self.input.bits, self.buffer_style, fabric)

    def block_rams(self, fabric: Fabric) -> Counter[str]:
        vectors = self._vectors(fabric).bram_18k
        return Counter({"vectors": vectors, self.holds: self.rom().bram_18k})

    @property
    def _counter_bits(self) -> int:
        """Of the registers that say where the contraction is."""

        def bits(count: int) -> int:
            return max(1, (count - 1).bit_length())

        turns = sum(bits(n) for n in (self.steps, self.folds, self.groups) if n > 1)
        rows = bits(self.groups * self.folds) if self.row_shifts.any() else 0
        addresses = 2 * bits(2 * self.steps) + (2 * self.steps).bit_length()
        return turns + addresses + bits(self.words) + rows


@dataclass(frozen=True)
class ContractHead(Head):
    """A matmul or a convolution to be folded.

    Args:
        node: whose op it is.
        weights: their inputs in the order they are streamed.
        vectors: per frame.
        simd_divides: what the number of input lanes must divide.
        multipliers: what is asked for.
    """

    weights: Weights
    vectors: int
    simd_divides: int
    multipliers: Multipliers

    @property
    def kinds(self) -> tuple[Multiplier, ...]:
        """What its products may be built of, the usual first."""
        bits = self.node.inputs[0].dtype.wordlength, self.weights.mantissa.dtype.wordlength
        return by_constant(self.multipliers, *bits)

    def _kinds(self, outputs: int) -> Iterator[Multiplier]:
        """Give what so many products of each operand may be built of."""
        return (kind for kind in self.kinds if kind != "dsp_pairs" or outputs % 2 == 0)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        entering, outputs = prod(self.node.inputs[0].type.shape), self.weights.whole.shape[2]
        for pe in divisors(outputs):
            for simd in divisors(self.simd_divides):
                yield from self._built_of(pe, simd, entering // simd)
            for simd in self._filling:
                yield from self._built_of(pe, simd, entering // self.reads(Folding(pe, simd)))
        for window in divisors(self.simd_divides) if self._taps > 1 else ():
            entering = patches(self.node, "", self.entering(window)[0]).cycles
            for pe in divisors(outputs):
                for simd in divisors(self._taps * window):
                    yield from self._built_of(pe, simd, entering, window)

    def _built_of(
        self, pe: int, simd: int, entering: int, window: int | None = None
    ) -> Iterator[tuple[Folding, int]]:
        """Give the foldings of so many lanes.

        Args:
            pe, simd, window: as for Folding.
            entering: cycles in which a frame comes, through a parallel line buffer if there is one.
        """
        weights, products = self._held(Folding(pe, simd)), self.width(Folding(pe, simd))
        cycles = max(self.vectors * weights // products, entering)
        for multiplier in self._kinds(products // simd):
            folding = Folding(pe, simd, multiplier, window=window)
            yield folding, cycles
            if weights > products:  # more than one word
                usual = self.memory(folding)
                other: Style = "block" if usual == "distributed" else "distributed"
                yield folding._replace(memory=other), cycles

    @cached_property
    def _taps(self) -> int:
        """Count those that can be read in parallel."""
        op = self.node.op
        if isinstance(op, Conv2d) and line_buffer(self.node, "", self.entering(1)[0], 1).reads:
            return prod(op.kernel)
        return 1

    def memory(self, folding: Folding) -> Style:
        by_terms = (folding.multiplier or self.kinds[0]) == "shift_add"
        products, weights = self.width(folding), self._held(folding)
        bits = products * self.weights.bits(by_terms)
        return folding.memory or memory_of(weights // products, bits)

    @property
    def elements(self) -> int:
        return self.vectors * prod(self.weights.whole.shape[:2])

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Weighted:
        return self._folded(reads, folding, self._arranged(folding))

    def _folded(self, reads: Sequence[Stream], folding: Folding, weights: Weights) -> Contract:
        output = self.node.output
        groups, _, outputs = self.weights.whole.shape
        elements = self.vectors * groups * outputs
        return Contract(
            name=output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, elements, folding.pe),
            weights=weights,
            vectors=self.vectors,
            multiplier=folding.multiplier or self.kinds[0],
            weight_style=folding.memory,
            window=folding.window,
        )

    def compared(self, folding: Folding) -> Stage:
        weights = self._arranged(folding) if self._fills(folding) else self.weights
        return self._folded(self.operands(), folding, weights)

    def reads(self, folding: Folding) -> int:
        if not self._fills(folding):
            return folding.reads
        _, inputs, outputs = self.weights.whole.shape
        cycles = -(-inputs // folding.simd) * (outputs // folding.pe)  # a vector
        return next(lanes for lanes in divisors(inputs) if inputs // lanes <= cycles)

    @cached_property
    def _filling(self) -> list[int]:
        """Lanes that do not divide a vector, as few as send it in few beats: in halves alone,
        twice as many would be next.
        """
        op, inputs = self.node.op, self.simd_divides
        if not isinstance(op, Conv2d) or not _is_pointwise(op):
            return []
        return sorted({n for n in (-(-inputs // beats) for beats in _FILLED) if inputs % n})

    def _fills(self, folding: Folding) -> bool:
        """Tell whether its vectors are filled up with zeros to whole beats."""
        return folding.window is None and folding.simd in self._filling

    def _held(self, folding: Folding) -> int:
        """Count the weights that the ROM holds, of inputs that are zeros too."""
        groups, inputs, outputs = self.weights.whole.shape
        if self._fills(folding):
            inputs += -inputs % folding.simd
        return groups * inputs * outputs

    def before(self, name: str, reads: Sequence[Stream], folding: Folding) -> tuple[Stage, ...]:
        found = self._line_buffer(name, reads, folding)
        if not self._fills(folding):
            return found
        stream = found[-1].output if found else reads[0]
        vectors = self.vectors * self.weights.whole.shape[0]
        return *found, filled(stream, vectors, folding.simd, name, self.node.source)

    def _line_buffer(
        self, name: str, reads: Sequence[Stream], folding: Folding
    ) -> tuple[Stage, ...]:
        """Put a line buffer before it; of single pixels of every row, what drops those that are not
        read. Where rows are left out, pixels come in one of several rows and are worked on for as
        long as all of these take: what waits is held by rows, in a line buffer too.
        """
        op = self.node.op
        if not isinstance(op, Conv2d) or (_is_pointwise(op) and op.stride == (1, 1)):
            return ()
        if _is_pointwise(op) and op.stride[0] == 1:
            shape = self.node.inputs[0].type.shape
            name = f"{name}_subsample"
            return (subsample(name, self.node.source, reads[0], shape, op.stride[1]),)
        name = f"{name}_window"
        if folding.window is None:
            return (line_buffer(self.node, name, reads[0], self._patches(folding)),)
        window = patches(self.node, name, reads[0])
        fewer = resized(window.output, folding.simd, name, window.source)
        columns = window.scan.length - window.out_size[1]  # of a row, at which no patch leaves
        if not fewer or not columns:
            return window, *fewer
        turns = window.output.lanes // folding.simd
        depth = 2 + -(-columns * window.pixel_beats // turns)  # so that fewer lanes go on meanwhile
        queued = replace(window.output, name=f"{name}_fifo_out")
        fifo = Fifo(f"{name}_fifo", window.source, window.output, queued, depth)
        return window, fifo, *resized(queued, folding.simd, name, window.source)

    def _arranged(self, folding: Folding) -> Weights:
        """Return the weights in the order in which what they multiply comes."""
        if not self._fills(folding):
            return self._weights(self._block(folding))
        inputs = self.weights.whole.shape[1]
        inputs += -inputs % folding.simd
        if -inputs not in self._in_blocks:
            self._in_blocks[-inputs] = self.weights.filled(inputs)
        return self._in_blocks[-inputs]

    def _weights(self, block: int) -> Weights:
        """Return the weights in the order in which a line buffer sends what they multiply, so many
        channels after so many; 0 where that is all of a group.
        """
        if block not in self._in_blocks:
            self._in_blocks[block] = self._blocks(block) if block else self.weights
        return self._in_blocks[block]

    @cached_property
    def _in_blocks(self) -> dict[int, Weights]:
        return {}

    def _block(self, folding: Folding) -> int:
        return folding.window or 0

    def _blocks(self, channels: int) -> Weights:
        """Return the weights of all taps of so many channels, then of the next."""
        inputs = np.arange(self.weights.whole.shape[1]).reshape(self._taps, -1, channels)
        return self.weights.reordered(inputs.transpose(1, 0, 2).reshape(-1))

    def _patches(self, folding: Folding) -> int:
        """Count the groups of channels in which a patch leaves the line buffer."""
        return self.weights.whole.shape[0]


@dataclass(frozen=True)
class DepthwiseHead(ContractHead):
    """A convolution of each channel for itself: where all outputs of a channel are computed at
    once, several channels can be; where they are not, a contraction reads each again.
    """

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        channels, _, outputs = self.weights.whole.shape
        entering = prod(self.node.inputs[0].type.shape)
        for pe in divisors(outputs)[:-1]:
            yield from self._built_of(pe, 1, entering)
        for block in divisors(channels):
            yield from self._built_of(block * outputs, block, entering // block)
        for window in divisors(channels) if self._taps > 1 else ():
            entering = patches(self.node, "", self.entering(window)[0]).cycles
            some = divisors(outputs)[:-1] if window == 1 else []
            for pe in (*some, window * outputs):
                for taps in divisors(self._taps):
                    yield from self._built_of(pe, taps * window, entering, window)

    @property
    def _filling(self) -> list[int]:
        return []

    def width(self, folding: Folding) -> int:
        return folding.simd * min(folding.pe, self.weights.whole.shape[2])

    def _block(self, folding: Folding) -> int:
        """Count the channels of a beat; 0 where a contraction reads each more than once."""
        return folding.pe // self.weights.whole.shape[2]

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Weighted:
        channels, whole = self._block(folding), super().fold(reads, folding)
        if not channels:
            return whole
        return Depthwise(
            name=whole.name,
            source=whole.source,
            input=whole.input,
            output=whole.output,
            weights=whole.weights,
            vectors=whole.vectors,
            multiplier=whole.multiplier,
            weight_style=whole.weight_style,
            window=whole.window,
            channels=channels,
        )

    def compared(self, folding: Folding) -> Stage:
        return self.fold(self.operands(), folding)

    def _blocks(self, channels: int) -> Weights:
        return in_blocks(self.weights, channels)

    def _patches(self, folding: Folding) -> int:
        return self.weights.whole.shape[0] // max(1, self._block(folding))


def _convolution(node: Node, op: Conv2d, order: Order, multipliers: Multipliers) -> ContractHead:
    require_image(node, order)
    outputs, per_group = op.weight.shape[:2]
    taps = op.weight.integers.reshape(op.groups, outputs // op.groups, per_group, *op.kernel)
    rows = taps.transpose(0, 3, 4, 2, 1).reshape(op.groups, -1, outputs // op.groups)
    _, height, width = node.output.type.shape
    weights = Weights(FixedPointArray(rows, op.weight.dtype))
    head = DepthwiseHead if per_group == 1 < op.groups else ContractHead
    return head(node, weights, height * width, per_group, multipliers)


def _is_pointwise(op: Conv2d) -> bool:
    """Tell whether it reads single pixels once, in order, group by group."""
    return (op.kernel, op.padding) == ((1, 1), (0, 0))
