"""The families of AMD's parts that Yosys builds for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qfx.project import Project
from qfx.synthesis.measured import SynthesisError


@dataclass(frozen=True)
class Family:
    """A family of parts as Yosys knows it.

    Args:
        name: of synth_xilinx's option.
        parts: a pattern of the parts' names.
        dsp: the cell of a DSP slice.
        multiplier: its widest product, as synth_xilinx gives it to mul2dsp.v.
    """

    name: str
    parts: str
    dsp: str
    multiplier: tuple[int, int]

    @property
    def product_map(self) -> str:
        """The techmap that puts one product of any size into as few DSP slices as it needs."""
        a, b = self.multiplier
        widths = f"-D DSP_A_MAXWIDTH={a} -D DSP_B_MAXWIDTH={b} -D DSP_A_MAXWIDTH_PARTIAL={b}"
        cells = "xc7" if self.name == "xc7" else "xcu"
        return (
            f"techmap -map +/mul2dsp.v -map +/xilinx/{cells}_dsp_map.v {widths}"
            f" -D DSP_SIGNEDONLY=1 -D DSP_NAME=$__MUL{a}X{b}"
        )


FAMILIES = (
    Family("xc7", r"xc7", "DSP48E1", (25, 18)),
    Family("xcup", r"xczu|xck26|xc[akv]u\d+p", "DSP48E2", (27, 18)),
    Family("xcu", r"xc[kv]u\d+", "DSP48E2", (27, 18)),
)


def family_of(project: Project) -> Family:
    """Return the family of the project's part.

    Raises:
        SynthesisError: Yosys has none.
    """
    part = project.manifest.part
    for family in FAMILIES:
        if re.match(family.parts, part):
            return family
    raise SynthesisError(
        f"Yosys cannot build for the part {part!r}: qfx synth measures on AMD's 7 series,"
        " UltraScale and UltraScale+, so export for a board with such a part"
    )
