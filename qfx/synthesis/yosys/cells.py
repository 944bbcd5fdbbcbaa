"""What each cell of a netlist for AMD's parts counts as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qfx.boards import Resources

_LOGIC = {f"LUT{inputs}": 1 for inputs in range(1, 7)}  # inverters are absorbed by the next one
# LUTs of a distributed RAM (UG574 and UG474, "Distributed RAM Configuration").
_MEMORY = {
    "RAM32X1S": 1, "RAM32X1D": 2, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4, "RAM512X1S": 8,
    "RAM64X1D": 2, "RAM128X1D": 4, "RAM256X1D": 8,
    "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM64X8SW": 8, "RAM32X16DR8": 8,
}  # fmt: skip
_SHIFT = {"SRL16E": 1, "SRLC32E": 1}
_FLIP_FLOPS = {"FDRE": 1, "FDSE": 1, "FDCE": 1, "FDPE": 1}
_DSPS = {"DSP48E1": 1, "DSP48E2": 1}
_BRAM_18K = {"RAMB18E1": 1, "RAMB18E2": 1, "RAMB36E1": 2, "RAMB36E2": 2}
_BESIDE = {"BUFG", "CARRY4", "CARRY8", "GND", "INV", "MUXF7", "MUXF8", "MUXF9", "VCC"}  # no LUTs
_COUNTED = (_LOGIC, _MEMORY, _SHIFT, _FLIP_FLOPS, _DSPS, _BRAM_18K)


@dataclass(frozen=True)
class Cells:
    """A netlist, counted.

    Args:
        logic_luts: LUT1 to LUT6.
        memory_luts: LUTs used as distributed RAM.
        shift_luts: LUTs used as shift registers.
        flip_flops: FDRE and its kin.
        dsps: DSP48 slices.
        bram_18k: half block RAMs; a RAMB36 is two.
    """

    logic_luts: int
    memory_luts: int
    shift_luts: int
    flip_flops: int
    dsps: int
    bram_18k: int

    @classmethod
    def of(cls, by_type: Mapping[str, int]) -> Cells:
        """Count cells by their types; `unknown` says which of them are left out."""
        return cls(
            *(sum(each * by_type.get(name, 0) for name, each in kind.items()) for kind in _COUNTED)
        )

    @property
    def resources(self) -> Resources:
        """As Vivado's utilization report adds them: every LUT, whatever it is used as."""
        return Resources(
            luts=self.logic_luts + self.memory_luts + self.shift_luts,
            flip_flops=self.flip_flops,
            dsps=self.dsps,
            bram_18k=self.bram_18k,
        )


def unknown(by_type: Mapping[str, int]) -> list[str]:
    """Return the types that are neither counted nor known to take none of what is."""
    return sorted(by_type.keys() - _BESIDE - {name for kind in _COUNTED for name in kind})
