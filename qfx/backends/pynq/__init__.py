"""The way onto a board: the core packaged as an IP, around it a block design for Vivado, and what
runs on the board: a driver for numpy and pynq, and a notebook that proves the core there.

Nothing here has been run by AMD's tools; `qfx build --dry-run` checks each command that they would
be given, see `qfx.synthesis.build`.
"""

from qfx.backends.pynq.write import write

__all__ = ["write"]
