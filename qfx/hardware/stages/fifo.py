"""A queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from typing_extensions import Self

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.formulas import counter_bits
from qfx.hardware.paths import Path
from qfx.hardware.stage import Language, Stage
from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class Fifo(Stage):
    """A queue; it also ends every combinational path from ready to ready.

    Args:
        depth: beats it holds.
    """

    kind: ClassVar[str] = "fifo"
    holds: ClassVar[str] = "queues"
    carries: ClassVar[bool] = True
    depth: int

    @property
    def chosen(self) -> dict[str, int | str]:
        return {"depth": self.depth}

    @property
    def queue_depth(self) -> int:
        return self.depth

    def with_depth(self, depth: int) -> Self:
        return replace(self, depth=depth)

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        return (given + self.depth,)

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        return taken - self.depth

    @property
    def paths(self) -> tuple[Path, ...]:
        if memory.memory_of(self.depth, self.input.bits) == "block":
            return (Path(levels=1, from_block=True),)
        return (Path(levels=1 if self.depth <= 16 else 2),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        bits, address = self.input.bits, counter_bits(self.depth)
        if self.depth == 2:  # of registers
            return Resources(luts=bits + 7, flip_flops=2 * bits + 4)
        in_blocks = memory.memory_of(self.depth, bits) == "block"
        passed = bits if in_blocks else 0  # what goes past the block RAM
        counters = (2 if in_blocks else 3) * address + self.depth.bit_length() + 2 + 2 * in_blocks
        others = Resources(luts=5 * address + 3 + passed, flip_flops=counters + 2 * passed)
        return memory.ram(self.depth, bits, None, fabric) + others
