"""SystemVerilog of a Design: the library's stages, and generated around them the top, the maps and
the ROMs.
"""

from qfx.backends.verilog.modules import modules
from qfx.backends.verilog.write import write

__all__ = ["modules", "write"]
