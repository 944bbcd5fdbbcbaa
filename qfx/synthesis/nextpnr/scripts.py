"""What Yosys is told: a netlist of a family's cells, its products where the design wants them."""

from __future__ import annotations

from collections.abc import Iterable

from qfx.synthesis.nextpnr.family import Family
from qfx.synthesis.yosys import scripts

NETLIST, COUNTS = "netlist.json", "stat.json"
STAGE = ("read_rtlil stage.il",)  # reads what `scripts.split` wrote


def netlist(family: Family, top: str, read: Iterable[str] = STAGE) -> str:
    """Build a netlist and count it: netlist.json, stat.json.

    Args:
        family: of parts.
        top: the module.
        read: reads it.
    """
    return "\n".join(
        (
            f"log -stderr {scripts.STEP}optimizing",
            *read,
            "flatten",
            "opt -nodffe -nosdff",
            "wreduce",
            "peepopt",
            "opt_clean",
            "select -set products t:$mul a:qfx_in_luts %d",
            *(f"{line} @products" for line in family.products),
            "chtype -set $mul t:$__soft_mul",  # of no use in a DSP slice
            f"log -stderr {scripts.STEP}mapping",
            f"{family.synth} -nodsp -top {top}",
            f"tee -q -o {COUNTS} stat -json",
            f"write_json {NETLIST}",
            "",
        )
    )
