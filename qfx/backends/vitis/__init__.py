"""Vitis HLS C++ of a Design: the library's stages, and generated around them the top, the maps and
the weights.
"""

from qfx.backends.vitis.registers import kernel_registers
from qfx.backends.vitis.stages import SPELLED
from qfx.backends.vitis.write import VitisError, ap_types, sources, write

__all__ = ["SPELLED", "VitisError", "ap_types", "kernel_registers", "sources", "write"]
