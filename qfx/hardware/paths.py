"""Paths between registers, told by what they lead through, and how long they take on an ECP5.

A stage tells its longest ones (`Stage.paths`). The times of cells are nextpnr's for a speed grade
of 6; how long wires are was fitted to stages that it routed: benchmarks/clock_fit.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

# In ns, of an LFE5U-85F of speed grade 6, by nextpnr 0.11.1.
_START = 0.52  # from a flip-flop's clock to its output
_LEVEL = 0.24  # through a LUT
_PRODUCT = 3.93 + 0.5  # through a MULT18X18D without registers, and the way to its column
_BLOCK = 5.61 - _START + 0.7  # by so much later a block RAM without a register at its output is
_CARRY = 0.05  # of a bit of a chain
_CHAIN = 0.7  # into a chain and out of it
# Fitted.
_WIRE = 0.83
_SPREAD = 0.024


@dataclass(frozen=True)
class Path:
    """From one register to the next.

    Args:
        levels: LUTs, one behind the other; a fraction is a mean.
        carries: bits of the chains of carries on the way, one behind the other.
        chains: so many of those.
        products: in DSP slices.
        from_block: whether it begins at a block RAM.
    """

    levels: float = 0
    carries: float = 0
    chains: float = 0
    products: int = 0
    from_block: bool = False

    def then(self, other: Path) -> Path:
        """Return the way through this and the other, without a register between."""
        return Path(
            levels=self.levels + other.levels,
            carries=self.carries + other.carries,
            chains=self.chains + other.chains,
            products=self.products + other.products,
            from_block=self.from_block,
        )

    def ns(self, cells: int, wire: float = _WIRE, spread: float = _SPREAD) -> float:
        """Return how long it takes in a stage of so many LUTs and flip-flops.

        Args:
            cells: of the stage.
            wire: mean ns of a wire in a stage of 64 cells.
            spread: by how much of that it gets longer with each doubling of the cells.
        """
        wires = 1 + self.levels + self.chains + self.products
        logic = _START + _LEVEL * self.levels + _PRODUCT * self.products
        logic += _BLOCK * self.from_block + _CHAIN * self.chains + _CARRY * self.carries
        return logic + wires * wire * (1 + spread * max(0.0, log2(max(1, cells) / 64)))
