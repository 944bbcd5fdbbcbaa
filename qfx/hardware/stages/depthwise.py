"""Depthwise convolutions: each channel for itself, several channels and several taps a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.formulas import counter_bits
from qfx.hardware.stage import Language
from qfx.hardware.stages.weighted import Weighted
from qfx.hardware.stream import Stream
from qfx.hardware.weights import Weights


@dataclass(frozen=True)
class Depthwise(Weighted):
    """Sums of products of each channel for itself; nothing is held, since nothing is read twice.

    A group of its weights is a block of channels, all taps of which come before those of the next
    block: in a beat of the input all channels of a tap stand before those of the next, in one of
    the output all results of a channel. Each output lane has weights of its own for the operands of
    its channel: of a group, the inputs are the taps, and the outputs those of all its channels.

    Args:
        channels: of a block, and so of a beat.
    """

    kind: ClassVar[str] = "depthwise"
    channels: int = 1

    @property
    def summed(self) -> int:
        return self.simd // self.channels

    @property
    def delay(self) -> int:
        return self.rom_latency + self.sum_latency  # the operand comes as the address does

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return ((beat + 1) * self.steps,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat // self.steps

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the weights, products, the sums of a beat's and of the beats', counters; and the
        registers of the pipeline.
        """
        turns = sum(counter_bits(n) for n in (self.steps, self.words))
        rows = counter_bits(self.groups) if self.row_shifts.any() else 0
        sums = self.sums()
        registers = self.product_registers() + self.pe * sums.flip_flops + turns + rows
        registers += self.input.bits * (self.rom_latency > 1) + self.delay * (1 + (self.steps > 1))
        logic = self.product_luts() + self.pe * sums.luts + 1.5 * (turns + rows) + 3
        others = Resources(luts=int(logic), flip_flops=registers, dsps=self.product_dsps(fabric))
        return self.rom() + others


def in_blocks(weights: Weights, channels: int) -> Weights:
    """Return the weights of a depthwise convolution, so many channels a group.

    Args:
        weights: (channels, taps, outputs of each channel).
        channels: of a block.

    Returns:
        Weights: (blocks, taps, outputs of all channels of a block).
    """
    groups, taps, outputs = weights.whole.shape
    blocks = weights.whole.integers.reshape(groups // channels, channels, taps, outputs)
    together = blocks.transpose(0, 2, 1, 3).reshape(groups // channels, taps, -1)
    return Weights(FixedPointArray(np.ascontiguousarray(together), weights.whole.dtype))
