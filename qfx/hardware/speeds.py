"""How fast families of parts are beside each other: a row each, with its source.

Longest paths are estimated for a Lattice ECP5, on which open tools route designs. Another family's
clock is that, scaled by one and the same thing in both: a product in a DSP slice between two
registers, without one inside. It is a multiplier, no LUT and no wire, and stands for these too: so
a clock for another family than the ECP5 is scaled, not measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Speed:
    """A family's speed.

    Args:
        family: for people.
        parts: a pattern of the beginning of its parts' names.
        product_mhz: of a product between two registers, by speed grade, the slowest first.
        source: of these.
    """

    family: str
    parts: str
    product_mhz: Mapping[str, float]
    source: str


ECP5 = Speed(
    "ECP5",
    "LFE5",
    {"6": 225},
    "0.525 ns from clock to Q and 3.927 ns through a MULT18X18D, by nextpnr 0.11.1",
)
SPEEDS = (
    ECP5,
    Speed(
        "7 series",
        "xc7",
        {"1": 221},
        "0.478 ns from clock to Q and 4.036 ns through a DSP48E1, as Vivado's timing reports have"
        " them at speed grade -1",
    ),
    Speed(
        "UltraScale+",
        r"xczu|xc[akv]u\d+p|xck2[46]",
        {"1LV": 413, "2LV": 440, "1": 456, "2": 544, "3": 635},
        "DS925, DSP48 slice, FMAX_MULT_NOMREG: two register multiply without MREG",
    ),
    Speed("another", "", {"1": 221}, "not looked up: that of the 7 series"),
)


def speed_of(part: str) -> Speed:
    """Return the family of a part."""
    return next(speed for speed in SPEEDS if re.match(speed.parts, part))


def factor_of(part: str) -> float:
    """Return how many times as fast as an ECP5 of speed grade 6 a part is; of a speed grade that is
    not known, as the slowest.
    """
    known = speed_of(part).product_mhz
    grade = re.search(r"-(\d(?:LV)?)\w*(?:-\w)?$", part)
    slowest = next(iter(known.values()))
    return known.get(grade[1] if grade else "", slowest) / ECP5.product_mhz["6"]
