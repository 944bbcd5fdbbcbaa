"""python -m qfx: the command line."""

from qfx.cli import main

main()
