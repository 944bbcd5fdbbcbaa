"""What a family of parts is made of, as far as estimates tell families apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fabric:
    """A family of parts.

    Args:
        dsp_bits: the wider operand of a DSP slice, signed; the other one has 18.
        rams: words and bits of the distributed RAMs that are written and read at once.
        ram_luts: that each of them takes.
    """

    dsp_bits: int
    rams: tuple[tuple[int, int], tuple[int, int]]
    ram_luts: int


SEVEN_SERIES = Fabric(25, ((32, 6), (64, 3)), 4)  # DSP48E1 (UG479), RAM32M and RAM64M (UG474)
ULTRASCALE = Fabric(27, ((32, 14), (64, 7)), 8)  # DSP48E2 (UG579), RAM32M16 and RAM64M8 (UG574)


def fabric_of(part: str) -> Fabric:
    """Return the family of an AMD part; UltraScale for what is none of the 7 series."""
    return SEVEN_SERIES if part.startswith("xc7") else ULTRASCALE
