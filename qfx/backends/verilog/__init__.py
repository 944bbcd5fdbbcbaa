"""SystemVerilog of a Design: the library's stages, and generated around them the top, the maps and
the ROMs.
"""

from qfx.backends.verilog.modules import modules
from qfx.backends.verilog.write import (
    HARNESS,
    hold_quiet,
    hold_turns,
    patience_cycles,
    vector_files,
    visitors,
    write,
)

__all__ = [
    "HARNESS",
    "hold_quiet",
    "hold_turns",
    "modules",
    "patience_cycles",
    "vector_files",
    "visitors",
    "write",
]
